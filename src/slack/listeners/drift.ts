import type { AllMiddlewareArgs, SlackActionMiddlewareArgs } from '@slack/bolt';
import { askerOf, deliveryOf } from '../delivery.ts';
import { readDriftClick } from '../drift-id.ts';
import { driftReplyWords } from '../messages/drift-part.ts';
import type { ListenerOptions } from './command.ts';
import { unknownButton } from './decision.ts';

type Arguments = Pick<SlackActionMiddlewareArgs, 'ack' | 'body' | 'payload'> &
  Pick<AllMiddlewareArgs, 'next'>;

/** A click on the message of a member that was changed by hand: acknowledged at once, then decided. */
export function driftListener({
  operations,
  tell,
}: Pick<ListenerOptions, 'operations' | 'tell'>): (args: Arguments) => Promise<void> {
  return async ({ ack, body, payload }) => {
    await ack().catch(() => undefined);
    const delivery = deliveryOf(body);
    const asker = askerOf(delivery);
    if (asker === undefined) throw new Error('The door let a click without a person in.');
    const text = (key: string): string => String(Reflect.get(payload, key) ?? '');
    const clicked =
      text('type') === 'button' ? readDriftClick(text('action_id'), text('value')) : undefined;
    if (clicked === undefined) {
      await tell(delivery, unknownButton);
      return;
    }
    const words = driftReplyWords(await operations.chooseDrift(clicked, asker));
    if (words !== undefined) await tell(delivery, words);
  };
}
