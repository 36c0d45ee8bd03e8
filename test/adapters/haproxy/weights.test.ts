import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAdapter } from '../../../src/adapters/registry.ts';
import type { MemberState } from '../../../src/domain/member.ts';
import type { LoadBalancerAdapter } from '../../../src/ports/adapter.ts';
import { type SandboxHaproxy, startHaproxy } from '../../../src/sandbox/haproxy.ts';
import type { SandboxBackend } from '../../../src/sandbox/haproxy-config.ts';
import { openGate, stepTo, withoutEnd } from '../contract-device.ts';

const HASHED = ['source', 'uri', 'url_param id', 'hdr(host)', 'rdp-cookie', 'hash src'];
const FREE = ['roundrobin', 'leastconn', 'random', 'first'];
const poolOf = (balance: string, hashType?: string) =>
  [balance.replace(/[^a-z]+/g, '-'), hashType].filter(Boolean).join('.');

let directory: string;
let haproxy: SandboxHaproxy;
let adapter: LoadBalancerAdapter;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'lb-'));
  const servers = ['a', 'b'].map((name) => ({ name, address: '127.0.0.1', port: 9, weight: 10 }));
  const backend = (balance: string, hashType?: 'consistent'): SandboxBackend => ({
    name: poolOf(balance, hashType),
    balance,
    servers,
    ...(hashType === undefined ? {} : { hashType }),
  });
  haproxy = await startHaproxy({
    directory,
    name: 'ha-1',
    backend: 'static-rr',
    balance: 'static-rr',
    servers,
    checkPath: false,
    moreBackends: [
      ...[...HASHED, ...FREE].map((balance) => backend(balance)),
      ...HASHED.map((balance) => backend(balance, 'consistent')),
    ],
  });
  adapter = createAdapter(
    { name: 'ha-1', kind: 'haproxy', socket: haproxy.socket },
    { clock: { now: () => 0 } },
  );
});

afterAll(async () => {
  await haproxy.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function member(pool: string, name = 'a'): Promise<MemberState> {
  const found = (await adapter.read(pool, withoutEnd())).members.find((one) => one.name === name);
  if (found === undefined) throw new Error(`${pool}/${name}`);
  return found;
}

async function setWeight(pool: string, weight: number): Promise<number> {
  const step = stepTo(adapter, pool, await member(pool), 'enabled', weight);
  await adapter.apply(step, openGate, withoutEnd());
  return (await member(pool)).weight;
}

const UNSUPPORTED = { code: 'UNSUPPORTED' };

describe('weights under a static algorithm', () => {
  it('static-rr is named by reading, and another weight is refused before anything is sent', async () => {
    const before = await member('static-rr');
    expect(before.weightFixedBy).toBe('balance static-rr');
    expect(() => stepTo(adapter, 'static-rr', before, 'enabled', 3)).toThrow(
      expect.objectContaining({
        code: 'UNSUPPORTED',
        message: expect.stringMatching(/"balance static-rr" takes only weight 10 .* or 0 .* not 3/),
      }),
    );
    expect(() => stepTo(adapter, 'static-rr', before, 'enabled', 257)).toThrow(
      expect.objectContaining(UNSUPPORTED),
    );
  });

  it('static-rr takes 0 and the configured weight, and lets go and come back', async () => {
    expect(await setWeight('static-rr', 0)).toBe(0);
    expect(await setWeight('static-rr', 10)).toBe(10);
    const step = stepTo(adapter, 'static-rr', await member('static-rr'), 'disabled');
    await adapter.apply(step, openGate, withoutEnd());
    expect(await member('static-rr')).toMatchObject({ admin: 'disabled', weight: 10 });
    expect(await setWeight('static-rr', 10)).toBe(10);
  });

  it.each(HASHED)('%s is doubted, and HAProxy refuses in its own words', async (balance) => {
    const pool = poolOf(balance);
    const before = await member(pool);
    expect(before).not.toHaveProperty('weightFixedBy');
    expect(before.weightDoubt).toContain('unless it has "hash-type consistent"');
    await expect(setWeight(pool, 3)).rejects.toMatchObject({
      ...UNSUPPORTED,
      message: expect.stringContaining("static LB algorithm and only accepts weights '0%'"),
    });
    expect(await setWeight(pool, 0)).toBe(0);
    expect(await setWeight(pool, 10)).toBe(10);
    expect((await member(pool)).weightDoubt).toBeDefined();
  });

  it.each(HASHED)(
    '%s with hash-type consistent takes it, which ends the doubt',
    async (balance) => {
      const pool = poolOf(balance, 'consistent');
      expect((await member(pool)).weightDoubt).toBeDefined();
      expect(await setWeight(pool, 3)).toBe(3);
      for (const name of ['a', 'b']) {
        expect(await member(pool, name)).not.toHaveProperty('weightDoubt');
      }
    },
  );

  it.each(FREE)('%s takes any weight', async (balance) => {
    expect(await member(balance)).not.toHaveProperty('weightFixedBy');
    expect(await setWeight(balance, 256)).toBe(256);
    expect(await setWeight(balance, 1)).toBe(1);
  });

  it('first is doubted, because it looks at no weight but 0', async () => {
    expect((await member('first')).weightDoubt).toContain('no weight but 0');
    expect(await member('roundrobin')).not.toHaveProperty('weightDoubt');
  });
});
