import type { Answer } from '../domain/answer.ts';
import type { ChangeRecord } from '../domain/change.ts';
import type { Home } from '../domain/home.ts';
import type { Incident } from '../domain/incident.ts';

/** Where a message stands in Slack. */
export interface MessagePlace {
  readonly channel: string;
  readonly ts: string;
}

/** What is said to one person alone. `text` is plain: whoever shows it escapes it. */
export type Whisper =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'answer'; readonly answer: Answer };

/** Occasions on which a card may have no room for all: what is planned, what it keeps for a time, how it ended. */
export type RestKind = 'plan' | 'holding' | 'outcome';

/** Everything a card shows beside the record. */
export interface CardContext {
  readonly record: ChangeRecord;
  /** Who is mentioned when approval is asked for (user and group ids). */
  readonly approvers: readonly string[];
  /** How many people must agree, by the inventory of now. */
  readonly required?: number;
  /** What a person types in shells to do what is left, should the queue be away. */
  readonly byHand?: readonly string[];
  /** True when an earlier post may have arrived unseen. */
  readonly maybeCopy: boolean;
}

/** An incident, and who is to be mentioned. */
export interface IncidentPost {
  readonly incident: Incident;
  /** Slack ids. */
  readonly mentions: readonly string[];
}

/** A word in the thread of an incident. */
export interface IncidentNews extends IncidentPost {
  /** Plain lines, the first the most important. */
  readonly lines: readonly string[];
  /** The whole channel should see it. */
  readonly broadcast: boolean;
  readonly lookFirst: boolean;
}

/**
 * Messages to people. Throws SLACK_UNAVAILABLE (with `retryAfterMs` when Slack named it) for what may
 * work later, and CHANNEL_CLOSED when the bot is not in the channel or the channel is archived.
 */
export interface Announcer {
  postCard(channel: string, card: CardContext): Promise<MessagePlace>;
  /** `false` when the message can no longer be edited (deleted, edit window closed). */
  editCard(place: MessagePlace, card: CardContext): Promise<boolean>;
  /** Looks in the channel for this change's card; `undefined` when it is not there; throws when it cannot look. */
  findCard(channel: string, changeId: string, notBefore: number): Promise<MessagePlace | undefined>;
  /**
   * The closing word in the card's thread, to the requester and the approver. With `lookFirst` an earlier try
   * may have arrived: the thread is read, and nothing is posted when the word stands there already.
   */
  postEnding(
    place: MessagePlace,
    card: CardContext,
    options: { readonly lookFirst: boolean },
  ): Promise<void>;
  /** In how many messages what the card has no room for would be posted; 0 for most. */
  restCount(card: CardContext): number;
  /** Posts them in the card's thread; with `lookFirst` only those that do not stand there already. */
  postRest(
    place: MessagePlace,
    card: CardContext,
    options: { readonly kind: RestKind; readonly lookFirst: boolean },
  ): Promise<void>;
  /** Same content as a direct message, for when the channel is closed to the bot. */
  postDirect(user: string, card: CardContext): Promise<MessagePlace>;
  whisper(channel: string, user: string, whisper: Whisper): Promise<void>;
  /** Draws this person's Home tab. Throws UNSUPPORTED when Slack refuses it and will refuse it again. */
  publishHome(user: string, home: Home): Promise<void>;
  /** Posts the message of an incident: in a channel, or in the thread of a message there. */
  postIncident(channel: string, incident: IncidentPost, threadTs?: string): Promise<MessagePlace>;
  /** `false` when the message can no longer be edited. */
  editIncident(place: MessagePlace, incident: IncidentPost): Promise<boolean>;
  /** As `findCard`; `threadTs` where it was to be posted in a thread. */
  findIncident(
    channel: string,
    id: string,
    notBefore: number,
    threadTs?: string,
  ): Promise<MessagePlace | undefined>;
  /** What is new of an incident, in its thread; with `lookFirst` only if it does not stand there already. */
  postNews(place: MessagePlace, news: IncidentNews): Promise<void>;
  /** A word to a channel, or into the thread of a message there. `text` is plain. */
  notice(notice: {
    readonly channel: string;
    readonly threadTs?: string;
    readonly text: string;
    readonly mentions: readonly string[];
  }): Promise<void>;
}
