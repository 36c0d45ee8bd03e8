import type { AllMiddlewareArgs, SlackActionMiddlewareArgs } from '@slack/bolt';
import type { Asker } from '../../operations/operations.ts';
import { askerOf, deliveryOf } from '../delivery.ts';
import type { ListenerOptions } from './command.ts';

type Arguments = Pick<SlackActionMiddlewareArgs, 'ack' | 'body' | 'payload'> &
  Pick<AllMiddlewareArgs, 'next'>;

export type ClickListener = (args: Arguments) => Promise<void>;

/** A text of what was clicked; empty where it has none. */
export const textOf = (action: object, key: string): string =>
  String(Reflect.get(action, key) ?? '');

/**
 * A click: acknowledged at once, then read and decided. What `decide` returns is told to whoever clicked. A button
 * that `read` does not know is answered, too.
 */
export function clickListener<Click>(
  tell: ListenerOptions['tell'],
  read: (action: object) => Click | undefined,
  decide: (click: Click, asker: Asker, body: Arguments['body']) => Promise<string | undefined>,
): ClickListener {
  return async ({ ack, body, payload }) => {
    await ack().catch(() => undefined);
    const delivery = deliveryOf(body);
    const asker = askerOf(delivery);
    if (asker === undefined) throw new Error('The door let a click without a person in.');
    const clicked = read(payload);
    const words = clicked === undefined ? UNKNOWN_BUTTON : await decide(clicked, asker, body);
    if (words !== undefined) await tell(delivery, words);
  };
}

/** Said of a button that this version did not make. */
const UNKNOWN_BUTTON =
  '⊘ Nothing was changed. This button is not one of this version of the bot; look for a newer card, or type the command.';
