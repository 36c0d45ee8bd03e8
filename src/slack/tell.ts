import type { WebClient } from '@slack/web-api';
import type { Log } from '../ports/log.ts';
import type { Delivery } from './delivery.ts';
import { respondTimeoutMs } from './limits.ts';
import { failureOf, failureWords } from './web.ts';

/** Says something to the sender of a delivery alone. `text` is mrkdwn. Never throws: what cannot be told is logged. */
export type Tell = (delivery: Delivery, text: string) => Promise<void>;

/** By the Web API, and where the bot is not in the channel by the address that came with the delivery. */
export function createTell(client: WebClient, log: Log): Tell {
  return async (delivery, text) => {
    const { channelId: channel, userId: user, responseUrl } = delivery;
    try {
      if (user === undefined) throw new Error('it names nobody');
      const message = { text, link_names: false, parse: 'none' } as const;
      if (channel === undefined) await postDirect(client, user, message);
      else await client.chat.postEphemeral({ channel, user, ...message });
    } catch (thrown) {
      const words = failureWords('Telling the sender', failureOf(thrown));
      if (responseUrl !== undefined && (await respond(responseUrl, text))) return;
      log.warn('A person could not be told', { fault: words, channel, user });
    }
  };
}

/** A click on the Home tab comes from no channel. */
async function postDirect(
  client: WebClient,
  user: string,
  message: { text: string; link_names: boolean; parse: 'none' },
): Promise<void> {
  const { channel } = await client.conversations.open({ users: user });
  if (channel?.id === undefined) throw new Error('Slack did not say which channel');
  await client.chat.postMessage({ channel: channel.id, ...message });
}

async function respond(url: string, text: string): Promise<boolean> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ response_type: 'ephemeral', replace_original: false, text }),
      redirect: 'error',
      signal: AbortSignal.timeout(respondTimeoutMs),
    });
    return response.ok;
  } catch {
    return false;
  }
}
