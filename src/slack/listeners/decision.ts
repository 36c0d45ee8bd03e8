import {
  type DecisionVerb,
  readDecisionAction,
  readDecisionBlockId,
  readDecisionValue,
} from '../decision-id.ts';
import { cardTsOf } from '../delivery.ts';
import { decisionWords } from '../messages/receipt.ts';
import { type ClickListener, clickListener, textOf } from './click.ts';
import type { ListenerOptions } from './command.ts';

/** A click on a card. Whoever clicked is told why when it was not taken; when it was, the card shows it. */
export const decisionListener = ({
  operations,
  tell,
}: Pick<ListenerOptions, 'operations' | 'tell'>): ClickListener =>
  clickListener(tell, clickOf, async (clicked, asker, body) => {
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
    return reply.kind === 'refused' ? decisionWords(reply, verb) : undefined;
  });

interface Click {
  readonly verb: DecisionVerb;
  readonly changeId: string;
  readonly digestPrefix: string;
  readonly forMs?: number;
}

/** What was clicked. The value and the block must name the same change. */
function clickOf(action: object): Click | undefined {
  const text = (key: string) => textOf(action, key);
  const verb = readDecisionAction(text('action_id'));
  const block = readDecisionBlockId(text('block_id'));
  if (text('type') !== 'button' || verb === undefined || block === undefined) return undefined;
  const value = readDecisionValue(verb, text('value'));
  if (value?.changeId !== block.changeId) return undefined;
  return { verb, ...value, digestPrefix: block.digestPrefix };
}
