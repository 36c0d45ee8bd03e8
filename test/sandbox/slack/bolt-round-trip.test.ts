import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type LocalSlack, startLocalSlack } from '../../../src/sandbox/slack/local-slack.ts';
import { type RunningApp, startBoltApp } from './bolt-app.ts';
import { CHANNEL, SEED, SHARED } from './workspace-seed.ts';

const soon = <T>(read: () => T) => expect.poll(read, { timeout: 2_000, interval: 10 });

describe.each(['socket', 'http'] as const)('a real Bolt app over %s', (mode) => {
  let slack: LocalSlack;
  let bolt: RunningApp;

  beforeEach(async () => {
    slack = await startLocalSlack({ ...SEED, ackTimeoutMs: 200 });
    bolt = await startBoltApp(slack, mode);
  });

  afterEach(async () => {
    await bolt.stop();
    await slack.close();
  });

  const texts = () => slack.state.channel(CHANNEL).map((message) => message.text);
  const whispers = (user: string) => slack.state.ephemerals(user).map((message) => message.text);
  const ask = (text: string) =>
    slack.human.command({ user: 'U0ALICE', channel: CHANNEL, command: '/lb', text });
  const card = async () => {
    await ask('disable web-1');
    await soon(() => slack.state.channel(CHANNEL).length).toBe(1);
    return slack.state.channel(CHANNEL)[0]?.ts ?? '';
  };

  test('a command is acknowledged to one user, posts a card, and a click edits that card', async () => {
    const ts = await card();
    expect(whispers('U0ALICE')).toEqual(['Queued: disable web-1']);
    expect(whispers('U0BOB')).toEqual([]);
    const click = { user: 'U0BOB', channel: CHANNEL, ts, action_id: 'approve' };
    expect(await slack.human.click(click)).toEqual({ ok: true });
    await soon(texts).toEqual(['approved by <@U0BOB>']);
    expect(slack.state.channel(CHANNEL)[0]?.ts).toBe(ts);
    await expect(slack.human.click(click)).rejects.toThrow('action_not_found');
  });

  test('command and click carry the fields of the real ones', async () => {
    const ts = await card();
    await slack.human.click({ user: 'U0BOB', channel: CHANNEL, ts, action_id: 'approve' });
    expect(bolt.commands[0]).toEqual({
      token: expect.any(String),
      team_id: 'T0HOME',
      team_domain: 'home',
      channel_id: CHANNEL,
      channel_name: 'ops',
      user_id: 'U0ALICE',
      user_name: 'alice',
      command: '/lb',
      text: 'disable web-1',
      api_app_id: 'A0LB',
      is_enterprise_install: 'false',
      response_url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/response\/[0-9a-f]{32}$/),
      trigger_id: expect.stringMatching(/^\d+\.\d+\.[0-9a-f]{32}$/),
    });
    expect(bolt.clicks[0]).toMatchObject({
      type: 'block_actions',
      team: { id: 'T0HOME', domain: 'home' },
      user: { id: 'U0BOB', username: 'bob', name: 'bob', team_id: 'T0HOME' },
      api_app_id: 'A0LB',
      container: { type: 'message', message_ts: ts, channel_id: CHANNEL, is_ephemeral: false },
      channel: { id: CHANNEL, name: 'ops' },
      message: { type: 'message', user: 'U0LBBOT', bot_id: 'B0LBBOT', ts },
      actions: [
        {
          type: 'button',
          action_id: 'approve',
          block_id: 'approval',
          value: 'change-1',
          style: 'primary',
          text: { type: 'plain_text', text: 'Approve' },
          action_ts: expect.stringMatching(/^\d+\.\d{6}$/),
        },
      ],
    });
  });

  test('an answer in the channel shows the typed command too', async () => {
    await ask('publish');
    expect(texts()).toEqual(['/lb publish', 'For all to see']);
  });

  test('an app that does not acknowledge in time is reported to the user alone', async () => {
    expect(await ask('silence')).toMatchObject({ ok: false, error: 'timeout' });
    expect(whispers('U0ALICE')).toEqual(['`/lb` failed because the app did not respond.']);
    expect(texts()).toEqual([]);
    expect(slack.state.deliveries[0]?.attempts).toMatchObject([{ acknowledged: false }]);
  });

  test('a command that nobody registered never reaches the app', async () => {
    await slack.human.command({ user: 'U0ALICE', channel: CHANNEL, command: '/other' });
    expect(whispers('U0ALICE')).toEqual(['`/other` is not a valid command.']);
    expect(slack.state.deliveries).toEqual([]);
  });

  test('a response_url takes five answers and refuses the sixth', async () => {
    await ask('chatter');
    await soon(texts).toEqual(['word 6 refused: 404']);
    expect(whispers('U0ALICE')).toEqual(['word 1', 'word 2', 'word 3', 'word 4', 'word 5']);
  });

  test('a redelivery is the same payload, and the app runs again', async () => {
    await ask('disable web-1');
    await slack.human.redeliver({ delivery: 0 });
    await soon(() => bolt.commands.length).toBe(2);
    expect(bolt.commands[1]).toEqual(bolt.commands[0]);
    expect(slack.state.deliveries).toHaveLength(1);
    expect(slack.state.deliveries[0]?.attempts).toHaveLength(2);
  });

  test('a delivery can lie about workspace, person and app', async () => {
    const override = { team_id: 'T0EVIL', user_team_id: 'T0OTHER', api_app_id: 'A0EVIL' };
    const ts = await card();
    const place = { user: 'U0ALICE', channel: CHANNEL, override };
    await slack.human.command({ ...place, command: '/lb', text: 'hello' });
    await slack.human.click({ ...place, ts, action_id: 'approve' });
    expect(bolt.commands[1]).toMatchObject({ team_id: 'T0EVIL', api_app_id: 'A0EVIL' });
    expect(bolt.clicks[0]).toMatchObject({
      team: { id: 'T0EVIL' },
      user: { team_id: 'T0OTHER' },
      api_app_id: 'A0EVIL',
    });
  });

  test('a foreign user may click in a shared channel, but type no command', async () => {
    const foreign = { user: 'U0FOREIGN', channel: SHARED };
    await expect(slack.human.command({ ...foreign, command: '/lb' })).rejects.toThrow(
      'user_is_foreign',
    );
    await slack.human.command({ user: 'U0ALICE', channel: SHARED, command: '/lb', text: 'x' });
    await soon(() => slack.state.channel(SHARED).length).toBe(1);
    const ts = slack.state.channel(SHARED)[0]?.ts ?? '';
    await slack.human.click({ ...foreign, ts, action_id: 'approve' });
    expect(bolt.clicks[0]?.user).toMatchObject({ id: 'U0FOREIGN', team_id: 'T0AWAY' });
  });

  test('a stale click presses a button that an edit has removed', async () => {
    const ts = await card();
    const click = { user: 'U0BOB', channel: CHANNEL, ts, action_id: 'approve' };
    await slack.human.click(click);
    await soon(texts).toEqual(['approved by <@U0BOB>']);
    await slack.human.click({ ...click, stale: true });
    expect(bolt.clicks).toHaveLength(2);
    expect(bolt.clicks[1]?.actions[0]?.value).toBe('change-1');
  });

  test('deactivated people and bots act only by force', async () => {
    const ts = await card();
    for (const user of ['U0GONE', 'U0ROBOT']) {
      const click = { user, channel: CHANNEL, ts, action_id: 'approve' };
      await expect(slack.human.click(click)).rejects.toThrow('force');
      expect(await slack.human.click({ ...click, force: true, stale: true })).toEqual({ ok: true });
    }
    expect(bolt.clicks.map((click) => click.user.id)).toEqual(['U0GONE', 'U0ROBOT']);
  });
});
