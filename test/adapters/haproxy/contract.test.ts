import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAdapter } from '../../../src/adapters/registry.ts';
import { startHaproxy } from '../../../src/sandbox/haproxy.ts';
import { startMembers } from '../../../src/sandbox/members.ts';
import { type FakeHaproxy, startFakeHaproxy } from '../../fakes/haproxy.ts';
import { testAdapter } from '../contract.ts';
import type { ContractDevice, Misbehaviour } from '../contract-device.ts';

const DEADLINE_MS = 500;

async function realHaproxy(): Promise<ContractDevice> {
  const directory = mkdtempSync(join(tmpdir(), 'lb-'));
  const members = await startMembers({ names: ['a', 'b', 'c'], directory });
  const haproxy = await startHaproxy({
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
  const limits = {
    exchangeMsMax: DEADLINE_MS,
    replyBytesMax: 4 * 1024 * 1024,
    connectionsMax: 4,
  };
  const adapterAt = (socket: string) =>
    createAdapter(
      { name: 'ha-1', kind: 'haproxy', socket },
      { clock: { now: () => Date.now() }, limits },
    );
  const fakes = new Map<Misbehaviour, FakeHaproxy>();
  for (const how of ['silent', 'garbage', 'cut', 'huge'] as const) {
    const fake = await startFakeHaproxy(join(directory, how));
    fake.manner = how;
    fakes.set(how, fake);
  }
  const adapter = adapterAt(haproxy.socket);
  return {
    adapter,
    pool: 'web',
    member: 'b',
    reset: () => haproxy.reload(),
    freeze: haproxy.freeze,
    thaw: haproxy.thaw,
    readOnly: adapterAt(haproxy.operatorSocket ?? ''),
    absent: adapterAt(join(directory, 'absent')),
    misbehaving(how) {
      const fake = fakes.get(how);
      if (fake === undefined) throw new Error(how);
      fake.received.length = 0;
      return { adapter: adapterAt(fake.socket), received: () => fake.received.length };
    },
    deadlineMs: DEADLINE_MS,
    async close() {
      await Promise.all([adapter.close(), haproxy.stop(), members.close()]);
      await Promise.all([...fakes.values()].map((fake) => fake.close()));
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

testAdapter('HAProxy', realHaproxy);
