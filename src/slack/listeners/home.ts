import type { SlackEventMiddlewareArgs } from '@slack/bolt';
import { askerOf, deliveryOf } from '../delivery.ts';
import type { ListenerOptions } from './command.ts';

type Arguments = Pick<SlackEventMiddlewareArgs<'app_home_opened'>, 'event' | 'body'>;

/** Somebody opened the bot's Home tab. The event was acknowledged before; the tab is drawn by a worker. */
export function homeListener({
  operations,
}: Pick<ListenerOptions, 'operations'>): (args: Arguments) => Promise<void> {
  return async ({ event, body }) => {
    if (event.tab !== 'home') return;
    const asker = askerOf(deliveryOf(body));
    if (asker !== undefined) await operations.home(asker);
  };
}
