import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../src/domain/secret.ts';
import { identify } from '../../src/slack/identity.ts';
import { type RunningBot, startBot } from './bot.ts';
import { appToken, botToken, gateway } from './running.ts';

let bot: RunningBot;

beforeEach(async () => {
  bot = await startBot();
});

afterEach(() => bot.close());

describe('deliveries that are not for us', () => {
  it('from a person of another organisation are acknowledged and refused', async () => {
    const ts = await bot.postedCard();
    const acted = await bot.slack.human.click({
      user: 'U0ALIEN',
      channel: 'C0OPS',
      ts,
      action_id: 'change.approve',
      force: true,
    });
    expect(acted.ok).toBe(true);
    await expect
      .poll(() => bot.log.lines.find((line) => line.message === 'A delivery was refused')?.data)
      .toMatchObject({ userId: 'U0ALIEN', userTeamId: 'T0OTHER' });
    expect(bot.operations.decisions).toHaveLength(0);
  });

  it.each([
    [{ team_id: 'T0OTHER' }, 'its own workspace only'],
    [{ api_app_id: 'A0OTHER' }, 'another Slack app'],
  ])('with %j are acknowledged and refused', async (override, reason) => {
    const acted = await bot.slack.human.command({
      user: 'U0OPS',
      channel: 'C0OPS',
      command: '/lb',
      text: 'disable test.tianya.cn 192.168.100.78',
      override,
    });
    expect(acted.ok).toBe(true);
    await expect.poll(() => bot.heard()).toContain(reason);
    expect(bot.operations.begun).toBe(0);
    expect(bot.logged('A delivery was refused')).toBe(true);
  });
});

describe('the connection', () => {
  it('is opened again at once when Slack asks for it', async () => {
    const started = performance.now();
    bot.slack.human.disconnect({ reason: 'refresh_requested' });
    await expect.poll(() => bot.logged('Connected to Slack again'), { interval: 5 }).toBe(true);
    expect(performance.now() - started).toBeLessThan(1000);
    expect(bot.app?.connected()).toBe(true);
    expect((await bot.lb('pools')).ok).toBe(true);
  });

  it('is tried again until Slack lets it in', async () => {
    bot.slack.human.fault({ method: 'apps.connections.open', status: 503 });
    bot.slack.human.fault({ method: 'apps.connections.open', error: 'invalid_auth' });
    bot.slack.human.disconnect({ reason: 'cut' });
    await expect.poll(() => bot.logged('Connected to Slack again'), { timeout: 5000 }).toBe(true);
    expect(bot.logged('Slack could not be connected again')).toBe(true);
    expect((await bot.lb('pools')).ok).toBe(true);
  });

  it('is closed when the app stops, and stays closed', async () => {
    await bot.app?.stop(1000);
    await expect.poll(() => bot.slack.state.sockets).toBe(0);
    expect(bot.app?.connected()).toBe(false);
  });

  it('is kept until what is under way is answered', async () => {
    const answer = gateway();
    bot.operations.hold = answer.opened;
    const typed = bot.lb('disable test.tianya.cn 192.168.100.78');
    await expect.poll(() => bot.operations.begun).toBe(1);
    const stopped = bot.app?.stop(5000);
    expect((await bot.lb('disable test.tianya.cn 192.168.100.79')).ok).toBe(true);
    expect(bot.heard()).toContain('The bot is being restarted');
    answer.open();
    expect((await typed).ok).toBe(true);
    await stopped;
    expect(bot.heard()).toContain('Change `q7k2m9xt`');
    expect(bot.operations.changes.size).toBe(1);
  });

  it('is not waited for longer than asked', async () => {
    bot.operations.hold = new Promise(() => undefined);
    const typed = bot.lb('disable test.tianya.cn 192.168.100.78');
    await expect.poll(() => bot.operations.begun).toBe(1);
    await bot.app?.stop(20);
    expect(bot.logged('Stopped with deliveries under way')).toBe(true);
    await bot.slack.close();
    await typed;
  });
});

describe('starting', () => {
  it('with a bot token that Slack refuses ends with one clear line', async () => {
    const wrong = new Secret('xoxb-wrong');
    await expect(
      identify({ botToken: wrong, apiUrl: bot.slack.apiUrl, log: bot.log }),
    ).rejects.toMatchObject({
      code: 'NOT_ALLOWED',
      message:
        'Asking Slack whose the bot token is: Slack said invalid_auth. Look at the bot token.',
    });
  });

  it('with an app token that Slack refuses ends with one clear line', async () => {
    const other = await bot.build({ appToken: new Secret('xapp-wrong') });
    await expect(other.start()).rejects.toMatchObject({
      code: 'NOT_ALLOWED',
      message: 'Opening the connection to Slack: Slack said invalid_auth. Look at the app token.',
    });
  });

  it('without Slack ends with one clear line', async () => {
    const away = { botToken, apiUrl: 'http://127.0.0.1:9/api/', log: bot.log };
    await expect(identify(away)).rejects.toMatchObject({ code: 'SLACK_UNAVAILABLE' });
  });

  it('tells who it is', async () => {
    expect(await identify({ botToken, apiUrl: bot.slack.apiUrl, log: bot.log })).toEqual({
      teamId: 'T0HOME',
      botUserId: 'U0LBBOT',
      botId: 'B0LBBOT',
      appId: 'A0LB',
    });
    expect([bot.app?.teamId, bot.app?.botUserId]).toEqual(['T0HOME', 'U0LBBOT']);
  });

  it('writes no token to the log', () => {
    const lines = JSON.stringify(bot.log.lines);
    expect(lines).not.toContain(botToken.reveal());
    expect(lines).not.toContain(appToken.reveal());
  });
});
