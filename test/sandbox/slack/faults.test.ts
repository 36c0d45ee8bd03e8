import { WebClient } from '@slack/web-api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type LocalSlack, startLocalSlack } from '../../../src/sandbox/slack/local-slack.ts';
import type { LocalSlackOptions } from '../../../src/sandbox/slack/options.ts';
import { CHANNEL, SEED, SHARED } from './workspace-seed.ts';

let slack: LocalSlack;
let client: WebClient;

const clientOf = (timeout: number) =>
  new WebClient(slack.botToken, {
    slackApiUrl: slack.apiUrl,
    timeout,
    rejectRateLimitedCalls: true,
    retryConfig: { retries: 0 },
  });

async function start(options: Partial<LocalSlackOptions> = {}): Promise<void> {
  slack = await startLocalSlack({ ...SEED, ...options });
  client = clientOf(10_000);
}

const post = (channel = CHANNEL) => client.chat.postMessage({ channel, text: 'x' });
const method = 'chat.postMessage';

beforeEach(() => start());
afterEach(() => slack.close());

test('a fault hits as many calls as it says and no other method', async () => {
  slack.human.fault({ method, times: 2, error: 'fatal_error' });
  await client.auth.test();
  await expect(post()).rejects.toThrow('fatal_error');
  await expect(post()).rejects.toThrow('fatal_error');
  await post();
  expect(slack.state.messages).toHaveLength(1);
});

test('a dropped call has no effect, unless it is dropped afterwards', async () => {
  slack.human.fault({ method, drop: true });
  await expect(post()).rejects.toThrow();
  expect(slack.state.messages).toHaveLength(0);
  slack.human.fault({ method, drop: true, after: true });
  await expect(post()).rejects.toThrow();
  expect(slack.state.messages).toHaveLength(1);
  expect(slack.state.calls.map(({ result }) => result)).toEqual([
    'fault: dropped',
    'fault: dropped',
  ]);
});

test('a message can arrive although the client gave up waiting', async () => {
  client = clientOf(100);
  slack.human.fault({ method, delayMs: 300, after: true });
  await expect(post()).rejects.toThrow();
  expect(slack.state.messages).toHaveLength(1);
});

test('a status and Retry-After reach the client', async () => {
  slack.human.fault({ method, retryAfter: 7 });
  await expect(post()).rejects.toMatchObject({ retryAfter: 7 });
  slack.human.fault({ method, status: 503 });
  await expect(post()).rejects.toMatchObject({ statusCode: 503 });
});

test('a fault can be for one channel only, and be taken back', async () => {
  slack.human.fault({ method: '*', channel: SHARED, times: 5, error: 'fatal_error' });
  await post();
  await expect(post(SHARED)).rejects.toThrow('fatal_error');
  slack.human.fault({ clear: true });
  await post(SHARED);
});

test('a response_url can fail too', async () => {
  await slack.human.command({ user: 'U0ALICE', channel: CHANNEL, command: '/lb' });
  const url = String(slack.state.deliveries[0]?.payload.response_url);
  slack.human.fault({ method: 'response_url', status: 500 });
  const answer = () => fetch(url, { method: 'POST', body: '{"text":"hi"}' });
  expect((await answer()).status).toBe(500);
  expect((await answer()).status).toBe(200);
});

test('a response_url dies after thirty minutes', async () => {
  await slack.close();
  let now = 1_700_000_000_000;
  await start({ now: () => now });
  await slack.human.command({ user: 'U0ALICE', channel: CHANNEL, command: '/lb' });
  const url = String(slack.state.deliveries[0]?.payload.response_url);
  const answer = async (body: object) => {
    const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
    return response.status;
  };
  now += 30 * 60_000;
  expect(await answer({ text: 'just in time' })).toBe(200);
  expect(await answer({ text: '' })).toBe(400);
  now += 1;
  expect(await answer({ text: 'too late' })).toBe(404);
});

test('each channel takes a burst and then one post per second', async () => {
  await slack.close();
  let now = 1_700_000_000_000;
  await start({ postPerSecond: 1, postBurst: 2, now: () => now });
  await post();
  await post();
  await expect(post()).rejects.toMatchObject({ retryAfter: 1 });
  await post(SHARED);
  now += 1_000;
  await post();
  await expect(post()).rejects.toMatchObject({ retryAfter: 1 });
  expect(slack.state.channel(CHANNEL)).toHaveLength(3);
});
