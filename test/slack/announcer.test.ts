import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OperationError } from '../../src/domain/errors.ts';
import type { Announcer } from '../../src/ports/announcer.ts';
import type { LocalSlack } from '../../src/sandbox/slack/local-slack.ts';
import { createAnnouncer } from '../../src/slack/announcer.ts';
import { botToken, keptLog, startSlack } from './running.ts';
import { cardContext, noon, outcome, plan, record } from './sample.ts';

let slack: LocalSlack;
let announcer: Announcer;
let log: ReturnType<typeof keptLog>;

const waiting = cardContext(record('waiting'));
const done = cardContext(record('done', { over: { outcome: outcome(plan(), 'verified') } }));
const failed = cardContext(record('failed'));

function announce(over: { apiUrl?: string; botId?: string } = {}): Announcer {
  return createAnnouncer({
    botToken,
    apiUrl: over.apiUrl ?? slack.apiUrl,
    log,
    identity: async () => ({ botId: over.botId ?? 'B0LBBOT' }),
  });
}

beforeEach(async () => {
  slack = await startSlack();
  log = keptLog();
  announcer = announce();
});

afterEach(() => slack.close());

/** The fault of a promise that must fail. */
async function faultOf(work: Promise<unknown>): Promise<OperationError> {
  const thrown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(OperationError);
  return thrown as OperationError;
}

const posts = () => slack.state.calls.filter((call) => call.method === 'chat.postMessage').length;

describe('a card', () => {
  it('is posted with its buttons, and edited in the same place until it has none', async () => {
    const place = await announcer.postCard('C0OPS', waiting);
    expect(place.channel).toBe('C0OPS');
    expect(slack.state.channel('C0OPS')[0]?.ts).toBe(place.ts);
    expect(JSON.stringify(slack.state.channel('C0OPS')[0]?.blocks)).toContain('change.approve');
    expect(await announcer.editCard(place, done)).toBe(true);
    const after = slack.state.channel('C0OPS');
    expect(after).toHaveLength(1);
    expect(JSON.stringify(after[0]?.blocks)).not.toContain('change.approve');
    expect(after[0]?.text).toContain('2 of 2 balancers verified');
  });

  it('is posted literally: Slack looks for no names and no links in it', async () => {
    await announcer.postCard('C0OPS', waiting);
    const call = slack.state.calls.find((each) => each.method === 'chat.postMessage');
    expect(call?.args).toMatchObject({ parse: 'none' });
    expect(String(call?.args.link_names)).toBe('false');
  });

  it('is not posted twice when Slack took it and did not answer', async () => {
    slack.human.fault({ method: 'chat.postMessage', drop: true, after: true });
    expect((await faultOf(announcer.postCard('C0OPS', waiting))).code).toBe('SLACK_UNAVAILABLE');
    expect(slack.state.channel('C0OPS')).toHaveLength(1);
    expect(posts()).toBe(1);
  });

  it('that may have arrived is found again by its id', async () => {
    const notBefore = Date.now();
    slack.human.fault({ method: 'chat.postMessage', status: 503, after: true });
    await faultOf(announcer.postCard('C0OPS', waiting));
    expect(await announcer.findCard('C0OPS', 'q7k2m9xt', notBefore)).toEqual({
      channel: 'C0OPS',
      ts: slack.state.channel('C0OPS')[0]?.ts,
    });
    expect(await announcer.findCard('C0OPS', 'other', notBefore)).toBeUndefined();
  });

  it('of another bot is not taken for ours', async () => {
    await announcer.postCard('C0OPS', waiting);
    const other = announce({ botId: 'B0OTHER' });
    expect(await other.findCard('C0OPS', 'q7k2m9xt', Date.now())).toBeUndefined();
  });

  it('is looked for only since it can have been posted', async () => {
    await announcer.postCard('C0OPS', waiting);
    expect(await announcer.findCard('C0OPS', 'q7k2m9xt', Date.now() + 120_000)).toBeUndefined();
  });

  it('is looked for behind many later messages', async () => {
    const place = await announcer.postCard('C0OPS', waiting);
    for (let index = 0; index < 450; index += 1) {
      slack.human.say({ user: 'U0OPS', channel: 'C0OPS', text: `talk ${index}` });
    }
    expect(await announcer.findCard('C0OPS', 'q7k2m9xt', Date.now() - 1000)).toEqual(place);
    for (let index = 0; index < 600; index += 1) {
      slack.human.say({ user: 'U0OPS', channel: 'C0OPS', text: `talk ${index}` });
    }
    const fault = await faultOf(announcer.findCard('C0OPS', 'q7k2m9xt', Date.now() - 1000));
    expect(fault.code).toBe('UNSUPPORTED');
  });

  it('cannot be looked for without the scope, and that is said', async () => {
    await slack.close();
    slack = await startSlack({ scopes: ['chat:write'] });
    const fault = await faultOf(announce().findCard('C0OPS', 'q7k2m9xt', noon));
    expect(fault.code).toBe('UNSUPPORTED');
    expect(fault.message).toContain('needs the scope channels:history');
  });

  it('is said in plain words when Slack refuses its form', async () => {
    slack.human.fault({ method: 'chat.postMessage', error: 'invalid_blocks' });
    await announcer.postCard('C0OPS', waiting);
    const [posted] = slack.state.channel('C0OPS');
    expect(posted?.text).toContain('The full card cannot be shown here.');
    expect(JSON.stringify(posted?.blocks)).not.toContain('change.approve');
    expect(log.lines.map((line) => line.level)).toContain('error');
  });
});

describe('trouble with Slack', () => {
  it('asks to wait as long as Slack says', async () => {
    slack.human.fault({ method: 'chat.postMessage', retryAfter: 7 });
    const fault = await faultOf(announcer.postCard('C0OPS', waiting));
    expect(fault.code).toBe('SLACK_UNAVAILABLE');
    expect(fault.retryAfterMs).toBe(7000);
  });

  it.each([
    [{ status: 500 }, 'HTTP 500'],
    [{ status: 429, error: 'ratelimited' }, 'Posting the card'],
    [{ drop: true }, 'no connection to Slack'],
    [{ error: 'fatal_error' }, 'Slack said fatal_error'],
  ])('%j may pass, and the message says what it was', async (fault, words) => {
    slack.human.fault({ method: 'chat.postMessage', ...fault });
    const thrown = await faultOf(announcer.postCard('C0OPS', waiting));
    expect(thrown.code).toBe('SLACK_UNAVAILABLE');
    expect(thrown.message).toContain(words);
    expect(posts()).toBe(1);
  });

  it('a closed port is trouble that may pass', async () => {
    const gone = announce({ apiUrl: 'http://127.0.0.1:9/api/' });
    expect((await faultOf(gone.postCard('C0OPS', waiting))).code).toBe('SLACK_UNAVAILABLE');
  });

  it.each(['C0WITHOUT', 'C0NOWHERE'])('%s is closed to the bot', async (channel) => {
    expect((await faultOf(announcer.postCard(channel, waiting))).code).toBe('CHANNEL_CLOSED');
  });

  it('an archived channel is closed to the bot, for edits too', async () => {
    const place = await announcer.postCard('C0OPS', waiting);
    slack.human.admin({ channel: 'C0OPS', archived: true });
    expect((await faultOf(announcer.postCard('C0OPS', waiting))).code).toBe('CHANNEL_CLOSED');
    expect((await faultOf(announcer.editCard(place, done))).code).toBe('CHANNEL_CLOSED');
  });

  it.each(['edit_window_closed', 'message_not_found', 'cant_update_message'])(
    '%s means that the card is past editing',
    async (error) => {
      const place = await announcer.postCard('C0OPS', waiting);
      slack.human.fault({ method: 'chat.update', error });
      expect(await announcer.editCard(place, done)).toBe(false);
    },
  );

  it('never shows the token', async () => {
    slack.human.fault({ method: '*', status: 500, times: 9 });
    const fault = await faultOf(announcer.postCard('C0OPS', waiting));
    const said = `${fault.message} ${JSON.stringify(log.lines)} ${String(fault.stack)}`;
    expect(said).not.toContain(botToken.reveal());
  });
});

describe('the closing word', () => {
  it('stands in the thread of the card', async () => {
    const place = await announcer.postCard('C0OPS', waiting);
    await announcer.postEnding(place, done, { lookFirst: false });
    const [, word] = slack.state.channel('C0OPS');
    expect(word?.thread_ts).toBe(place.ts);
    expect(word?.subtype).toBeUndefined();
    expect(word?.text).toContain('<@U0OPS> <@U0LEAD> ✓');
  });

  it('is shown to the whole channel when it failed', async () => {
    const place = await announcer.postCard('C0OPS', waiting);
    await announcer.postEnding(place, failed, { lookFirst: false });
    expect(slack.state.channel('C0OPS')[1]?.subtype).toBe('thread_broadcast');
  });

  it('is not said twice when the first may have arrived', async () => {
    const place = await announcer.postCard('C0OPS', waiting);
    slack.human.fault({ method: 'chat.postMessage', drop: true, after: true });
    await faultOf(announcer.postEnding(place, done, { lookFirst: false }));
    await announcer.postEnding(place, done, { lookFirst: true });
    expect(slack.state.channel('C0OPS')).toHaveLength(2);
  });

  it('is said when the first did not arrive', async () => {
    const place = await announcer.postCard('C0OPS', waiting);
    await announcer.postEnding(place, done, { lookFirst: true });
    expect(slack.state.channel('C0OPS')).toHaveLength(2);
  });

  it('is said in the channel when somebody deleted the card', async () => {
    const gone = { channel: 'C0OPS', ts: '1700000000.000001' };
    await announcer.postEnding(gone, done, { lookFirst: true });
    expect(slack.state.channel('C0OPS')[0]?.text).toContain('2 of 2 balancers verified');
  });
});

describe('words to one person', () => {
  it('are seen by that person alone, and are shown as they were written', async () => {
    await announcer.whisper('C0OPS', 'U0OPS', { kind: 'text', text: 'no <!channel>\nagain' });
    expect(slack.state.ephemerals('U0OPS').map((each) => each.text)).toEqual([
      'no &lt;!channel&gt;\nagain',
    ]);
    expect(slack.state.channel('C0OPS')).toEqual([]);
  });

  it('can be an answer', async () => {
    const answer = { kind: 'whoami', id: 'U0OPS', via: 'slack', may: [] } as const;
    await announcer.whisper('C0OPS', 'U0OPS', { kind: 'answer', answer });
    expect(JSON.stringify(slack.state.ephemerals('U0OPS')[0]?.blocks)).toContain(
      'You are <@U0OPS>',
    );
  });

  it('come as a direct message where the bot is not in the channel', async () => {
    await announcer.whisper('C0WITHOUT', 'U0OPS', { kind: 'text', text: 'here' });
    expect(slack.state.channel('D0OPS').map((each) => each.text)).toEqual(['here']);
  });

  it('are the whole card when its channel is closed', async () => {
    const place = await announcer.postDirect('U0OPS', done);
    expect(place).toEqual({ channel: 'D0OPS', ts: slack.state.channel('D0OPS')[0]?.ts });
    expect(await announcer.editCard(place, failed)).toBe(true);
  });

  it('cannot reach somebody who left', async () => {
    expect((await faultOf(announcer.postDirect('U0GONE', done))).code).toBe('CHANNEL_CLOSED');
  });
});
