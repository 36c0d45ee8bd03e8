import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../../src/sandbox/free-port.ts';
import type { RuntimeSocket } from '../../src/transports/runtime-socket.ts';
import { tcpSocket } from '../../src/transports/tcp-socket.ts';
import { startBlackHole } from '../fakes/black-hole.ts';
import { type FakeHaproxy, startFakeHaproxy } from '../fakes/haproxy.ts';
import { startTcpRelay, type TcpRelay } from '../fakes/tcp-relay.ts';

/** Long enough for a busy machine; who waits in vain has less. */
const LIMITS = {
  exchangeMsMax: 10_000,
  connectMsMax: 5_000,
  replyBytesMax: 1024 * 1024,
  connectionsMax: 2,
};
const HASTY = { ...LIMITS, exchangeMsMax: 300, connectMsMax: 100 };
const never = new AbortController().signal;
const isWhole = (reply: string) => reply === '\n' || reply.endsWith('\n\n');
const reading = { doing: 'Reading', signal: never, isWhole };
const openGate = () => Promise.resolve({ validUntilMs: performance.now() + 10_000 });
const writing = { ...reading, doing: 'Writing', gate: openGate };

let directory: string;
let device: FakeHaproxy;
let relay: TcpRelay;
let socket: RuntimeSocket;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'lb-'));
  device = await startFakeHaproxy(join(directory, 's'));
  relay = await startTcpRelay(device.socket);
  socket = tcpSocket({ host: '127.0.0.1', port: relay.port }, LIMITS);
});

afterEach(async () => {
  await relay.close();
  await device.close();
  rmSync(directory, { recursive: true, force: true });
});

describe('a TCP socket', () => {
  it('brings back the whole reply', async () => {
    await expect(socket.exchange('show info', reading)).resolves.toMatch(/^Name: HAProxy\n/);
  });

  it('takes a connection of its own for each command: after a reload another process answers', async () => {
    await socket.exchange('show info', reading);
    await socket.exchange('disable server web/a', writing);
    expect(relay.clients()).toBe(2);
    expect(device.bitsOf('a')).toBe(1);
  });

  it('that nobody listens on is UNREACHABLE with its address, and the gate is not asked', async () => {
    const port = await freePort();
    const nobody = tcpSocket({ host: '127.0.0.1', port }, LIMITS);
    let asked = 0;
    const gate = () => {
      asked += 1;
      return openGate();
    };
    await expect(
      nobody.exchange('disable server web/a', { ...writing, gate }),
    ).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: `Writing: 127.0.0.1:${port}: nobody listens there (Connection refused).`,
    });
    expect(asked).toBe(0);
  });

  it('that takes no connection is UNREACHABLE before the exchange itself would be over', async () => {
    const hole = await startBlackHole();
    const nowhere = tcpSocket({ host: '127.0.0.1', port: hole.port }, HASTY);
    await expect(nowhere.exchange('show info', reading)).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: `Reading: 127.0.0.1:${hole.port}: no answer within 0.1 s.`,
    });
    hole.close();
  });

  it('that stays silent is TIMEOUT, for a write OUTCOME_UNKNOWN', async () => {
    device.manner = 'silent';
    const hasty = tcpSocket({ host: '127.0.0.1', port: relay.port }, HASTY);
    await expect(hasty.exchange('show info', reading)).rejects.toMatchObject({
      code: 'TIMEOUT',
    });
    await expect(hasty.exchange('disable server web/a', writing)).rejects.toMatchObject({
      code: 'OUTCOME_UNKNOWN',
    });
  });

  it('cut by a reset after the command is OUTCOME_UNKNOWN', async () => {
    const rude = createServer((connection) => {
      connection.once('data', () => connection.resetAndDestroy());
    });
    await new Promise<void>((resolve) => rude.listen(0, '127.0.0.1', resolve));
    const address = rude.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const there = tcpSocket({ host: '127.0.0.1', port }, LIMITS);
    await expect(there.exchange('disable server web/a', writing)).rejects.toMatchObject({
      code: 'OUTCOME_UNKNOWN',
      message: expect.stringContaining('the command was sent, then the device reset'),
    });
    rude.close();
  });

  it('lost while the gate is asked is UNREACHABLE: nothing was sent', async () => {
    const gate = async () => {
      await relay.close();
      await new Promise((resolve) => setTimeout(resolve, 20));
      return openGate();
    };
    await expect(
      socket.exchange('disable server web/a', { ...writing, gate }),
    ).rejects.toMatchObject({ code: expect.stringMatching(/^(UNREACHABLE|OUTCOME_UNKNOWN)$/) });
    expect(device.received).toEqual([]);
    relay = await startTcpRelay(device.socket);
  });
});
