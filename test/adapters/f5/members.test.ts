import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { resolveMembers } from '../../../src/domain/resolve-member.ts';
import type { LoadBalancerAdapter } from '../../../src/ports/adapter.ts';
import { bring, look, readPool } from './acting.ts';
import { unitRequest } from './plain-request.ts';
import { type F5Site, f5Site, MEMBER } from './site.ts';

let site: F5Site;
let adapter: LoadBalancerAdapter;

const member = (last: number, more: object = {}) => ({ member: `10.0.0.${last}:80`, ...more });

beforeAll(async () => {
  site = await f5Site({
    seed: {
      pools: [
        {
          pool: '/Common/test.tianya.cn',
          monitor: '/Common/http',
          members: ['192.168.100.42:80', '192.168.100.43:80'],
        },
        { pool: '/Common/raw', members: ['10.0.1.11:8080', '10.0.1.12:8080'] },
        { pool: '/Common/six', monitor: '/Common/tcp', members: ['2001:db8::10.443'] },
        {
          pool: '/Tenant_A/app',
          monitor: '/Common/tcp',
          members: ['10.9.0.5%1:443', { member: '10.9.0.6:443', partition: 'Common' }],
        },
        {
          pool: '/Common/mixed',
          monitor: '/Common/http',
          load_balancing: 'ratio-member',
          min_active_members: 1,
          members: [
            member(1, { ratio: 3, priority_group: 10 }),
            member(2, { priority_group: 10, health: 'down' }),
            member(3, { priority_group: 5 }),
            member(4, { priority_group: 10, state: 'forced_offline' }),
            member(5, { priority_group: 10, health: 'checking' }),
            member(6, { priority_group: 10, ephemeral: true }),
            { member: 'web-7:80', address: '10.0.0.7', priority_group: 10 },
          ],
        },
      ],
    },
  });
  adapter = site.adapter();
});
afterAll(() => site.close());
beforeEach(() => {
  site.sim.control.reset();
  // Statistics of the last test are too old for this one.
  site.clock.advance(1_000);
});

const mixed = async () => {
  const { members } = await readPool(adapter, 'mixed');
  return new Map(members.map((found) => [found.name, found]));
};

describe('a member as the unit shows it', () => {
  it('reads the same enabled with and without a monitor, and disabled when it was disabled', async () => {
    for (const [pool, name, health] of [
      ['test.tianya.cn', '192.168.100.42:80', 'up'],
      ['raw', '10.0.1.11:8080', 'unchecked'],
    ] as const) {
      expect(await look(adapter, name, pool)).toMatchObject({ admin: 'enabled', health });
      expect(await bring(adapter, 'disabled', name, pool)).toMatchObject({
        admin: 'disabled',
        health,
        causes: ['command'],
      });
      expect(await bring(adapter, 'enabled', name, pool)).toMatchObject({
        admin: 'enabled',
        health,
        causes: [],
      });
    }
  });

  it('is out by its monitor', async () => {
    expect((await mixed()).get('10.0.0.2:80')).toMatchObject({
      admin: 'enabled',
      health: 'down',
      causes: ['health-check'],
    });
  });

  it('that is being checked for the first time is not counted on', async () => {
    expect((await mixed()).get('10.0.0.5:80')).toMatchObject({
      admin: 'enabled',
      health: 'unknown',
    });
  });

  it('forced offline says so, and is revived by enable', async () => {
    expect((await mixed()).get('10.0.0.4:80')).toMatchObject({
      admin: 'offline',
      health: 'suspended',
      status: 'forced offline, priority group 10',
      causes: ['command'],
    });
    expect(await bring(adapter, 'enabled', '10.0.0.4:80', 'mixed')).toMatchObject({
      admin: 'enabled',
      health: 'up',
    });
  });

  it('in a lower priority group is no capacity, and shows its group', async () => {
    expect((await mixed()).get('10.0.0.3:80')).toMatchObject({
      backup: true,
      status: 'monitor-enabled, up, priority group 5',
    });
    expect((await mixed()).get('10.0.0.1:80')).toMatchObject({ backup: false, weight: 3 });
  });

  it('that the unit made of a host name is not changed by itself', async () => {
    await expect(bring(adapter, 'disabled', '10.0.0.6:80', 'mixed')).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('host name'),
    });
  });

  it('whose node is disabled is out by that, and enabling it says that it does not serve', async () => {
    await patchNode('192.168.100.42', { session: 'user-disabled', state: 'user-up' });
    expect(await look(adapter)).toMatchObject({
      admin: 'enabled',
      health: 'suspended',
      causes: ['tracking'],
      status: 'monitor-enabled, up, its node is disabled or down',
    });
    await bring(adapter, 'disabled');
    expect(await bring(adapter, 'enabled')).toMatchObject({
      admin: 'enabled',
      health: 'suspended',
    });
  });

  it('warns where its ratio counts for nothing, and not where it does', async () => {
    expect((await look(adapter)).weightDoubt).toMatch(/round-robin, which looks at no ratio/);
    expect((await mixed()).get('10.0.0.1:80')?.weightDoubt).toBeUndefined();
  });

  it('is drained by being disabled: the unit has no third position', async () => {
    const before = await look(adapter);
    const words = (admin: 'drained' | 'disabled') =>
      adapter.commandsFor('test.tianya.cn', before, { admin, weight: before.weight });
    expect(words('drained')).toEqual(words('disabled'));
    expect(await bring(adapter, 'drained')).toMatchObject({ admin: 'disabled' });
  });

  async function patchNode(node: string, body: object) {
    const { url } = site.sim.units[0] ?? { url: '' };
    await unitRequest(url, 'PATCH', `/mgmt/tm/ltm/node/~Common~${node}`, body);
  }
});

describe('names', () => {
  it.each([
    ['192.168.100.42', 'test.tianya.cn', '192.168.100.42:80'],
    ['192.168.100.42:80', 'test.tianya.cn', '192.168.100.42:80'],
    ['192.168.100.42', '/Common/test.tianya.cn', '192.168.100.42:80'],
    ['2001:db8::10', 'six', '2001:db8::10.443'],
    ['[2001:0db8:0::10]:443', 'six', '2001:db8::10.443'],
    ['2001:db8::10.443', 'six', '2001:db8::10.443'],
    ['10.9.0.5', '/Tenant_A/app', '10.9.0.5%1:443'],
    ['10.9.0.5:443', '/Tenant_A/app', '10.9.0.5%1:443'],
    ['10.9.0.5%1:443', '/Tenant_A/app', '10.9.0.5%1:443'],
    ['10.9.0.6:443', '/Tenant_A/app', '/Common/10.9.0.6:443'],
    ['10.9.0.5%1', '/Tenant_A/app', '10.9.0.5%1:443'],
    ['web-7:80', 'mixed', 'web-7:80'],
    ['web-7', 'mixed', 'web-7:80'],
    ['10.0.0.7', 'mixed', 'web-7:80'],
  ])('%s in %s is %s, and is changed', async (typed, pool, name) => {
    const { members } = await readPool(adapter, pool);
    const found = resolveMembers([typed], members);
    expect(found).toMatchObject({ resolved: [{ name }] });
    expect(await bring(adapter, 'disabled', name, pool)).toMatchObject({ admin: 'disabled' });
    expect(await bring(adapter, 'enabled', name, pool)).toMatchObject({ admin: 'enabled' });
  });

  it('with a mistake are answered with the nearest one', async () => {
    const { members } = await readPool(adapter);
    expect(resolveMembers(['192.168.100.44:80'], members)).toMatchObject({
      problem: expect.stringContaining(MEMBER),
    });
  });

  it('of a pool that does not exist are named as the unit names it', async () => {
    await expect(readPool(adapter, '/Tenant_A/none')).rejects.toMatchObject({
      code: 'NO_SUCH_POOL',
      message: expect.stringContaining('The requested Pool (/Tenant_A/none) was not found'),
    });
  });
});
