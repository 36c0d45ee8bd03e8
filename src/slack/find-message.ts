import type { WebClient } from '@slack/web-api';
import { OperationError } from '../domain/errors.ts';
import type { MessagePlace } from '../ports/announcer.ts';
import type { SlackIdentity } from './identity.ts';
import { clockSkewMs, historyPageMessages, historyPagesMax } from './limits.ts';
import { isThreadGone, lookFault } from './post-fault.ts';

export interface Found {
  readonly ts?: string;
  readonly bot_id?: string;
  readonly metadata?: { readonly event_type?: string; readonly event_payload?: unknown };
}

/** Metadata alone proves nothing, other apps can write it too: the bot must be ours. */
export function isOurs(
  { botId }: Pick<SlackIdentity, 'botId'>,
  eventType: string,
  changeId: string,
) {
  return (message: Found): boolean => {
    const payload: unknown = message.metadata?.event_payload;
    return (
      message.bot_id === botId &&
      message.metadata?.event_type === eventType &&
      typeof payload === 'object' &&
      payload !== null &&
      Reflect.get(payload, 'id') === changeId
    );
  };
}

export function partOf(message: Found): unknown {
  const payload: unknown = message.metadata?.event_payload;
  return typeof payload === 'object' && payload !== null ? Reflect.get(payload, 'part') : undefined;
}

/** Slack's own time: seconds with a fraction. */
function slackTime(at: number): string {
  return (Math.max(0, at) / 1000).toFixed(6);
}

/** Runs a call of the Web API and names what was being done when it fails. */
export async function trying<T>(
  faultFor: (doing: string, thrown: unknown) => OperationError,
  doing: string,
  call: () => Promise<T>,
): Promise<T> {
  try {
    return await call();
  } catch (thrown) {
    throw faultFor(doing, thrown);
  }
}

/** Empty also where the bot may not look: a word said twice is better than none. */
export async function repliesTo(client: WebClient, place: MessagePlace): Promise<readonly Found[]> {
  try {
    const { channel, ts } = place;
    const limit = historyPageMessages;
    const thread = { channel, ts, limit, include_all_metadata: true };
    return (await client.conversations.replies(thread)).messages ?? [];
  } catch (thrown) {
    const fault = lookFault('Looking into the thread of the card', thrown);
    if (fault.code === 'UNSUPPORTED' || isThreadGone(thrown)) return [];
    throw fault;
  }
}

/** The first message of a channel since then that `isIt`; throws when it cannot look far enough. */
export async function findInChannel(
  client: WebClient,
  place: { readonly channel: string; readonly notBefore: number },
  doing: string,
  isIt: (message: Found) => boolean,
): Promise<MessagePlace | undefined> {
  const { channel, notBefore } = place;
  let cursor: string | undefined;
  for (let page = 0; page < historyPagesMax; page += 1) {
    const found = await trying(lookFault, doing, () =>
      client.conversations.history({
        channel,
        include_all_metadata: true,
        oldest: slackTime(notBefore - clockSkewMs),
        limit: historyPageMessages,
        ...(cursor === undefined ? {} : { cursor }),
      }),
    );
    const message = found.messages?.find(isIt);
    if (message?.ts !== undefined) return { channel, ts: message.ts };
    cursor = found.response_metadata?.next_cursor;
    if (cursor === undefined || cursor === '') return undefined;
  }
  throw new OperationError('UNSUPPORTED', `${doing}: too many messages came since then.`);
}
