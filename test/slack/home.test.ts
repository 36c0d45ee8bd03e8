import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Home } from '../../src/domain/home.ts';
import type { Announcer } from '../../src/ports/announcer.ts';
import { createAnnouncer } from '../../src/slack/announcer.ts';
import { type RunningBot, startBot, WAYS } from './bot.ts';
import { botToken } from './running.ts';
import { noon, record } from './sample.ts';

const page: Home = {
  kind: 'home',
  userId: 'U0LEAD',
  at: noon,
  approvals: [record('waiting')],
  mine: [],
  out: [],
  devices: [],
  faults: [],
};

function announcerFor(bot: RunningBot): Announcer {
  const identity = async () => ({ botId: 'B0LBBOT' });
  return createAnnouncer({ botToken, apiUrl: bot.slack.apiUrl, log: bot.log, identity });
}

describe.each(WAYS)('the Home tab by %s', (way) => {
  let bot: RunningBot;
  beforeEach(async () => {
    bot = await startBot(way);
  });
  afterEach(() => bot.close());

  it('is asked for when somebody opens it', async () => {
    expect((await bot.slack.human.openHome({ user: 'U0LEAD' })).ok).toBe(true);
    await expect.poll(() => bot.operations.homes).toHaveLength(1);
    const [asker] = bot.operations.homes;
    expect(asker?.actor).toEqual({ id: 'U0LEAD', via: 'slack' });
    expect(asker?.deliveryId).toMatch(/^T0HOME\.Ev/);
  });

  it.each([{ team_id: 'T0OTHER' }, { api_app_id: 'A0OTHER' }])(
    'is not for a delivery with %j, which is acknowledged and logged',
    async (override) => {
      expect((await bot.slack.human.openHome({ user: 'U0LEAD', override })).ok).toBe(true);
      await expect.poll(() => bot.logged('A delivery was refused')).toBe(true);
      expect(bot.operations.begun).toBe(0);
      expect(bot.heard('U0LEAD')).toBe('');
    },
  );

  it('has buttons that decide as those of the card do, but come from no card', async () => {
    await announcerFor(bot).publishHome('U0LEAD', page);
    const action_id = 'change.approve';
    expect((await bot.slack.human.clickHome({ user: 'U0LEAD', action_id })).ok).toBe(true);
    await expect.poll(() => bot.operations.decisions).toHaveLength(1);
    expect(bot.operations.decisions[0]?.decision).toEqual({
      verb: 'approve',
      changeId: 'q7k2m9xt',
      digestPrefix: record('waiting').plan?.digest.slice(0, 12),
    });
    expect(bot.operations.decisions[0]?.asker.origin).toEqual({ via: 'slack' });
  });

  it('tells directly why a click was not taken', async () => {
    await announcerFor(bot).publishHome('U0OPS', page);
    await bot.slack.human.clickHome({ user: 'U0OPS', action_id: 'change.approve' });
    await expect
      .poll(() => bot.slack.state.channel('D0OPS').map((each) => each.text))
      .toEqual([expect.stringContaining('You asked for it yourself.')]);
  });

  it('takes no click of somebody of another organisation', async () => {
    await announcerFor(bot).publishHome('U0LEAD', page);
    const override = { user_team_id: 'T0OTHER' };
    const click = { user: 'U0LEAD', action_id: 'change.approve', override };
    expect((await bot.slack.human.clickHome(click)).ok).toBe(true);
    await expect.poll(() => bot.logged('A delivery was refused')).toBe(true);
    expect(bot.operations.decisions).toEqual([]);
  });
});

describe('drawing the Home tab', () => {
  let bot: RunningBot;
  let announcer: Announcer;
  beforeEach(async () => {
    bot = await startBot();
    announcer = announcerFor(bot);
  });
  afterEach(() => bot.close());

  it('replaces what stood there', async () => {
    await announcer.publishHome('U0LEAD', page);
    const refused: Home = { kind: 'refused', reason: 'Guests may not use it.' };
    await announcer.publishHome('U0LEAD', refused);
    const view = bot.slack.state.home('U0LEAD');
    expect(view?.blocks).toHaveLength(1);
    expect(JSON.stringify(view)).toContain('Guests may not use it.');
  });

  it.each(['not_enabled', 'invalid_arguments', 'user_not_found'])(
    'is given up when Slack says %s',
    async (error) => {
      bot.slack.human.fault({ method: 'views.publish', error });
      await expect(announcer.publishHome('U0LEAD', page)).rejects.toMatchObject({
        code: 'UNSUPPORTED',
        message: `Drawing the Home tab of U0LEAD: Slack said ${error}.`,
      });
    },
  );

  it.each([{ status: 503 }, { drop: true }, { retryAfter: 3 }])(
    'is tried again later after %j',
    async (fault) => {
      bot.slack.human.fault({ method: 'views.publish', ...fault });
      await expect(announcer.publishHome('U0LEAD', page)).rejects.toMatchObject({
        code: 'SLACK_UNAVAILABLE',
      });
    },
  );
});
