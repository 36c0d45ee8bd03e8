import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type LocalSlack, startLocalSlack } from '../../../src/sandbox/slack/local-slack.ts';
import { type RunningApp, startBoltApp } from './bolt-app.ts';
import { CHANNEL, PRIVATE, SEED } from './workspace-seed.ts';

let slack: LocalSlack;
let bolt: RunningApp;

beforeEach(async () => {
  slack = await startLocalSlack({ ...SEED, ackTimeoutMs: 500 });
  bolt = await startBoltApp(slack, 'socket');
});
afterEach(async () => {
  await bolt.stop();
  await slack.close();
});

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

async function act(verb: string, input: unknown): Promise<Answer> {
  const response = await fetch(`${slack.url}_human/${verb}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(input),
  });
  return { status: response.status, body: (await response.json()) as Answer['body'] };
}

async function read(path: string): Promise<Record<string, unknown>> {
  return (await (await fetch(`${slack.url}_human/${path}`)).json()) as Record<string, unknown>;
}

const typed = { user: 'U0ALICE', channel: CHANNEL, command: '/lb', text: 'disable web-1' };

test('a driver outside can type, read the channel, click and read the log', async () => {
  const said = await act('command', typed);
  expect(said.body).toMatchObject({ ok: true, answer: { text: 'Queued: disable web-1' } });
  await expect.poll(() => slack.state.channel(CHANNEL).length).toBe(1);
  const { messages } = (await read(`channel?channel=${CHANNEL}`)) as { messages: { ts: string }[] };
  expect(messages).toMatchObject([{ text: '<@U0ALICE> asks: disable web-1', user: 'U0LBBOT' }]);
  expect(messages[0]).not.toHaveProperty('earlier');
  const click = { user: 'U0BOB', channel: CHANNEL, ts: messages[0]?.ts, action_id: 'approve' };
  expect((await act('click', click)).body).toEqual({ ok: true });
  expect(await read('ephemerals?user=U0ALICE')).toMatchObject({
    messages: [{ text: 'Queued: disable web-1' }],
  });
  expect(await read(`channel?channel=${CHANNEL}&user=U0ALICE`)).toMatchObject({
    messages: [{ ephemeral_to: 'U0ALICE' }, { user: 'U0LBBOT' }],
  });
  expect(await read('log?method=chat.postMessage')).toMatchObject({
    calls: [{ method: 'chat.postMessage', result: 'ok' }],
    deliveries: [
      { index: 0, type: 'slash_commands' },
      { index: 1, type: 'interactive' },
    ],
  });
});

test('a driver outside can break Slack and mend it', async () => {
  expect((await act('fault', { method: 'chat.postMessage', drop: true })).body).toEqual({
    ok: true,
  });
  expect((await act('fault', { clear: true })).body).toEqual({ ok: true });
  expect((await act('admin', { channel: CHANNEL, archived: true })).body).toEqual({ ok: true });
  expect((await act('command', typed)).body).toMatchObject({ ok: false, error: 'is_archived' });
  expect((await act('disconnect', {})).body).toEqual({ ok: true });
});

test('what a person cannot do is refused by name', async () => {
  const error = async (input: object) => (await act('command', { ...typed, ...input })).body.error;
  expect(await error({ user: 'U0NOBODY' })).toBe('user_not_found');
  expect(await error({ channel: 'C0NOWHERE' })).toBe('channel_not_found');
  expect(await error({ user: 'U0GONE' })).toBe('user_is_deactivated');
  expect(await error({ user: 'U0BOB', channel: PRIVATE })).toBe('user_not_in_channel');
});

test('input is checked strictly, and every problem is named', async () => {
  const { status, body } = await act('command', { ...typed, user: 5, colour: 'red' });
  expect(status).toBe(400);
  expect(body.error).toBe('invalid_arguments');
  expect(String(body.problems)).toContain('user:');
  expect(String(body.problems)).toContain('colour');
  expect((await act('explode', {})).status).toBe(404);
  expect((await act('constructor', {})).status).toBe(404);
});

describe('another web site in the same browser', () => {
  const port = () => Number(new URL(slack.url).port);

  /** A raw request, since fetch does not let a caller choose Host and Origin. */
  const raw = (path: string, headers: Record<string, string>, body?: string) =>
    new Promise<number | undefined>((resolve, reject) => {
      const method = body === undefined ? 'GET' : 'POST';
      const sent = request(
        { host: '127.0.0.1', port: port(), path, method, headers },
        (response) => {
          response.resume();
          resolve(response.statusCode);
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });

  test('cannot reach it under a name of its own', async () => {
    const ours = { host: `localhost:${port()}` };
    expect(await raw('/_human/state', ours)).toBe(200);
    for (const host of ['evil.example', `evil.example:${port()}`, '127.0.0.1', '127.0.0.1:1']) {
      expect(await raw('/_human/state', { host })).toBe(403);
      expect(await raw('/', { host })).toBe(403);
      expect(await raw('/api/auth.test', { host }, '{}')).toBe(403);
    }
  });

  test('cannot press a button by a form or from its own origin', async () => {
    const host = `127.0.0.1:${port()}`;
    const body = JSON.stringify(typed);
    const json = { host, 'content-type': 'application/json' };
    expect(await raw('/_human/command', { host, 'content-type': 'text/plain' }, body)).toBe(415);
    expect(await raw('/_human/command', { host }, body)).toBe(415);
    for (const origin of ['https://evil.example', 'null', 'http://127.0.0.1:1']) {
      expect(await raw('/_human/command', { ...json, origin }, body)).toBe(403);
    }
    expect(slack.state.deliveries).toEqual([]);
    expect(await raw('/_human/command', { ...json, origin: `http://${host}` }, body)).toBe(200);
  });
});
