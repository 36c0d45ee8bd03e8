import { WebClient } from '@slack/web-api';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type LocalSlack, startLocalSlack } from '../../../src/sandbox/slack/local-slack.ts';
import { DEFAULT_SCOPES, type LocalSlackOptions } from '../../../src/sandbox/slack/options.ts';
import { ARCHIVED, CHANNEL, OUTSIDE, PRIVATE, SEED } from './workspace-seed.ts';

let slack: LocalSlack;
let client: WebClient;

async function start(options: Partial<LocalSlackOptions> = {}): Promise<void> {
  await slack?.close();
  slack = await startLocalSlack({ ...SEED, ...options });
  client = clientWith(slack.botToken);
}

const clientWith = (token?: string) =>
  new WebClient(token, { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 } });
const refused = (call: Promise<unknown>) =>
  expect(call.catch((error: { data?: { error?: string } }) => error.data?.error)).resolves;
const post = async (text = 'hello', more: object = {}) => {
  const { ts = '' } = await client.chat.postMessage({ channel: CHANNEL, text, ...more });
  return ts;
};

beforeEach(() => start());
afterEach(() => slack.close());

describe('who may call', () => {
  test('says who the bot is', async () => {
    expect(await client.auth.test()).toMatchObject({
      team_id: 'T0HOME',
      user_id: 'U0LBBOT',
      bot_id: 'B0LBBOT',
    });
  });

  test('refuses no token, a wrong one, the wrong kind, and an unknown method', async () => {
    await refused(clientWith().auth.test()).toBe('not_authed');
    await refused(clientWith('xoxb-other').auth.test()).toBe('invalid_auth');
    await refused(clientWith(slack.appToken).auth.test()).toBe('not_allowed_token_type');
    await refused(client.apps.connections.open()).toBe('not_allowed_token_type');
    await refused(client.apiCall('no.such.method')).toBe('unknown_method');
    await refused(client.apiCall('toString')).toBe('unknown_method');
  });

  test.each([
    ['chat:write', () => client.chat.postMessage({ channel: CHANNEL, text: 'x' })],
    ['channels:read', () => client.conversations.info({ channel: CHANNEL })],
    ['channels:history', () => client.conversations.history({ channel: CHANNEL })],
    ['groups:read', () => client.conversations.list({ types: 'private_channel' })],
    ['users:read', () => client.users.info({ user: 'U0ALICE' })],
    ['usergroups:read', () => client.usergroups.users.list({ usergroup: 'S0OPS' })],
    ['im:write', () => client.conversations.open({ users: 'U0ALICE' })],
  ])('without the scope %s the call is refused', async (scope, call) => {
    await call();
    await start({ scopes: DEFAULT_SCOPES.filter((one) => one !== scope) });
    await refused(call()).toBe('missing_scope');
  });

  test('keeps every call with its outcome', async () => {
    await post();
    await client.users.info({ user: 'U0NOBODY' }).catch(() => undefined);
    const calls = slack.state.calls.map(({ method, result }) => [method, result]);
    expect(calls).toEqual([
      ['chat.postMessage', 'ok'],
      ['users.info', 'user_not_found'],
    ]);
    expect(JSON.stringify(slack.state.calls)).not.toContain(slack.botToken);
  });
});

describe('posting', () => {
  test('refuses what Slack refuses', async () => {
    const to = (channel: string) => client.chat.postMessage({ channel, text: 'x' });
    await refused(to('C0NOWHERE')).toBe('channel_not_found');
    await refused(to(OUTSIDE)).toBe('not_in_channel');
    await refused(to(PRIVATE)).toBe('channel_not_found');
    await refused(to(ARCHIVED)).toBe('is_archived');
    await refused(post('')).toBe('no_text');
    await refused(post('x', { thread_ts: '1.000001' })).toBe('thread_not_found');
    await refused(post('x', { metadata: { event_type: 'x' } })).toBe('invalid_metadata_format');
    expect(slack.state.messages).toEqual([]);
  });

  test('names each block that breaks a limit', async () => {
    const blocks = [{ type: 'header', text: { type: 'plain_text', text: 'x'.repeat(151) } }];
    const error = await post('x', { blocks }).catch((thrown) => thrown.data);
    expect(error).toMatchObject({
      error: 'invalid_blocks',
      response_metadata: {
        messages: ['[ERROR] must be less than 151 characters [json-pointer:/blocks/0/text/text]'],
      },
    });
  });

  test('timestamps rise even within one microsecond', async () => {
    await start({ now: () => 1_700_000_000_000 });
    const stamps = [await post(), await post(), await post()];
    expect(stamps).toEqual(['1700000000.000000', '1700000000.000001', '1700000000.000002']);
  });

  test('cuts a text at forty thousand characters', async () => {
    await post('x'.repeat(40_001));
    expect(slack.state.messages[0]?.text).toHaveLength(40_000);
  });

  test('an ephemeral message reaches a member only and is in no history', async () => {
    await client.chat.postEphemeral({ channel: CHANNEL, user: 'U0BOB', text: 'psst' });
    expect(slack.state.ephemerals('U0BOB')).toMatchObject([{ text: 'psst' }]);
    expect((await client.conversations.history({ channel: CHANNEL })).messages).toEqual([]);
    const stranger = { channel: CHANNEL, user: 'U0FOREIGN', text: 'psst' };
    await refused(client.chat.postEphemeral(stranger)).toBe('user_not_in_channel');
  });

  test('a direct message is opened once and can be written to', async () => {
    const open = () => client.conversations.open({ users: 'U0ALICE' });
    expect((await open()).channel?.id).toBe('D0ALICE');
    expect(await open()).toMatchObject({ already_open: true, channel: { id: 'D0ALICE' } });
    await client.chat.postMessage({ channel: 'D0ALICE', text: 'between us' });
    await client.chat.postMessage({ channel: 'U0ALICE', text: 'by user id' });
    expect(slack.state.channel('D0ALICE')).toHaveLength(2);
    await refused(client.conversations.open({ users: 'U0GONE' })).toBe('user_disabled');
    await refused(client.conversations.open({ users: 'U0ROBOT' })).toBe('cannot_dm_bot');
  });
});

describe('editing', () => {
  const update = (ts: string, more: { text: string }) =>
    client.chat.update({ channel: CHANNEL, ts, ...more });

  test('text alone removes the blocks and marks the message edited', async () => {
    const ts = await post('card', { blocks: [{ type: 'divider' }] });
    await update(ts, { text: 'done' });
    const [message] = slack.state.channel(CHANNEL);
    expect(message).toMatchObject({ ts, text: 'done', edited: { user: 'U0LBBOT' } });
    expect(message?.blocks).toBeUndefined();
  });

  test('refuses an unknown message, a person’s, and a text beyond four thousand characters', async () => {
    const { ts } = slack.human.say({ user: 'U0ALICE', channel: CHANNEL, text: 'mine' });
    await refused(update('1.000001', { text: 'x' })).toBe('message_not_found');
    await refused(update(ts, { text: 'x' })).toBe('cant_update_message');
    await refused(client.chat.delete({ channel: CHANNEL, ts })).toBe('cant_delete_message');
    await refused(update(await post(), { text: 'x'.repeat(4_001) })).toBe('msg_too_long');
  });

  test('an ephemeral message cannot be edited', async () => {
    const whisper = { channel: CHANNEL, user: 'U0BOB', text: 'psst' };
    const { message_ts = '' } = await client.chat.postEphemeral(whisper);
    await refused(update(message_ts, { text: 'x' })).toBe('message_not_found');
  });

  test('the edit window closes by age, or when an administrator says so', async () => {
    let now = 1_700_000_000_000;
    await start({ editWindowMs: 60_000, now: () => now });
    const ts = await post();
    now += 59_000;
    await update(ts, { text: 'in time' });
    now += 1_000;
    await refused(update(ts, { text: 'late' })).toBe('edit_window_closed');
    slack.human.admin({ editWindowMs: null });
    await update(ts, { text: 'open again' });
    slack.human.admin({ editWindowMs: 0 });
    await refused(update(ts, { text: 'closed' })).toBe('edit_window_closed');
  });

  test('a deleted message is gone', async () => {
    await client.chat.delete({ channel: CHANNEL, ts: await post() });
    expect(slack.state.messages).toEqual([]);
  });
});

describe('reading', () => {
  const metadata = { event_type: 'change', event_payload: { id: 'c1' } };

  test('history is newest first, without replies, with metadata only when asked for', async () => {
    const ts = await post('first', { metadata });
    await post('reply', { thread_ts: ts });
    await post('second');
    const plain = await client.conversations.history({ channel: CHANNEL });
    expect(plain.messages?.map(({ text }) => text)).toEqual(['second', 'first']);
    expect(plain.messages?.[1]).toMatchObject({ reply_count: 1, thread_ts: ts });
    expect(plain.messages?.[1]).not.toHaveProperty('metadata');
    const all = { channel: CHANNEL, include_all_metadata: true };
    expect((await client.conversations.history(all)).messages?.[1]).toMatchObject({ metadata });
  });

  test('history can be narrowed by time and read page by page', async () => {
    const first = await post('first');
    await post('second');
    const third = await post('third');
    const texts = async (more: object) => {
      const read = await client.conversations.history({ channel: CHANNEL, ...more });
      return read.messages?.map(({ text }) => text);
    };
    expect(await texts({ oldest: first })).toEqual(['third', 'second']);
    expect(await texts({ oldest: first, inclusive: true, latest: third })).toHaveLength(3);
    const pageOne = await client.conversations.history({ channel: CHANNEL, limit: 2 });
    expect(pageOne).toMatchObject({ has_more: true });
    const cursor = pageOne.response_metadata?.next_cursor ?? '';
    expect(await texts({ limit: 2, cursor })).toEqual(['first']);
    await refused(texts({ limit: 0 })).toBe('invalid_limit');
  });

  test('a thread is its parent and the replies in order', async () => {
    const ts = await post('parent');
    await post('one', { thread_ts: ts });
    await post('two', { thread_ts: ts, reply_broadcast: true });
    const { messages } = await client.conversations.replies({ channel: CHANNEL, ts });
    expect(messages?.map(({ text }) => text)).toEqual(['parent', 'one', 'two']);
    const { messages: history } = await client.conversations.history({ channel: CHANNEL });
    expect(history?.map(({ text }) => text)).toEqual(['two', 'parent']);
  });

  test('the bot knows public channels and its own private ones', async () => {
    const { channels } = await client.conversations.list({
      types: 'public_channel,private_channel',
    });
    expect(channels?.map(({ id }) => id)).toEqual([CHANNEL, ARCHIVED, 'C0SHARED', OUTSIDE]);
    await refused(client.conversations.info({ channel: PRIVATE })).toBe('channel_not_found');
    slack.human.admin({ channel: PRIVATE, invite: ['U0LBBOT'] });
    const { channel } = await client.conversations.info({ channel: PRIVATE });
    expect(channel).toMatchObject({ is_private: true, is_member: true, num_members: 2 });
    const { channel: shared } = await client.conversations.info({ channel: 'C0SHARED' });
    expect(shared).toMatchObject({ is_ext_shared: true });
    await refused(client.conversations.history({ channel: OUTSIDE })).toBe('not_in_channel');
    expect((await client.conversations.members({ channel: PRIVATE })).members).toHaveLength(2);
  });

  test('people are what they are', async () => {
    const user = async (id: string) => (await client.users.info({ user: id })).user;
    expect(await user('U0ALICE')).toMatchObject({
      is_bot: false,
      deleted: false,
      team_id: 'T0HOME',
    });
    expect(await user('U0GUEST')).toMatchObject({ is_restricted: true, is_ultra_restricted: true });
    expect(await user('U0GONE')).toMatchObject({ deleted: true });
    expect(await user('U0ROBOT')).toMatchObject({ is_bot: true });
    expect(await user('U0FOREIGN')).toMatchObject({ team_id: 'T0AWAY', is_stranger: true });
    expect((await client.users.list({})).members).toHaveLength(7);
  });

  test('a disabled user group is nobody', async () => {
    const users = async (usergroup: string) =>
      (await client.usergroups.users.list({ usergroup })).users;
    expect(await users('S0OPS')).toEqual(['U0ALICE', 'U0BOB']);
    expect(await users('S0CLOSED')).toEqual([]);
    await refused(users('S0NONE')).toBe('no_such_subteam');
    expect((await client.usergroups.list()).usergroups?.map(({ id }) => id)).toEqual(['S0OPS']);
    slack.human.admin({ usergroup: 'S0OPS', disabled: true });
    expect(await users('S0OPS')).toEqual([]);
  });
});

test('a modal needs a trigger that is fresh and unused', async () => {
  const view = {
    type: 'modal' as const,
    title: { type: 'plain_text' as const, text: 'Why?' },
    blocks: [{ type: 'divider' as const }],
  };
  await refused(client.views.open({ trigger_id: 'made.up', view })).toBe('invalid_trigger_id');
  let now = 1_700_000_000_000;
  await start({ now: () => now });
  const trigger = async () => {
    await slack.human.command({ user: 'U0ALICE', channel: CHANNEL, command: '/lb' });
    return String(slack.state.deliveries.at(-1)?.payload.trigger_id);
  };
  const fresh = await trigger();
  expect((await client.views.open({ trigger_id: fresh, view })).view?.id).toMatch(/^V/);
  await refused(client.views.open({ trigger_id: fresh, view })).toBe('exchanged_trigger_id');
  const late = await trigger();
  now += 3_001;
  await refused(client.views.open({ trigger_id: late, view })).toBe('expired_trigger_id');
});
