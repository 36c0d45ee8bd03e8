import type { AllMiddlewareArgs, SlackActionMiddlewareArgs } from '@slack/bolt';
import {
  type DecisionVerb,
  readDecisionAction,
  readDecisionBlockId,
  readDecisionValue,
} from '../decision-id.ts';
import { askerOf, cardTsOf, deliveryOf } from '../delivery.ts';
import { decisionWords } from '../messages/receipt.ts';
import type { ListenerOptions } from './command.ts';

type Arguments = Pick<SlackActionMiddlewareArgs, 'ack' | 'body' | 'payload'> &
  Pick<AllMiddlewareArgs, 'next'>;

/**
 * A click on a card: acknowledged at once, then decided. Whoever clicked is told why when it was not taken; when
 * it was, the card shows it. Buttons this version does not know are answered, too.
 */
export function decisionListener({
  operations,
  tell,
}: Pick<ListenerOptions, 'operations' | 'tell'>): (args: Arguments) => Promise<void> {
  return async ({ ack, body, payload }) => {
    await ack().catch(() => undefined);
    const delivery = deliveryOf(body);
    const asker = askerOf(delivery);
    if (asker === undefined) throw new Error('The door let a click without a person in.');
    const clicked = clickOf(payload);
    if (clicked === undefined) {
      await tell(delivery, unknownButton);
      return;
    }
    const { verb, changeId, digestPrefix, forMs } = clicked;
    const cardTs = cardTsOf(body);
    const reply = await operations.decide(
      {
        verb,
        changeId,
        ...(verb === 'approve' ? { digestPrefix } : {}),
        ...(forMs === undefined ? {} : { forMs }),
        ...(cardTs === undefined ? {} : { cardTs }),
      },
      asker,
    );
    if (reply.kind === 'refused') await tell(delivery, decisionWords(reply, verb));
  };
}

/** Said of a button that this version did not make. */
export const unknownButton =
  '⊘ Nothing was changed. This button is not one of this version of the bot; look for a newer card, or type the command.';

interface Click {
  readonly verb: DecisionVerb;
  readonly changeId: string;
  readonly digestPrefix: string;
  readonly forMs?: number;
}

/** What was clicked. The value and the block must name the same change. */
function clickOf(action: object): Click | undefined {
  const text = (key: string): string => String(Reflect.get(action, key) ?? '');
  const verb = readDecisionAction(text('action_id'));
  const block = readDecisionBlockId(text('block_id'));
  if (text('type') !== 'button' || verb === undefined || block === undefined) return undefined;
  const value = readDecisionValue(verb, text('value'));
  if (value?.changeId !== block.changeId) return undefined;
  return { verb, ...value, digestPrefix: block.digestPrefix };
}
