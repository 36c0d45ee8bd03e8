import { request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signatureOf } from '../../src/sandbox/slack/signed-http.ts';
import { type RunningBot, startBot } from './bot.ts';
import { gateway, handClock, signingSecret } from './running.ts';

const NOW = Date.UTC(2026, 10, 20, 5, 0, 0);
const FORM = 'application/x-www-form-urlencoded';

let bot: RunningBot;
let clock: ReturnType<typeof handClock>;
let url: string;

beforeEach(async () => {
  bot = await startBot('signed HTTP');
  clock = handClock(NOW);
  url = (await bot.start({ clock })).url() ?? '';
});

afterEach(() => bot.close());

const command = new URLSearchParams({
  command: '/lb',
  text: 'disable test.tianya.cn 192.168.100.78',
  team_id: 'T0HOME',
  user_id: 'U0OPS',
  channel_id: 'C0OPS',
  api_app_id: 'A0LB',
  trigger_id: '1.2.abc',
  response_url: 'http://127.0.0.1:9/',
}).toString();

interface Sent {
  readonly body?: string;
  /** Seconds by which the timestamp differs from the bot's clock. */
  readonly lateBy?: number;
  readonly secret?: string;
  readonly type?: string;
  readonly headers?: Record<string, string>;
  readonly path?: string;
  readonly method?: string;
}

/** Sends a request signed as Slack signs it, apart from what `over` says. */
async function post(over: Sent = {}) {
  const body = over.body ?? command;
  const timestamp = Math.floor(NOW / 1000) - (over.lateBy ?? 0);
  const response = await fetch(new URL(over.path ?? '', url), {
    method: over.method ?? 'POST',
    ...(over.method === 'GET' ? {} : { body }),
    headers: {
      'content-type': over.type ?? FORM,
      'x-slack-request-timestamp': String(timestamp),
      'x-slack-signature': signatureOf(over.secret ?? signingSecret.reveal(), timestamp, body),
      ...over.headers,
    },
  });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

const reasons = () =>
  bot.log.lines
    .filter((line) => line.message === 'A request was refused')
    .map((line) => line.data.reason);

/** Refused, with nothing handed over and nothing said but the number. */
async function refused(over: Sent, status: number, reason: string) {
  expect(await post(over)).toMatchObject({ status, text: '' });
  expect(bot.operations.begun).toBe(0);
  expect(reasons()).toEqual([reason]);
}

describe('a signed request', () => {
  it('is taken, and answered with what is known', async () => {
    const { status, text, headers } = await post();
    expect(status).toBe(200);
    expect(headers.get('content-type')).toContain('application/json');
    expect(JSON.parse(text)).toMatchObject({ response_type: 'ephemeral' });
    expect(bot.operations.changes.size).toBe(1);
  });

  it.each([300, -300])('of %d seconds ago is taken', async (lateBy) => {
    expect((await post({ lateBy })).status).toBe(200);
    expect(bot.operations.changes.size).toBe(1);
  });

  it('that is stale is refused', () => refused({ lateBy: 301 }, 401, 'it is stale'));

  it('of the future is refused', () =>
    refused({ lateBy: -301 }, 401, 'its timestamp lies in the future'));

  it('sent again is the same command', async () => {
    await post();
    expect((await post()).text).toContain('taken before; it is one change');
    expect(bot.operations.changes.size).toBe(1);
  });

  it('by another secret is refused', () =>
    refused({ secret: 'guessed' }, 401, 'its signature does not match'));

  it('whose body was changed is refused', async () => {
    const timestamp = Math.floor(NOW / 1000);
    const signature = signatureOf(signingSecret.reveal(), timestamp, command);
    const body = command.replace('U0OPS', 'U0LEAD');
    const headers = { 'x-slack-signature': signature };
    await refused({ body, headers }, 401, 'its signature does not match');
  });

  it.each([
    [{ 'x-slack-signature': '' }, 'its signature is not of version 0'],
    [{ 'x-slack-signature': `v1=${'0'.repeat(64)}` }, 'its signature is not of version 0'],
    [{ 'x-slack-signature': `v0=${'0'.repeat(63)}` }, 'its signature is not of version 0'],
    [{ 'x-slack-request-timestamp': 'now' }, 'its timestamp is not a number'],
    [{ 'x-slack-request-timestamp': '1e9' }, 'its timestamp is not a number'],
  ])('with the header %j is refused', (headers, reason) => refused({ headers }, 401, reason));

  it('of another kind of body is refused', () =>
    refused({ type: 'text/plain' }, 415, 'its content type is neither a form nor JSON'));

  it('with a compressed body is refused', () =>
    refused({ headers: { 'content-encoding': 'gzip' } }, 415, 'its body is compressed'));

  it.each(['[]', '"text"', 'null', '{', ''])('whose JSON is %s is refused', (body) =>
    refused({ body, type: 'application/json' }, 400, 'its body holds no JSON object'),
  );

  it('that holds no payload that can be read is refused', () =>
    refused({ body: 'payload=%7B' }, 400, 'its body holds no JSON object'));

  it.each([
    [{ path: '/slack/event' }, 404],
    [{ path: '/slack/events/' }, 404],
    [{ method: 'GET' }, 405],
    [{ method: 'PUT' }, 405],
  ])('to %j is refused', async (over, status) => {
    expect((await post(over)).status).toBe(status);
    expect(bot.operations.begun).toBe(0);
  });

  it('that asks whether this is the right address is answered with its word', async () => {
    const body = JSON.stringify({ type: 'url_verification', challenge: '<b>word</b>' });
    const { status, text, headers } = await post({ body, type: 'application/json' });
    expect([status, text]).toEqual([200, '<b>word</b>']);
    expect(headers.get('content-type')).toContain('text/plain');
  });

  it('that asks so without a signature is refused', () => {
    const body = JSON.stringify({ type: 'url_verification', challenge: 'word' });
    const over = { body, type: 'application/json', secret: 'guessed' };
    return refused(over, 401, 'its signature does not match');
  });
});

describe('a request without a signature', () => {
  it('is refused', async () => {
    const response = await fetch(url, { method: 'POST', body: command });
    expect(response.status).toBe(401);
    expect(reasons()).toEqual(['it is not signed']);
  });

  it('is logged once, then counted', async () => {
    for (let sent = 0; sent < 4; sent += 1) await fetch(url, { method: 'POST', body: command });
    clock.advance(10_000);
    await fetch(url, { method: 'POST', body: command });
    const lines = bot.log.lines.filter((line) => line.message === 'A request was refused');
    expect(lines.map((line) => line.data.moreBefore)).toEqual([undefined, 3]);
    expect(JSON.stringify(lines)).not.toContain('test.tianya.cn');
  });
});

describe('a body that is too large', () => {
  const large = `text=${'x'.repeat(256 * 1024)}`;

  it('is refused although it is signed', () =>
    refused({ body: large }, 413, 'it has more than 262144 bytes'));

  it('is refused when it does not say its length', async () => {
    const timestamp = Math.floor(NOW / 1000);
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const sent = request(url, {
        method: 'POST',
        headers: {
          'content-type': FORM,
          'x-slack-request-timestamp': String(timestamp),
          'x-slack-signature': signatureOf(signingSecret.reveal(), timestamp, large),
        },
      });
      sent.on('response', (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      sent.on('error', reject);
      for (let at = 0; at < large.length; at += 16_384) sent.write(large.slice(at, at + 16_384));
      sent.end();
    });
    expect(status).toBe(413);
    expect(reasons()).toEqual(['it has more than 262144 bytes']);
  });
});

describe('the address', () => {
  it('is known once it listens, and free again when the app stopped', async () => {
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/slack\/events$/);
    expect(bot.app?.connected()).toBe(true);
    await bot.app?.stop(1000);
    expect(bot.app?.connected()).toBe(false);
    await expect(fetch(url)).rejects.toThrow();
  });

  it('that another program has ends the start with one clear line', async () => {
    const port = Number(new URL(url).port);
    const other = await bot.build({ port });
    await expect(other.start()).rejects.toMatchObject({
      code: 'NOT_ALLOWED',
      message: `Listening for Slack on 127.0.0.1 port ${port}: another program has this port. Set LB_SLACK_HTTP_PORT to a free one.`,
    });
    await other.stop(0);
    expect((await post()).status).toBe(200);
  });

  it('waits for a delivery under way when the app stops, and cuts idle connections', async () => {
    const answer = gateway();
    bot.operations.hold = answer.opened;
    const typed = post();
    await expect.poll(() => bot.operations.begun).toBe(1);
    const stopped = bot.app?.stop(5000);
    expect((await post({ body: command.replace('1.2.abc', '1.2.def') })).text).toContain(
      'The bot is being restarted',
    );
    answer.open();
    expect((await typed).text).toContain('q7k2m9xt');
    await stopped;
    expect(bot.operations.changes.size).toBe(1);
  });

  it('does not wait for somebody who sends nothing', async () => {
    const { port } = new URL(url);
    const silent = connect(Number(port), '127.0.0.1');
    silent.on('error', () => undefined);
    await new Promise((resolve) => silent.once('connect', resolve));
    const gone = new Promise((resolve) => silent.once('close', resolve));
    silent.write('POST /slack/events HTTP/1.1\r\n');
    const stopping = bot.app?.stop(0);
    await expect
      .poll(() => {
        clock.advance(1000);
        return bot.app?.connected();
      })
      .toBe(false);
    await stopping;
    await gone;
  });
});
