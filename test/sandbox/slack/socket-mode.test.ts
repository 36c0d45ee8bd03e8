import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type LocalSlack, startLocalSlack } from '../../../src/sandbox/slack/local-slack.ts';
import { startBoltApp } from './bolt-app.ts';
import { CHANNEL, SEED } from './workspace-seed.ts';

interface Peer {
  readonly socket: WebSocket;
  readonly received: Record<string, unknown>[];
  pings: number;
}

let slack: LocalSlack;
const soon = <T>(read: () => T) => expect.poll(read, { timeout: 2_000, interval: 10 });
const type = (text = 'x') =>
  slack.human.command({ user: 'U0ALICE', channel: CHANNEL, command: '/lb', text });

async function address(): Promise<string> {
  const response = await fetch(`${slack.apiUrl}apps.connections.open`, {
    method: 'POST',
    headers: { authorization: `Bearer ${slack.appToken}` },
  });
  const { url } = (await response.json()) as { url: string };
  return url;
}

/** A client that acknowledges every envelope, or none. */
async function connect(acknowledge: boolean): Promise<Peer> {
  const socket = new WebSocket(await address());
  const peer: Peer = { socket, received: [], pings: 0 };
  socket.on('ping', () => {
    peer.pings += 1;
  });
  socket.on('message', (data) => {
    const message = JSON.parse(String(data)) as Record<string, unknown>;
    peer.received.push(message);
    const { envelope_id } = message;
    if (acknowledge && envelope_id) socket.send(JSON.stringify({ envelope_id }));
  });
  await soon(() => peer.received[0]?.type).toBe('hello');
  return peer;
}

const envelopes = (peer: Peer) => peer.received.filter((message) => message.envelope_id);

beforeEach(async () => {
  slack = await startLocalSlack({ ...SEED, ackTimeoutMs: 100, socketPingMs: 20 });
});
afterEach(() => slack.close());

test('deliveries go to the sockets in turn', async () => {
  const peers = [await connect(true), await connect(true), await connect(true)];
  expect(peers[2]?.received[0]).toMatchObject({ num_connections: 3 });
  for (let n = 0; n < 6; n += 1) await type();
  expect(peers.map((peer) => envelopes(peer).length)).toEqual([2, 2, 2]);
});

test('an envelope says that it takes an answer, and the answer is shown', async () => {
  const peer = await connect(false);
  const typed = type('hello');
  await soon(() => envelopes(peer).length).toBe(1);
  const { envelope_id, type: kind, accepts_response_payload } = envelopes(peer)[0] ?? {};
  expect([kind, accepts_response_payload]).toEqual(['slash_commands', true]);
  peer.socket.send(JSON.stringify({ envelope_id, payload: { text: 'taken' } }));
  expect(await typed).toEqual({ ok: true, answer: { text: 'taken' } });
  expect(slack.state.ephemerals('U0ALICE')).toMatchObject([{ text: 'taken' }]);
});

test('a ticket opens one socket, and a made-up one none', async () => {
  const url = await address();
  const open = (to: string) =>
    new Promise<string>((resolve) => {
      const socket = new WebSocket(to);
      socket.on('open', () => resolve('open'));
      socket.on('error', (error) => resolve(error.message));
    });
  expect(await open(url)).toBe('open');
  expect(await open(url)).toContain('401');
  expect(await open(url.replace(/ticket=[^&]+/, 'ticket=made-up'))).toContain('401');
});

test('the server pings', async () => {
  const peer = await connect(true);
  await soon(() => peer.pings).toBeGreaterThan(1);
});

test('a redelivery keeps envelope and payload and says that it is one', async () => {
  const peer = await connect(false);
  expect(await type()).toMatchObject({ ok: false, error: 'timeout' });
  await slack.human.redeliver({ delivery: 0 });
  const [first, second] = envelopes(peer);
  expect(second).toEqual({ ...first, retry_attempt: 1, retry_reason: 'timeout' });
  await expect(slack.human.redeliver({ delivery: 9 })).rejects.toThrow('delivery_not_found');
});

test('two deliveries of one envelope at once are acknowledged each for itself', async () => {
  const peer = await connect(false);
  const both = [type(), soon(() => slack.state.deliveries.length).toBe(1)];
  await both[1];
  const again = slack.human.redeliver({ delivery: 0 });
  await soon(() => envelopes(peer).length).toBe(2);
  const envelope_id = envelopes(peer)[0]?.envelope_id;
  peer.socket.send(JSON.stringify({ envelope_id }));
  expect(await both[0]).toEqual({ ok: true });
  expect(await again).toMatchObject({ ok: false, error: 'timeout' });
});

test('nobody connected: nothing is sent, and the user is told', async () => {
  expect(await type()).toEqual({ ok: false, error: 'not connected' });
  expect(slack.state.ephemerals('U0ALICE')).toMatchObject([
    { text: '`/lb` failed with the error "dispatch_failed"' },
  ]);
});

test('a socket told to go gets nothing more while another is there', async () => {
  const leaving = await connect(true);
  slack.human.disconnect();
  await soon(() => leaving.received.at(-1)).toMatchObject({
    type: 'disconnect',
    reason: 'refresh_requested',
  });
  const staying = await connect(true);
  await type();
  await type();
  expect([envelopes(leaving).length, envelopes(staying).length]).toEqual([0, 2]);
});

test('an unreadable message from the app is ignored', async () => {
  const peer = await connect(true);
  peer.socket.send('no json');
  peer.socket.send('null');
  peer.socket.send('{"envelope_id":"unknown"}');
  expect(await type()).toEqual({ ok: true });
});

test.each(['refresh_requested', 'cut'] as const)('Bolt comes back after %s', async (reason) => {
  const bolt = await startBoltApp(slack, 'socket');
  const opened = () =>
    slack.state.calls.filter(({ method }) => method === 'apps.connections.open').length;
  expect(opened()).toBe(1);
  slack.human.disconnect({ reason });
  await soon(opened).toBe(2);
  await soon(() => slack.state.sockets).toBe(1);
  expect(await type()).toMatchObject({ ok: true });
  await bolt.stop();
});
