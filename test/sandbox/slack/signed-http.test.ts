import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type LocalSlack, startLocalSlack } from '../../../src/sandbox/slack/local-slack.ts';
import { signatureOf } from '../../../src/sandbox/slack/signed-http.ts';
import { startBoltApp } from './bolt-app.ts';
import { CHANNEL, SEED } from './workspace-seed.ts';

let slack: LocalSlack;
let server: Server | undefined;

beforeEach(async () => {
  slack = await startLocalSlack({ ...SEED, ackTimeoutMs: 100 });
});
afterEach(async () => {
  server?.close();
  server = undefined;
  await slack.close();
});

const command = { user: 'U0ALICE', channel: CHANNEL, command: '/lb' };
const told = () => slack.state.ephemerals('U0ALICE').map(({ text }) => text);

/** An app that answers every request with this. */
async function answering(status: number, body: string): Promise<void> {
  const app = createServer((_request, response) => response.writeHead(status).end(body));
  server = app;
  await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
  slack.setRequestUrl(`http://127.0.0.1:${(app.address() as AddressInfo).port}/`);
}

test('signs as in the example of the Slack manual', () => {
  const body =
    'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c';
  expect(signatureOf('8f742231b10e8888abcd99yyyzzz85a5', 1531420618, body)).toBe(
    'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
  );
});

test.each(['wrong', 'stale'] as const)('Bolt refuses a %s signature', async (signature) => {
  const bolt = await startBoltApp(slack, 'http');
  const reply = await slack.human.command({ ...command, override: { signature } });
  expect(reply).toEqual({ ok: false, error: 'HTTP 401' });
  expect(told()).toEqual(['`/lb` failed with the error "http_client_error"']);
  expect(bolt.commands).toEqual([]);
  await bolt.stop();
});

test('an app that fails or is away is told apart from a slow one', async () => {
  await answering(500, '');
  expect(await slack.human.command(command)).toEqual({ ok: false, error: 'HTTP 500' });
  server?.close();
  slack.setRequestUrl('http://127.0.0.1:1/');
  expect(await slack.human.command(command)).toEqual({ ok: false, error: 'unreachable' });
  expect(told()).toEqual([
    '`/lb` failed with the error "http_service_error"',
    '`/lb` failed with the error "dispatch_failed"',
  ]);
});

test('an answer in plain text is shown as it stands', async () => {
  await answering(200, 'plain words');
  await slack.human.command(command);
  expect(told()).toEqual(['plain words']);
});

test('an answer that Slack would refuse is reported to the user', async () => {
  await answering(200, '{"blocks":[{"type":"nonsense"}]}');
  await slack.human.command(command);
  expect(told()).toEqual([
    '`/lb` failed with the error "invalid_command_response" (invalid_blocks)',
  ]);
});
