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
      if (channel === undefined || user === undefined) throw new Error('it names no channel');
      await client.chat.postEphemeral({ channel, user, text, link_names: false, parse: 'none' });
    } catch (thrown) {
      const words = failureWords('Telling the sender', failureOf(thrown));
      if (responseUrl !== undefined && (await respond(responseUrl, text))) return;
      log.warn('A person could not be told', { fault: words, channel, user });
    }
  };
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
