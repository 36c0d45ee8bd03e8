import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAdapter } from '../../../src/adapters/registry.ts';
import { type SandboxHaproxy, startHaproxy } from '../../../src/sandbox/haproxy.ts';
import { unixSocket } from '../../../src/transports/unix-socket.ts';
import { type HeldServer, startHeldServer } from '../../fakes/held-server.ts';
import { withoutEnd } from '../contract-device.ts';

/*
 * Why sessions are not taken from `show servers conn`, see docs/decisions/0011: its numbers on a real HAProxy beside
 * those of `show stat`.
 */

let directory: string;
let members: HeldServer;
let haproxy: SandboxHaproxy;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'lb-'));
  members = await startHeldServer();
  haproxy = await startHaproxy({
    directory,
    name: 'ha-1',
    backend: 'web',
    reuse: 'never',
    checkEveryMs: 20,
    servers: [{ name: 'a', address: '127.0.0.1', port: members.port }],
    moreBackends: [
      {
        name: 'checked',
        checkPath: '/health',
        servers: [{ name: 'a', address: '127.0.0.1', port: members.port }],
      },
    ],
  });
});

afterAll(async () => {
  await Promise.all([haproxy.stop(), members.close()]);
  rmSync(directory, { recursive: true, force: true });
});

async function usedConnections(backend: string): Promise<{ now: string; max: string }> {
  const reply = await unixSocket(haproxy.socket).exchange(`show servers conn ${backend}`, {
    doing: 'Looking',
    signal: withoutEnd().signal,
    isWhole: () => true,
  });
  const [header = '', line = ''] = reply.split('\n');
  const column = (name: string) => line.split(' ')[header.slice(2).split(' ').indexOf(name)] ?? '';
  return { now: column('used_cur'), max: column('used_max') };
}

async function sessions(backend: string): Promise<number | undefined> {
  const adapter = createAdapter(
    { name: 'ha-1', kind: 'haproxy', socket: haproxy.socket },
    { clock: { now: () => 0 } },
  );
  return (await adapter.read(backend, withoutEnd())).members[0]?.sessions;
}

function ask(path: string): Socket {
  const client = connect(haproxy.frontPort, '127.0.0.1');
  client.write(`GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`);
  return client;
}

describe('`show servers conn` of a real HAProxy', () => {
  it('counts no connection for a request in flight where connections are not shared', async () => {
    const client = ask('/held');
    await expect.poll(() => sessions('web')).toBe(1);
    expect((await usedConnections('web')).now).toBe('0');
    members.release();
    await expect.poll(() => sessions('web')).toBe(0);
    client.destroy();
  });

  it('counts health checks where there never was a client', async () => {
    await expect.poll(async () => (await usedConnections('checked')).max).toBe('1');
    expect(await sessions('checked')).toBe(0);
  });
});
