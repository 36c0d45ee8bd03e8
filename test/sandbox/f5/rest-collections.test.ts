import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type F5Sim, startF5Sim } from '../../../src/sandbox/f5/start.ts';
import { ask, MEMBER, POOL, plainEntries, statsOf } from './unit-client.ts';

let sim: F5Sim;
beforeAll(async () => {
  sim = await startF5Sim({ drainSeconds: 0 });
});
afterAll(() => sim.close());

const get = async (path: string) => (await ask(sim, 'GET', path)).json;
const names = (answer: { items?: { name: string }[] }) =>
  answer.items?.map(({ name }) => name.replace('192.168.100.', ''));

describe('a collection', () => {
  it('is cut by $top and $skip, and says what is left', async () => {
    const first = await get(`${POOL}/members?$top=2`);
    expect(names(first)).toEqual(['42:80', '43:80']);
    expect(first).toMatchObject({ totalItems: 5, totalPages: 3, pageIndex: 1, itemsPerPage: 2 });
    expect(first.nextLink).toContain('$skip=2');
    const last = await get(`${POOL}/members?$top=2&$skip=4`);
    expect(names(last)).toEqual(['46:80']);
    expect(last.nextLink).toBeUndefined();
  });

  it('has no items at all behind the end, and none where it is empty', async () => {
    expect(await get(`${POOL}/members?$top=10&$skip=10`)).not.toHaveProperty('items');
    expect(await get('/mgmt/tm/net/tunnels/gre')).not.toHaveProperty('items');
  });

  it.each(['partition+eq+Tenant_A', 'partition%20eq%20Tenant_A', "partition eq 'Tenant_A'"])(
    'is filtered by %s',
    async (filter) => {
      const pools = await get(`/mgmt/tm/ltm/pool?$filter=${filter.replaceAll(' ', '%20')}`);
      expect(names(pools)).toEqual(['app_pool']);
    },
  );

  it('shows the keys of $select only', async () => {
    const { items } = await get(`${POOL}/members?$select=name,state`);
    expect(items[0]).toEqual({ name: '192.168.100.42:80', state: 'up' });
    expect(await get(`${MEMBER}?$select=session`)).toEqual({ session: 'monitor-enabled' });
  });

  it('refuses a count that is none', async () => {
    expect((await ask(sim, 'GET', `${POOL}/members?$top=-1`)).status).toBe(400);
    expect((await ask(sim, 'GET', `${POOL}/members?$filter=nonsense`)).status).toBe(400);
  });

  it('holds the members of a pool where that is asked for, and else a reference', async () => {
    const plain = await get(POOL);
    expect(plain.membersReference).toEqual({
      link: `https://localhost${POOL}/members?ver=17.1.1`,
      isSubcollection: true,
    });
    const expanded = await get(`${POOL}?expandSubcollections=true`);
    expect(names(expanded.membersReference)).toHaveLength(5);
  });

  it('knows partitions, folders, route domains and devices', async () => {
    expect(names(await get('/mgmt/tm/auth/partition'))).toEqual(['Common', 'Tenant_A']);
    expect(names(await get('/mgmt/tm/sys/folder'))).toEqual(['/', 'Common', 'Tenant_A']);
    expect(names(await get('/mgmt/tm/net/route-domain'))).toEqual(['0', '1']);
    const { items } = await get('/mgmt/tm/cm/device');
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({
      hostname: 'bigip-a.example.net',
      selfDevice: 'true',
      failoverState: 'active',
      marketingName: 'BIG-IP Virtual Edition (SIMULATED)',
    });
  });
});

describe('statistics', () => {
  it('of one member stand under a key that repeats its name', async () => {
    const { entries } = await get(`${MEMBER}/stats`);
    const name = '~Common~192.168.100.42:80';
    expect(Object.keys(entries)).toEqual([
      `https://localhost${POOL}/members/${name}/${name}/stats`,
    ]);
    expect(await statsOf(sim, MEMBER)).toMatchObject({
      addr: '192.168.100.42',
      port: 80,
      nodeName: '/Common/192.168.100.42',
      poolName: '/Common/test.tianya.cn',
      monitorStatus: 'up',
      sessionStatus: 'enabled',
      'serverside.curConns': 24,
      'status.availabilityState': 'available',
      'status.enabledState': 'enabled',
      'status.statusReason': 'Pool member is available',
    });
  });

  it('of all members stand under the addresses of the members', async () => {
    const { entries } = await get(`${POOL}/members/stats`);
    expect(Object.keys(entries)[0]).toBe(`https://localhost${MEMBER}/stats`);
    expect(Object.keys(entries)).toHaveLength(5);
  });

  it('of a pool add its members up', async () => {
    expect(await statsOf(sim, POOL)).toMatchObject({
      'serverside.curConns': 120,
      memberCnt: 5,
      activeMemberCnt: 5,
      availableMemberCnt: 5,
      'connqAll.depth': 0,
      'connq.depth': 0,
      curSessions: 0,
      totRequests: 4800,
      'status.statusReason': 'The pool is available',
    });
    const { entries } = await get('/mgmt/tm/ltm/pool/stats');
    const [raw = {}] = Object.values<object>(entries);
    expect(plainEntries(raw)).toMatchObject({
      tmName: '/Common/raw_pool',
      'status.availabilityState': 'unknown',
    });
  });

  it.each([
    [
      { session: 'user-disabled' },
      'available',
      'disabled',
      'Pool member is available, user disabled',
      'user-disabled',
    ],
    [
      { session: 'user-disabled', state: 'user-down' },
      'offline',
      'disabled',
      'Forced down',
      'user-disabled',
    ],
    [
      { session: 'user-enabled', state: 'user-up' },
      'available',
      'enabled',
      'Pool member is available',
      'enabled',
    ],
  ])('follow the write %o', async (body, availability, enabled, reason, session) => {
    await ask(sim, 'PATCH', MEMBER, { body });
    expect(await statsOf(sim, MEMBER)).toMatchObject({
      'status.availabilityState': availability,
      'status.enabledState': enabled,
      'status.statusReason': reason,
      sessionStatus: session,
    });
  });

  it('of an absent member are not found', async () => {
    expect((await ask(sim, 'GET', `${POOL}/members/~Common~1.2.3.4:80/stats`)).status).toBe(404);
  });
});

describe('an older version', () => {
  it('says so, and lacks what it did not have', async () => {
    const old = await startF5Sim({ version: '11.5.4' });
    const sys = (await ask(old, 'GET', '/mgmt/tm/sys')).json;
    expect(sys.selfLink).toBe('https://localhost/mgmt/tm/sys?ver=11.5.4');
    const member = (await ask(old, 'GET', MEMBER)).json;
    expect(member).not.toHaveProperty('ephemeral');
    expect(member.session).toBe('monitor-enabled');
    expect((await ask(old, 'GET', POOL)).json.monitor).toBe('/Common/http ');
    await old.close();
  });
});
