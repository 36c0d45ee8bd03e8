import type { Arguments } from './arguments.ts';
import type { Settings } from './options.ts';
import type { SlackChannel } from './wire.ts';
import type { Workspace } from './workspace.ts';

/** One method of the Web API. */
export interface ApiMethod {
  /** Which of the two tokens it takes; default the bot's. */
  readonly token?: 'bot' | 'app';
  /** Scope it always needs. */
  readonly scope?: string;
  /** The fields beside `ok: true`. Throws SlackRefusal. */
  readonly run: (args: Arguments) => object;
}

export type ApiMethods = Readonly<Record<string, ApiMethod>>;

/** What the methods work on. */
export interface ApiContext {
  readonly settings: Settings;
  readonly workspace: Workspace;
  /** Throws SlackRefusal `missing_scope`. */
  readonly needScope: (scope: string) => void;
}

/** `channels:read`, `groups:read` or `im:read`, by the kind of channel; the same for `history`. */
export function scopeFor(channel: SlackChannel, right: 'read' | 'history'): string {
  if (channel.is_im) return `im:${right}`;
  return channel.is_private ? `groups:${right}` : `channels:${right}`;
}

/** One page of a list, with Slack's cursor to the next. */
export function page<T>(
  items: readonly T[],
  limit: number,
  cursor: string | undefined,
): { readonly items: readonly T[]; readonly nextCursor: string } {
  const start = cursor === undefined ? 0 : Number(cursor.replace(/^at:/, '')) || 0;
  const end = start + limit;
  return { items: items.slice(start, end), nextCursor: end < items.length ? `at:${end}` : '' };
}
