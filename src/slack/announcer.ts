import type { WebClient } from '@slack/web-api';
import { OperationError } from '../domain/errors.ts';
import type { Announcer, CardContext, MessagePlace, Whisper } from '../ports/announcer.ts';
import { section } from './blocks.ts';
import { findInChannel, isOurs, partOf, repliesTo, trying } from './find-message.ts';
import type { Identified } from './identity.ts';
import { incidentAnnouncer } from './incident-announcer.ts';
import { approversMentionedMax, messageTextCharsMax } from './limits.ts';
import { answer } from './messages/answer.ts';
import { card as buildCard, type CardMessage, cardEventType } from './messages/card.ts';
import { ending, endingEventType } from './messages/ending.ts';
import { homeView } from './messages/home.ts';
import { plainWords } from './messages/receipt.ts';
import { restEventType, restMessages, restMetadata } from './messages/rest.ts';
import { escapedCut, mention } from './mrkdwn.ts';
import { isBadForm, isNotEditable, isThreadGone, postFault } from './post-fault.ts';
import { failureOf, failureWords, unavailable, type WebOptions, webClient } from './web.ts';

export interface AnnouncerOptions extends WebOptions {
  readonly identity: Identified<'botId'>;
}

/** Slack is to find no names in the text and to fetch no links. */
const LITERAL = { link_names: false, parse: 'none' } as const;
const QUIET = { ...LITERAL, unfurl_links: false, unfurl_media: false } as const;

/** Messages to people by Slack's Web API. Nothing is sent twice by itself: whoever calls decides about that. */
export function createAnnouncer(options: AnnouncerOptions): Announcer {
  const client = webClient(options);
  const { identity } = options;

  /** Once more without blocks when Slack refuses their form; the refused call posted nothing. */
  const orPlain = async <T>(
    message: CardMessage,
    doing: string,
    send: (message: CardMessage) => Promise<T>,
  ): Promise<T> => {
    try {
      return await send(message);
    } catch (thrown) {
      if (!isBadForm(thrown)) throw thrown;
      const words = failureWords(doing, failureOf(thrown));
      options.log.error('Slack refused the form of a message', { fault: words });
      const text = `${message.text}\nThe full card cannot be shown here.`;
      return send({ ...message, text, blocks: [section(text)] });
    }
  };

  const postCard = async (channel: string, context: CardContext): Promise<MessagePlace> => {
    const doing = `Posting the card of change ${context.record.id}`;
    const sent = await trying(postFault, doing, () =>
      orPlain(buildCard(context), doing, (message) =>
        client.chat.postMessage({ channel, ...QUIET, ...mutable(message) }),
      ),
    );
    if (sent.ts === undefined || sent.channel === undefined) {
      throw new OperationError('SLACK_UNAVAILABLE', `${doing}: Slack did not say where it stands.`);
    }
    return { channel: sent.channel, ts: sent.ts };
  };

  return {
    postCard,

    async editCard(place, context) {
      const doing = `Editing the card of change ${context.record.id}`;
      try {
        await orPlain(buildCard(context), doing, (message) =>
          client.chat.update({ ...place, ...LITERAL, ...mutable(message) }),
        );
        return true;
      } catch (thrown) {
        if (isNotEditable(thrown)) return false;
        throw postFault(doing, thrown);
      }
    },

    async findCard(channel, changeId, notBefore) {
      const doing = `Looking for the card of change ${changeId}`;
      const isCard = isOurs(await identity(), cardEventType, changeId);
      return findInChannel(client, { channel, notBefore }, doing, isCard);
    },

    async postEnding(place, context, { lookFirst }) {
      const { id } = context.record;
      const isEnding = isOurs(await identity(), endingEventType, id);
      if (lookFirst && (await repliesTo(client, place)).some(isEnding)) return;
      await trying(postFault, `Posting the end of change ${id}`, () =>
        sendEnding(client, place, context),
      );
    },

    restCount: (context) => restMessages(context).length,

    async postRest(place, context, { kind, lookFirst }) {
      const { id } = context.record;
      const isRest = isOurs(await identity(), restEventType, id);
      const found = lookFirst ? await repliesTo(client, place) : [];
      const stand = new Set(found.filter(isRest).map(partOf));
      for (const [at, { text, blocks }] of restMessages(context).entries()) {
        const metadata = restMetadata(id, kind, at);
        if (stand.has(metadata.event_payload.part)) continue;
        const message = { channel: place.channel, thread_ts: place.ts, text, metadata, ...QUIET };
        await trying(postFault, `Posting what the card of change ${id} has no room for`, () =>
          client.chat.postMessage({ ...message, blocks: [...blocks] }),
        );
      }
    },

    async publishHome(user, home) {
      const { type, blocks } = homeView(home);
      await trying(homeFault, `Drawing the Home tab of ${user}`, () =>
        client.views.publish({ user_id: user, view: { type, blocks: [...blocks] } }),
      );
    },

    async postDirect(user, context) {
      return postCard(await openDirect(client, user), context);
    },

    ...incidentAnnouncer(client, identity),

    async notice({ channel, threadTs, text, mentions }) {
      const names = mentions.slice(0, approversMentionedMax).map(mention).join(' ');
      const body = `${names} ${escapedCut(text, messageTextCharsMax - 1_000)}`.trim();
      await trying(postFault, `Posting in ${channel}`, () =>
        client.chat.postMessage({
          channel,
          ...QUIET,
          text: body,
          ...(threadTs === undefined ? {} : { thread_ts: threadTs }),
        }),
      );
    },

    async whisper(channel, user, whisper) {
      const doing = `Telling ${user}`;
      const message = whispered(whisper);
      try {
        await client.chat.postEphemeral({ channel, user, ...LITERAL, ...message });
      } catch (thrown) {
        const fault = postFault(doing, thrown);
        if (fault.code !== 'CHANNEL_CLOSED') throw fault;
        // Commands can be typed where the bot is not; the answer then comes as a direct message.
        const direct = await openDirect(client, user);
        await trying(postFault, doing, () =>
          client.chat.postMessage({ channel: direct, ...QUIET, ...message }),
        );
      }
    },
  };
}

/** Slack's no to a view stays a no, unlike a full queue or a cut line. */
function homeFault(doing: string, thrown: unknown): OperationError {
  const failure = failureOf(thrown);
  if (failure.kind !== 'refused') return unavailable('SLACK_UNAVAILABLE', doing, thrown);
  return new OperationError('UNSUPPORTED', failureWords(doing, failure), { cause: thrown });
}

async function openDirect(client: WebClient, user: string): Promise<string> {
  const doing = `Opening a direct message to ${user}`;
  const { channel } = await trying(postFault, doing, () =>
    client.conversations.open({ users: user }),
  );
  if (channel?.id !== undefined) return channel.id;
  throw new OperationError('SLACK_UNAVAILABLE', `${doing}: Slack did not say which channel.`);
}

async function sendEnding(client: WebClient, place: MessagePlace, context: CardContext) {
  const { text, metadata, broadcast } = ending(context);
  const { channel, ts } = place;
  const message = { channel, text, metadata, ...QUIET };
  try {
    await (broadcast
      ? client.chat.postMessage({ ...message, thread_ts: ts, reply_broadcast: true })
      : client.chat.postMessage({ ...message, thread_ts: ts }));
  } catch (thrown) {
    // Somebody deleted the card: the word is said in the channel.
    if (!isThreadGone(thrown)) throw thrown;
    await client.chat.postMessage(message);
  }
}

function whispered(whisper: Whisper) {
  if (whisper.kind === 'text') return { text: plainWords(whisper.text) };
  const { text, blocks } = answer(whisper.answer);
  return { text, blocks: [...blocks] };
}

/** The library's types want arrays it could change. */
function mutable({ text, blocks, metadata }: CardMessage) {
  return { text, blocks: [...blocks], metadata };
}
