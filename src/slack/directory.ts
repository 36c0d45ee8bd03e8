import { WebAPIPlatformError, type WebClient } from '@slack/web-api';
import type { Person } from '../domain/actor.ts';
import { OperationError } from '../domain/errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Directory } from '../ports/directory.ts';
import type { Identified } from './identity.ts';
import { directoryEntriesMax, directoryMaxAgeMs, lookupTimeoutMs } from './limits.ts';
import { unavailable, type WebOptions, webClient } from './web.ts';

export interface DirectoryOptions extends WebOptions {
  readonly clock: Clock;
  readonly identity: Identified<'teamId'>;
}

/** People, groups and channels from Slack's Web API, remembered for at most a minute. Failures are not remembered. */
export function createDirectory(options: DirectoryOptions): Directory {
  const client = webClient(options, lookupTimeoutMs);
  const workspace = async () => {
    const { teamId } = await asked('Asking whose workspace this is', options.identity);
    return teamId;
  };
  const people = remembered(options.clock, async (id) => readPerson(client, id, await workspace()));
  const groups = remembered(options.clock, (id) => readGroup(client, id));
  const channels = remembered(options.clock, (id) => readShared(client, id));
  return {
    workspace,
    person: (userId) => people(userId),
    groupMembers: (groupId) => groups(groupId),
    isSharedChannel: (channelId) => channels(channelId),
  };
}

async function readPerson(client: WebClient, userId: string, teamId: string): Promise<Person> {
  const doing = `Looking up user ${userId}`;
  const { user } = await asked(doing, () => client.users.info({ user: userId }));
  if (user?.id !== userId || user.team_id === undefined) throw unclear(doing);
  return {
    id: userId,
    teamId: user.team_id,
    isBot: user.is_bot === true || userId === 'USLACKBOT',
    isGuest: user.is_restricted === true || user.is_ultra_restricted === true,
    isDeleted: user.deleted === true,
    isStranger: Reflect.get(user, 'is_stranger') === true || user.team_id !== teamId,
  };
}

async function readGroup(client: WebClient, groupId: string): Promise<readonly string[]> {
  const doing = `Looking up group ${groupId}`;
  const { users } = await asked(doing, () =>
    client.usergroups.users.list({ usergroup: groupId, include_disabled: false }),
  );
  if (users === undefined) throw unclear(doing);
  return users;
}

async function readShared(client: WebClient, channelId: string): Promise<boolean> {
  // A direct message has two sides only; whoever asks there is checked as a person.
  if (channelId.startsWith('D')) return false;
  const doing = `Looking up channel ${channelId}`;
  const { channel } = await asked(doing, async () => {
    try {
      return await client.conversations.info({ channel: channelId });
    } catch (thrown) {
      if (!isUnseen(thrown)) throw thrown;
      throw new OperationError(
        'CHANNEL_CLOSED',
        'The bot cannot see this channel; invite it and ask again.',
      );
    }
  });
  if (channel === undefined) throw unclear(doing);
  const pending: unknown = Reflect.get(channel, 'is_pending_ext_shared');
  return channel.is_ext_shared === true || pending === true;
}

/** A private channel without the bot looks like one that does not exist. */
function isUnseen(thrown: unknown): boolean {
  return thrown instanceof WebAPIPlatformError && thrown.data.error === 'channel_not_found';
}

async function asked<T>(doing: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (thrown) {
    if (thrown instanceof OperationError && thrown.code !== 'SLACK_UNAVAILABLE') throw thrown;
    throw unavailable('DIRECTORY_UNAVAILABLE', doing, thrown);
  }
}

function unclear(doing: string): OperationError {
  return new OperationError(
    'DIRECTORY_UNAVAILABLE',
    `${doing}: Slack's answer lacks what is asked.`,
  );
}

/** Keeps each answer for `directoryMaxAgeMs` from when it was asked for; calls under way are shared. */
function remembered<T>(clock: Clock, read: (id: string) => Promise<T>): (id: string) => Promise<T> {
  const entries = new Map<string, { readonly askedAt: number; readonly answer: Promise<T> }>();
  return (id) => {
    const now = clock.now();
    const known = entries.get(id);
    if (known !== undefined && now - known.askedAt < directoryMaxAgeMs) return known.answer;
    const answer = read(id);
    const entry = { askedAt: now, answer };
    if (entries.size >= directoryEntriesMax) entries.clear();
    entries.set(id, entry);
    answer.catch(() => {
      if (entries.get(id) === entry) entries.delete(id);
    });
    return answer;
  };
}
