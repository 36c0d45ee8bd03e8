import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { createAdapter } from '../../../src/adapters/registry.ts';
import type { HaproxyBalancer } from '../../../src/domain/inventory.ts';
import { findProgram } from '../../../src/sandbox/child.ts';
import { freePort } from '../../../src/sandbox/free-port.ts';
import { startHaproxy } from '../../../src/sandbox/haproxy.ts';
import { startMembers } from '../../../src/sandbox/members.ts';
import type { SshHosts } from '../../../src/transports/ssh-hosts.ts';
import { type FakeHaproxy, startFakeHaproxy } from '../../fakes/haproxy.ts';
import type { ContractDevice, Impostors, Misbehaviour } from '../contract-device.ts';

/** How the sockets of the suite are reached. */
export interface Way {
  /** What the inventory says of a socket at this path. */
  to(path: string): Promise<Pick<HaproxyBalancer, 'socket' | 'ssh' | 'via'>>;
  readonly ssh?: SshHosts;
  readonly deadlineMs: number;
  close(): Promise<void>;
}

export const DIRECT: Way = {
  to: async (socket) => ({ socket }),
  deadlineMs: 500,
  close: async () => {},
};

/** A real HAProxy and its impostors. `realTcp`: the port of a TCP stats socket of HAProxy's own, for the way to know. */
export async function realHaproxy(
  makeWay: (directory: string, realTcp: ReadonlyMap<string, number>) => Promise<Way>,
): Promise<ContractDevice & Impostors> {
  const directory = mkdtempSync(join(tmpdir(), 'lb-'));
  const socket = join(directory, 'ha-1.sock');
  const operatorSocket = join(directory, 'ha-1-operator.sock');
  const ports = new Map([
    [socket, await freePort()],
    [operatorSocket, await freePort()],
  ]);
  const members = await startMembers({ names: ['a', 'b', 'c'], directory });
  const haproxy = await startHaproxy({
    binary: withTcpSockets(directory, ports.get(socket) ?? 0, ports.get(operatorSocket) ?? 0),
    directory,
    name: 'ha-1',
    backend: 'web',
    cookie: 'JSESSIONID',
    operatorSocket: true,
    servers: members.members.map(({ name, address, port }) => ({
      name,
      address,
      port,
      cookie: name,
      weight: 10,
    })),
  });
  const way = await makeWay(directory, ports);
  const limits = {
    exchangeMsMax: way.deadlineMs,
    replyBytesMax: 4 * 1024 * 1024,
    connectionsMax: 4,
  };
  const adapterAt = (place: Pick<HaproxyBalancer, 'socket' | 'ssh' | 'via'>) =>
    createAdapter(
      { name: 'ha-1', kind: 'haproxy', ...place },
      {
        clock: { now: () => Date.now() },
        limits,
        ...(way.ssh === undefined ? {} : { ssh: way.ssh }),
      },
    );
  const fakes = new Map<
    Misbehaviour,
    { fake: FakeHaproxy; place: Pick<HaproxyBalancer, 'socket'> }
  >();
  for (const how of ['silent', 'garbage', 'cut', 'huge'] as const) {
    const fake = await startFakeHaproxy(join(directory, how));
    fake.manner = how;
    fakes.set(how, { fake, place: await way.to(fake.socket) });
  }
  const adapter = adapterAt(await way.to(socket));
  return {
    adapter,
    pool: 'web',
    member: 'b',
    async reset() {
      const old = haproxy.pid();
      await haproxy.reload();
      // Both listen on the same sockets until the old one notices: it would answer for a frozen new one.
      await expect
        .poll(() => existsSync(`/proc/${old}`), { timeout: 5_000, interval: 5 })
        .toBe(false);
    },
    freeze: haproxy.freeze,
    thaw: haproxy.thaw,
    readOnly: adapterAt(await way.to(operatorSocket)),
    absent: adapterAt(await way.to(join(directory, 'absent'))),
    misbehaving(how) {
      const found = fakes.get(how);
      if (found === undefined) throw new Error(how);
      const { fake, place } = found;
      fake.received.length = 0;
      return { adapter: adapterAt(place), received: () => fake.received.length };
    },
    deadlineMs: way.deadlineMs,
    async close() {
      await Promise.all([adapter.close(), haproxy.stop(), members.close()]);
      await Promise.all([...fakes.values()].map(({ fake }) => fake.close()));
      await way.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** A HAProxy that has TCP stats sockets too: a program that puts a second configuration file in front. */
function withTcpSockets(directory: string, adminPort: number, operatorPort: number): string {
  const program = findProgram('haproxy');
  if (program === undefined) throw new Error('There is no haproxy: install the Debian package.');
  const file = join(directory, 'tcp.cfg');
  writeFileSync(
    file,
    `global
    stats socket ipv4@127.0.0.1:${adminPort} level admin expose-fd listeners
    stats socket ipv4@127.0.0.1:${operatorPort} level operator expose-fd listeners
`,
  );
  const script = join(directory, 'haproxy');
  writeFileSync(script, `#!/bin/sh\nexec '${program}' -f '${file}' "$@"\n`);
  chmodSync(script, 0o755);
  return script;
}
