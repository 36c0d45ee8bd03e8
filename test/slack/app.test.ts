import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../src/domain/secret.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { LocalSlack } from '../../src/sandbox/slack/local-slack.ts';
import { createAnnouncer } from '../../src/slack/announcer.ts';
import { createSlackApp, type SlackApp } from '../../src/slack/app.ts';
import { identify } from '../../src/slack/identity.ts';
import {
  appToken,
  botToken,
  gateway,
  handClock,
  inventory,
  keptLog,
  RememberingOperations,
  realClock,
  startSlack,
} from './running.ts';
import { cardContext, record } from './sample.ts';

let slack: LocalSlack;
let app: SlackApp;
let operations: RememberingOperations;
let log: ReturnType<typeof keptLog>;

interface Over {
  readonly clock?: Clock;
  readonly botToken?: Secret;
  readonly appToken?: Secret;
}

async function build(over: Over = {}): Promise<SlackApp> {
  const web = { botToken: over.botToken ?? botToken, apiUrl: slack.apiUrl, log };
  return createSlackApp({
    ...web,
    receiver: { kind: 'socket', appToken: over.appToken ?? appToken },
    identity: await identify(web),
    operations,
    inventory,
    clock: over.clock ?? realClock,
  });
}

async function restart(over: Over): Promise<void> {
  await app.stop(0);
  app = await build(over);
  await app.start();
}

beforeEach(async () => {
  slack = await startSlack();
  log = keptLog();
  operations = new RememberingOperations();
  app = await build();
  await app.start();
});

afterEach(async () => {
  await app.stop(0);
  await slack.close();
});

const lb = (text: string, over: { user?: string; channel?: string } = {}) =>
  slack.human.command({ user: 'U0OPS', channel: 'C0OPS', command: '/lb', text, ...over });

const heard = (user = 'U0OPS') =>
  slack.state
    .ephemerals(user)
    .map((message) => message.text)
    .join('\n---\n');

async function postedCard() {
  const announcer = createAnnouncer({
    botToken,
    apiUrl: slack.apiUrl,
    log,
    identity: { botId: 'B0LBBOT' },
  });
  return announcer.postCard('C0OPS', cardContext(record('waiting')));
}

describe('a command', () => {
  it('that changes something is handed over and acknowledged with its id', async () => {
    expect((await lb('disable test.tianya.cn 192.168.100.78')).ok).toBe(true);
    expect(heard()).toBe(
      '⏳ Planning: disable 192.168.100.78 in test.tianya.cn. Change `q7k2m9xt`; the card appears in <#C0OPS>.',
    );
    const [[deliveryId, { asker }] = ['', { asker: undefined }]] = [...operations.changes];
    expect(deliveryId).toMatch(/^T0HOME\../);
    expect(asker).toMatchObject({
      actor: { id: 'U0OPS', via: 'slack' },
      origin: { via: 'slack', channel: 'C0OPS' },
    });
  });

  it('delivered twice is one change', async () => {
    await lb('disable test.tianya.cn 192.168.100.78');
    await slack.human.redeliver({ delivery: 0 });
    expect(operations.changes.size).toBe(1);
    expect(heard()).toContain('taken before; it is one change');
  });

  it('that asks something is handed over', async () => {
    await lb('status test.tianya.cn');
    expect(operations.questions).toEqual(['status']);
    expect(heard()).toContain('Reading the balancers');
  });

  it('that decides something is answered with what became of it', async () => {
    await lb('approve q7k2m9xt 3f9a', { user: 'U0LEAD' });
    expect(operations.decisions[0]?.decision).toEqual({
      verb: 'approve',
      changeId: 'q7k2m9xt',
      digestPrefix: '3f9a',
    });
    expect(heard('U0LEAD')).toContain('✅ Approved: change `q7k2m9xt`');
    await lb('approve q7k2m9xt 3f9a');
    expect(heard()).toContain('You asked for it yourself.');
  });

  it('that cannot be read is answered with its usage', async () => {
    await lb('disabel test.tianya.cn x');
    expect(heard()).toContain('Nothing was changed. Unknown verb');
    expect(heard()).toContain('disable');
    expect(operations.changes.size).toBe(0);
  });

  it('for help shows the verbs the asker may run', async () => {
    await lb('help');
    expect(heard()).toContain('/lb disable');
    expect(heard()).not.toContain('/lb approve');
  });

  it('for help shows every verb, and says so, when nobody knows who asks', async () => {
    operations.fail = new Error('directory away');
    await lb('help');
    expect(heard()).toContain('/lb approve');
    expect(heard()).toContain('not all may be yours');
  });

  it('that fails inside is acknowledged with an id of the log line', async () => {
    operations.fail = new Error(`boom ${'x'.repeat(10)}`);
    expect((await lb('disable test.tianya.cn 192.168.100.78')).ok).toBe(true);
    const fault = /under ([0-9a-f]{8})\./.exec(heard())?.[1];
    expect(log.lines.find((line) => line.data['fault'] === fault)?.data['error']).toContain('boom');
    expect(heard()).not.toContain('boom');
  });

  it('that takes too long is acknowledged in time, and the outcome is told later', async () => {
    const clock = handClock();
    await restart({ clock });
    const answer = gateway();
    operations.hold = answer.opened;
    const typed = lb('disable test.tianya.cn 192.168.100.78');
    await expect.poll(() => slack.state.deliveries.length).toBe(1);
    await expect
      .poll(() => {
        clock.advance(2000);
        return heard();
      })
      .toContain('not known yet whether this was taken');
    expect((await typed).ok).toBe(true);
    answer.open();
    await expect.poll(() => heard()).toContain('Change `q7k2m9xt`');
  });
});

describe('a click on a card', () => {
  const click = (user: string, ts: string, action = 'change.approve') =>
    slack.human.click({ user, channel: 'C0OPS', ts, action_id: action });

  it('decides about the change, the plan and the card that were seen', async () => {
    const { ts } = await postedCard();
    expect((await click('U0LEAD', ts)).ok).toBe(true);
    await expect.poll(() => operations.decisions).toHaveLength(1);
    const [taken] = operations.decisions;
    const digest = record('waiting').plan?.digest.slice(0, 12);
    expect(taken?.decision).toEqual({
      verb: 'approve',
      changeId: 'q7k2m9xt',
      digestPrefix: digest,
      cardTs: ts,
    });
    expect(taken?.asker.actor).toEqual({ id: 'U0LEAD', via: 'slack' });
    expect(taken?.asker.deliveryId).toMatch(/^T0HOME\../);
    expect(heard('U0LEAD')).toBe('');
  });

  it('can deny and cancel', async () => {
    const { ts } = await postedCard();
    await click('U0LEAD', ts, 'change.deny');
    await click('U0LEAD', ts, 'change.cancel');
    await expect
      .poll(() => operations.decisions.map((each) => each.decision))
      .toEqual([
        { verb: 'deny', changeId: 'q7k2m9xt', cardTs: ts },
        { verb: 'cancel', changeId: 'q7k2m9xt', cardTs: ts },
      ]);
  });

  it('that is refused is told why, to the one who clicked', async () => {
    const { ts } = await postedCard();
    await click('U0OPS', ts);
    await expect.poll(() => heard()).toContain('You asked for it yourself.');
    await click('U0LEAD', ts);
    await click('U0LEAD', ts);
    await expect.poll(() => heard('U0LEAD')).toContain('It was decided by U0LEAD.');
  });

  it('is told by the address of the click when the Web API does not help', async () => {
    const { ts } = await postedCard();
    slack.human.fault({ method: 'chat.postEphemeral', error: 'user_not_in_channel' });
    await click('U0OPS', ts);
    await expect.poll(() => heard()).toContain('You asked for it yourself.');
    expect(slack.state.channel('C0OPS')).toHaveLength(1);
  });

  it('is acknowledged before the decision is known', async () => {
    const { ts } = await postedCard();
    const answer = gateway();
    operations.hold = answer.opened;
    expect((await click('U0LEAD', ts)).ok).toBe(true);
    expect(operations.decisions).toHaveLength(0);
    answer.open();
    await expect.poll(() => operations.decisions).toHaveLength(1);
  });

  it('that fails inside is told, though it was acknowledged', async () => {
    const { ts } = await postedCard();
    operations.fail = new Error('boom');
    expect((await click('U0LEAD', ts)).ok).toBe(true);
    await expect.poll(() => heard('U0LEAD')).toContain('A fault of lb-chatops itself');
  });

  it('with a value that does not belong to its block decides nothing', async () => {
    const { ts } = await postedCard();
    await slack.human.click({
      user: 'U0LEAD',
      channel: 'C0OPS',
      ts,
      action_id: 'change.approve',
      value: 'another1',
    });
    await expect.poll(() => heard('U0LEAD')).toContain('not one of this version');
    expect(operations.decisions).toHaveLength(0);
  });
});

describe('deliveries that are not for us', () => {
  const refusedWith = async (reason: string, user = 'U0OPS') => {
    await expect.poll(() => heard(user)).toContain(reason);
    expect(operations.changes.size + operations.decisions.length).toBe(0);
    expect(log.lines.some((line) => line.message === 'A delivery was refused')).toBe(true);
  };

  it('from a person of another organisation are acknowledged and refused', async () => {
    const { ts } = await postedCard();
    const acted = await slack.human.click({
      user: 'U0ALIEN',
      channel: 'C0OPS',
      ts,
      action_id: 'change.approve',
      force: true,
    });
    expect(acted.ok).toBe(true);
    await expect
      .poll(() => log.lines.find((line) => line.message === 'A delivery was refused')?.data)
      .toMatchObject({ userId: 'U0ALIEN', userTeamId: 'T0OTHER' });
    expect(operations.decisions).toHaveLength(0);
  });

  it.each([
    [{ team_id: 'T0OTHER' }, 'its own workspace only'],
    [{ api_app_id: 'A0OTHER' }, 'another Slack app'],
    [{ is_enterprise_install: 'true' }, 'whole organisation'],
    [{ user_id: 'U0LBBOT' }, 'A bot cannot do that'],
    [{ trigger_id: '' }, 'without a trigger id'],
  ])('with %j are acknowledged and refused', async (payload, reason) => {
    const acted = await slack.human.command({
      user: 'U0OPS',
      channel: 'C0OPS',
      command: '/lb',
      text: 'disable test.tianya.cn 192.168.100.78',
      override: { payload },
    });
    expect(acted.ok).toBe(true);
    await refusedWith(reason);
  });

  it('of a kind nobody listens to are acknowledged', async () => {
    expect((await slack.human.openHome({ user: 'U0OPS' })).ok).toBe(true);
  });
});

describe('the connection', () => {
  it('is opened again at once when Slack asks for it', async () => {
    const started = performance.now();
    slack.human.disconnect({ reason: 'refresh_requested' });
    await expect
      .poll(() => app.connected() && slack.state.sockets === 1, { interval: 5 })
      .toBe(true);
    await expect
      .poll(() => log.lines.some((line) => line.message === 'Connected to Slack again'), {
        interval: 5,
      })
      .toBe(true);
    expect(performance.now() - started).toBeLessThan(1000);
    expect((await lb('pools')).ok).toBe(true);
  });

  it('is tried again until Slack lets it in', async () => {
    slack.human.fault({ method: 'apps.connections.open', status: 503, times: 1 });
    slack.human.fault({ method: 'apps.connections.open', error: 'invalid_auth', times: 1 });
    slack.human.disconnect({ reason: 'cut' });
    await expect.poll(() => app.connected() && slack.state.sockets, { timeout: 5000 }).toBe(1);
    expect((await lb('pools')).ok).toBe(true);
  });

  it('is closed when the app stops, and stays closed', async () => {
    await app.stop(1000);
    await expect.poll(() => slack.state.sockets).toBe(0);
    expect(app.connected()).toBe(false);
  });

  it('is kept until what is under way is answered', async () => {
    const answer = gateway();
    operations.hold = answer.opened;
    const typed = lb('disable test.tianya.cn 192.168.100.78');
    await expect.poll(() => slack.state.deliveries.length).toBe(1);
    const stopped = app.stop(5000);
    const second = await lb('disable test.tianya.cn 192.168.100.79');
    expect(second.ok).toBe(true);
    expect(heard()).toContain('The bot is being restarted');
    answer.open();
    expect((await typed).ok).toBe(true);
    await stopped;
    expect(heard()).toContain('Change `q7k2m9xt`');
    expect(operations.changes.size).toBe(1);
  });

  it('is not waited for longer than asked', async () => {
    operations.hold = new Promise(() => undefined);
    void lb('disable test.tianya.cn 192.168.100.78');
    await expect.poll(() => slack.state.deliveries.length).toBe(1);
    await app.stop(20);
    expect(log.lines.at(-1)?.message ?? '').toBe('Stopped with deliveries under way');
  });
});

describe('starting', () => {
  it('with a bot token that Slack refuses ends with one clear line', async () => {
    const wrong = new Secret('xoxb-wrong');
    await expect(identify({ botToken: wrong, apiUrl: slack.apiUrl, log })).rejects.toMatchObject({
      code: 'NOT_ALLOWED',
      message:
        'Asking Slack whose the bot token is: Slack said invalid_auth. Look at the bot token.',
    });
  });

  it('with an app token that Slack refuses ends with one clear line', async () => {
    const other = await build({ appToken: new Secret('xapp-wrong') });
    await expect(other.start()).rejects.toMatchObject({
      code: 'NOT_ALLOWED',
      message: 'Opening the connection to Slack: Slack said invalid_auth. Look at the app token.',
    });
  });

  it('without Slack ends with one clear line', async () => {
    const away = { botToken, apiUrl: 'http://127.0.0.1:9/api/', log };
    await expect(identify(away)).rejects.toMatchObject({ code: 'SLACK_UNAVAILABLE' });
  });

  it('tells who it is', async () => {
    expect(await identify({ botToken, apiUrl: slack.apiUrl, log })).toEqual({
      teamId: 'T0HOME',
      botUserId: 'U0LBBOT',
      botId: 'B0LBBOT',
      appId: 'A0LB',
    });
    expect([app.teamId, app.botUserId]).toEqual(['T0HOME', 'U0LBBOT']);
  });

  it('writes no token to the log', () => {
    const lines = JSON.stringify(log.lines);
    expect(lines).not.toContain(botToken.reveal());
    expect(lines).not.toContain(appToken.reveal());
  });
});
