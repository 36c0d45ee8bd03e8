import type { WebClient } from '@slack/web-api';
import type { Clock } from '../ports/clock.ts';
import { failureOf, unavailable, type WebOptions, webClient } from './web.ts';

/** Slack advises 200 per page; beyond this many pages somebody has a workspace to search by hand. */
const PAGE = 200;
const PAGES_MAX = 500;
/** How often one page is asked for when Slack says to wait. */
const TRIES_MAX = 5;

/** Something of the workspace that has a name people say and an id that cannot be taken by others. */
export interface SlackName {
  readonly kind: 'user' | 'group' | 'channel';
  readonly id: string;
  /** As people type it, without `@` or `#`; a person also goes by the full and the display name. */
  readonly names: readonly string[];
}

export interface LookupOptions extends WebOptions {
  readonly clock: Pick<Clock, 'sleep'>;
}

/**
 * Every person, user group and channel that the bot can see; bots and people who left are passed over. Waits when
 * Slack asks for it. Throws DIRECTORY_UNAVAILABLE.
 */
export async function readNames(options: LookupOptions): Promise<readonly SlackName[]> {
  const client = webClient(options);
  return [
    ...(await people(client, options.clock)),
    ...(await groups(client, options.clock)),
    ...(await channels(client, options.clock)),
  ];
}

/** Those that go by this name, whatever its case; several may. */
export function named(all: readonly SlackName[], name: string): readonly SlackName[] {
  const wanted = name.trim().replace(/^[@#]/, '').toLowerCase();
  return all.filter((one) => one.names.some((known) => known.toLowerCase() === wanted));
}

function people(client: WebClient, clock: LookupOptions['clock']): Promise<SlackName[]> {
  return pages('Reading the list of users', clock, async (cursor) => {
    const { members = [], response_metadata } = await client.users.list({ limit: PAGE, ...cursor });
    const items = members
      .filter((one) => one.deleted !== true && one.is_bot !== true && one.id !== 'USLACKBOT')
      .map((one) =>
        slackName('user', one.id, [
          one.name,
          one.profile?.display_name,
          one.real_name ?? one.profile?.real_name,
        ]),
      );
    return { items, next: response_metadata?.next_cursor };
  });
}

function groups(client: WebClient, clock: LookupOptions['clock']): Promise<SlackName[]> {
  return pages('Reading the list of user groups', clock, async () => {
    const { usergroups = [] } = await client.usergroups.list({ include_disabled: false });
    const items = usergroups.map((one) => slackName('group', one.id, [one.handle, one.name]));
    return { items, next: undefined };
  });
}

function channels(client: WebClient, clock: LookupOptions['clock']): Promise<SlackName[]> {
  return pages('Reading the list of channels', clock, async (cursor) => {
    const { channels: found = [], response_metadata } = await client.conversations.list({
      limit: PAGE,
      exclude_archived: true,
      types: 'public_channel,private_channel',
      ...cursor,
    });
    const items = found.map((one) => slackName('channel', one.id, [one.name]));
    return { items, next: response_metadata?.next_cursor };
  });
}

function slackName(
  kind: SlackName['kind'],
  id: string | undefined,
  names: readonly (string | undefined)[],
): SlackName {
  const spoken = names.filter((name) => name !== undefined && name !== '');
  return { kind, id: id ?? '', names: [...new Set(spoken)] as string[] };
}

interface Page {
  readonly items: readonly SlackName[];
  readonly next: string | undefined;
}

async function pages(
  doing: string,
  clock: LookupOptions['clock'],
  read: (cursor: { cursor?: string }) => Promise<Page>,
): Promise<SlackName[]> {
  const all: SlackName[] = [];
  let cursor: { cursor?: string } = {};
  for (let count = 0; count < PAGES_MAX; count += 1) {
    const { items, next } = await patiently(doing, clock, () => read(cursor));
    all.push(...items.filter(({ id }) => id !== ''));
    if (next === undefined || next === '') break;
    cursor = { cursor: next };
  }
  return all;
}

async function patiently<T>(
  doing: string,
  clock: LookupOptions['clock'],
  call: () => Promise<T>,
): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await call();
    } catch (thrown) {
      const failure = failureOf(thrown);
      if (failure.kind !== 'limited' || tried === TRIES_MAX) {
        throw unavailable('DIRECTORY_UNAVAILABLE', doing, thrown);
      }
      await clock.sleep(failure.retryAfterMs);
    }
  }
}
