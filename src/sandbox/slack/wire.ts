/** The objects of Slack as they cross the wire; field names are Slack's own. */

export interface SlackUser {
  readonly id: string;
  readonly name: string;
  readonly real_name: string;
  team_id: string;
  deleted: boolean;
  readonly is_bot: boolean;
  /** Guest who sees several channels. */
  is_restricted: boolean;
  /** Guest who sees one channel. */
  is_ultra_restricted: boolean;
  /** Somebody of another workspace (Slack Connect). */
  readonly is_stranger: boolean;
}

export interface SlackChannel {
  readonly id: string;
  readonly name: string;
  readonly is_private: boolean;
  readonly is_im: boolean;
  is_ext_shared: boolean;
  is_archived: boolean;
  /** The other side of a direct message. */
  readonly user?: string;
  members: string[];
}

export interface SlackUserGroup {
  readonly id: string;
  readonly handle: string;
  readonly name: string;
  users: string[];
  /** Seconds since the epoch; 0 while the group is enabled. */
  date_delete: number;
}

/** A Block Kit block or element as it arrived: known only to be an object with a type. */
export interface SlackBlock {
  readonly type: string;
  readonly block_id?: string;
  readonly [field: string]: unknown;
}

export interface SlackAttachment {
  readonly color?: string;
  readonly fallback?: string;
  readonly text?: string;
  readonly blocks?: readonly SlackBlock[];
  readonly [field: string]: unknown;
}

export interface SlackMetadata {
  readonly event_type: string;
  readonly event_payload: Readonly<Record<string, unknown>>;
}

/** What a message says, apart from who said it and where. */
export interface MessageContent {
  readonly text: string;
  readonly blocks?: readonly SlackBlock[];
  readonly attachments?: readonly SlackAttachment[];
  readonly metadata?: SlackMetadata;
}

export interface SlackMessage {
  readonly type: 'message';
  readonly subtype?: string;
  readonly user: string;
  readonly bot_id?: string;
  readonly app_id?: string;
  readonly team: string;
  readonly ts: string;
  readonly channel: string;
  readonly thread_ts?: string;
  readonly edited?: { readonly user: string; readonly ts: string };
  readonly text: string;
  readonly blocks?: readonly SlackBlock[];
  readonly attachments?: readonly SlackAttachment[];
  readonly metadata?: SlackMetadata;
  /** Only this user sees it; never part of a channel's history. */
  readonly ephemeral_to?: string;
  /** What it said before each edit, oldest first: a client may still show it. */
  readonly earlier: readonly MessageContent[];
}

export interface SlackView {
  readonly id: string;
  readonly type: string;
  readonly user: string;
  readonly hash: string;
  readonly blocks: readonly SlackBlock[];
  readonly errors?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

/** One call of the Web API, in the order of arrival. */
export interface ApiCall {
  readonly method: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** `ok`, Slack's error code, or the fault that was injected; unset while it runs. */
  result?: string;
}

export type DeliveryType = 'slash_commands' | 'interactive' | 'events_api';

export interface DeliveryAttempt {
  readonly via: 'socket' | 'http' | 'none';
  readonly ms: number;
  readonly acknowledged: boolean;
  readonly status?: number;
  readonly error?: string;
}

/** One command, click or event sent to the app, with every attempt at it. */
export interface Delivery {
  readonly index: number;
  readonly envelopeId: string;
  readonly type: DeliveryType;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly at: number;
  readonly attempts: DeliveryAttempt[];
}

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Slack saying no: `{ ok: false, error, … }` with HTTP 200. */
export class SlackRefusal extends Error {
  readonly reply: { readonly ok: false; readonly error: string; readonly [field: string]: unknown };

  constructor(error: string, fields: JsonObject = {}) {
    super(typeof fields.hint === 'string' ? `${error}: ${fields.hint}` : error);
    this.name = 'SlackRefusal';
    this.reply = { ok: false, error, ...fields };
  }
}
