import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { createAdapter } from '../../../src/adapters/registry.ts';
import type { SshHost } from '../../../src/domain/inventory.ts';
import type { MemberState } from '../../../src/domain/member.ts';
import type { LoadBalancerAdapter } from '../../../src/ports/adapter.ts';
import { EXCHANGE_LIMITS } from '../../../src/transports/stream-socket.ts';
import type { Impostors, Misbehaviour } from '../contract-device.ts';
import { testFaults } from '../contract-faults.ts';
import { type FakeProgram, startFakeProgram } from './fake-program.ts';

const HOWS: readonly Misbehaviour[] = ['silent', 'garbage', 'cut', 'huge'];
const LIMITS = { ...EXCHANGE_LIMITS, exchangeMsMax: 2_500 };
const MEMBER: MemberState = {
  name: '192.168.100.78:80',
  address: '192.168.100.78',
  port: 80,
  admin: 'enabled',
  health: 'unchecked',
  status: 'Route',
  causes: [],
  weight: 3,
  configuredWeight: 3,
  backup: false,
  forwarding: 'Route',
  sessions: 0,
  sessionsTotal: 0,
};

/** The rest of the contract is for real directors: contract.lab.ts. */
describe('adapter contract: LVS, by programs behind a real sshd that are none of ours', () => {
  const directory = mkdtempSync(join(tmpdir(), 'lb-'));
  const fakes = new Map<Misbehaviour, FakeProgram>();
  const opened: LoadBalancerAdapter[] = [];
  let impostors: Impostors;

  function adapterAt(ssh: SshHost): LoadBalancerAdapter {
    const balancer = { name: 'lvs-1', kind: 'lvs', ssh } as const;
    const adapter = createAdapter(balancer, { clock: { now: () => Date.now() }, limits: LIMITS });
    opened.push(adapter);
    return adapter;
  }

  beforeAll(async () => {
    for (const how of HOWS) fakes.set(how, await startFakeProgram(directory, how));
    const at = (how: Misbehaviour): FakeProgram => {
      const fake = fakes.get(how);
      if (fake === undefined) throw new Error(how);
      return fake;
    };
    impostors = {
      adapter: adapterAt(at('silent').host),
      pool: '192.168.100.11:80',
      absent: adapterAt({ ...at('silent').host, port: 1 }),
      deadlineMs: LIMITS.exchangeMsMax,
      misbehaving(how) {
        at(how).forget();
        return { adapter: adapterAt(at(how).host), received: at(how).received };
      },
    };
  });
  afterAll(async () => {
    await Promise.all(opened.map((each) => each.close()));
    await Promise.all([...fakes.values()].map((fake) => fake.close()));
    rmSync(directory, { recursive: true, force: true });
  });

  testFaults(
    () => impostors,
    async () => MEMBER,
  );
});
