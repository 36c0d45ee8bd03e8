import type { WebClient } from '@slack/web-api';
import { OperationError } from '../domain/errors.ts';
import type { Announcer, IncidentPost } from '../ports/announcer.ts';
import { findInChannel, isOurs, partOf, repliesTo, trying } from './find-message.ts';
import type { Identified } from './identity.ts';
import {
  incidentEventType,
  incidentMessage,
  newsEventType,
  newsMessage,
} from './messages/incident.ts';
import { isNotEditable, isThreadGone, postFault } from './post-fault.ts';

type IncidentAnnouncer = Pick<
  Announcer,
  'postIncident' | 'editIncident' | 'findIncident' | 'postNews'
>;

/** Slack is to find no names in the text and to fetch no links. */
const LITERAL = { link_names: false, parse: 'none' } as const;
const QUIET = { ...LITERAL, unfurl_links: false, unfurl_media: false } as const;

/** The library's types want arrays it could change. */
function built(post: IncidentPost) {
  const { text, blocks, metadata } = incidentMessage(post);
  return { text, blocks: [...blocks], metadata };
}

/** Messages about what happened by itself. */
export function incidentAnnouncer(
  client: WebClient,
  identity: Identified<'botId'>,
): IncidentAnnouncer {
  return {
    async postIncident(channel, post, threadTs) {
      const doing = `Telling incident ${post.incident.id}`;
      const thread = threadTs === undefined ? {} : { thread_ts: threadTs };
      const sent = await trying(postFault, doing, () =>
        client.chat.postMessage({ channel, ...QUIET, ...built(post), ...thread }),
      );
      if (sent.ts === undefined || sent.channel === undefined) {
        throw new OperationError(
          'SLACK_UNAVAILABLE',
          `${doing}: Slack did not say where it stands.`,
        );
      }
      return { channel: sent.channel, ts: sent.ts };
    },

    async editIncident(place, post) {
      try {
        await client.chat.update({ ...place, ...LITERAL, ...built(post) });
        return true;
      } catch (thrown) {
        if (isNotEditable(thrown)) return false;
        throw postFault(`Editing incident ${post.incident.id}`, thrown);
      }
    },

    async findIncident(channel, id, notBefore, threadTs) {
      const doing = `Looking for incident ${id}`;
      const isIt = isOurs(await identity(), incidentEventType, id);
      if (threadTs === undefined) {
        return findInChannel(client, { channel, notBefore }, doing, isIt);
      }
      const replies = await repliesTo(client, { channel, ts: threadTs });
      const found = replies.find(isIt);
      return found?.ts === undefined ? undefined : { channel, ts: found.ts };
    },

    async postNews(place, news) {
      const { text, metadata } = newsMessage(news);
      const isNews = isOurs(await identity(), newsEventType, news.incident.id);
      if (news.lookFirst) {
        const { part } = metadata.event_payload;
        const replies = await repliesTo(client, place);
        if (replies.some((each) => isNews(each) && partOf(each) === part)) return;
      }
      const { channel, ts } = place;
      const message = { channel, text, metadata, ...QUIET, thread_ts: ts };
      await trying(postFault, `Telling news of incident ${news.incident.id}`, async () => {
        try {
          await (news.broadcast
            ? client.chat.postMessage({ ...message, reply_broadcast: true })
            : client.chat.postMessage(message));
        } catch (thrown) {
          // Somebody deleted the message: what is new is in the next one.
          if (!isThreadGone(thrown)) throw thrown;
        }
      });
    },
  };
}
