import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type F5Sim, startF5Sim } from '../../../src/sandbox/f5/start.ts';
import { ask, MEMBER, POOL, RAW, statsOf } from './unit-client.ts';

let sim: F5Sim;
beforeAll(async () => {
  sim = await startF5Sim();
});
beforeEach(() => sim.control.reset());
afterAll(() => sim.close());

const get = async (path: string) => (await ask(sim, 'GET', path)).json;
const patch = (path: string, body: object) => ask(sim, 'PATCH', path, { body });
const stateOf = async (path: string) => {
  const { session, state } = await get(path);
  return `${session}/${state}`;
};

const WRITES = {
  enabled: { session: 'user-enabled', state: 'user-up' },
  disabled: { session: 'user-disabled', state: 'user-up' },
  'forced offline': { session: 'user-disabled', state: 'user-down' },
};

describe('what is read back after a write', () => {
  it.each([
    ['enabled', 'none', 'user-enabled/unchecked'],
    ['disabled', 'none', 'user-disabled/unchecked'],
    ['forced offline', 'none', 'user-disabled/user-down'],
    ['enabled', 'up', 'monitor-enabled/up'],
    ['disabled', 'up', 'user-disabled/up'],
    ['forced offline', 'up', 'user-disabled/user-down'],
    ['enabled', 'down', 'monitor-enabled/down'],
    ['disabled', 'down', 'user-disabled/down'],
    ['forced offline', 'down', 'user-disabled/user-down'],
    ['enabled', 'checking', 'monitor-enabled/checking'],
  ] as const)('%s with monitor %s is %s', async (written, monitor, read) => {
    const path = monitor === 'none' ? RAW : MEMBER;
    if (monitor !== 'none') {
      sim.control.monitor('/Common/test.tianya.cn', '192.168.100.42:80', monitor);
    }
    const { status, json } = await patch(path, WRITES[written]);
    expect(status).toBe(200);
    expect(`${json.session}/${json.state}`).toBe(read);
    expect(await stateOf(path)).toBe(read);
  });

  it('follows the monitor later, since nothing of it is stored', async () => {
    await patch(MEMBER, WRITES.disabled);
    sim.control.monitor('/Common/test.tianya.cn', '192.168.100.42:80', 'down');
    expect(await stateOf(MEMBER)).toBe('user-disabled/down');
    await patch(MEMBER, WRITES.enabled);
    expect(await stateOf(MEMBER)).toBe('monitor-enabled/down');
    await patch(POOL, { monitor: '' });
    expect(await stateOf(MEMBER)).toBe('user-enabled/unchecked');
  });

  it('keeps the key that a write leaves out', async () => {
    await patch(MEMBER, WRITES['forced offline']);
    await patch(MEMBER, { session: 'user-enabled' });
    expect(await stateOf(MEMBER)).toBe('monitor-enabled/user-down');
  });
});

describe('a member', () => {
  it('has every key that clients rely on', async () => {
    const member = await get(MEMBER);
    expect(member).toEqual({
      kind: 'tm:ltm:pool:members:membersstate',
      name: '192.168.100.42:80',
      partition: 'Common',
      fullPath: '/Common/192.168.100.42:80',
      generation: 1,
      selfLink: `https://localhost${MEMBER}?ver=17.1.1`,
      address: '192.168.100.42',
      connectionLimit: 0,
      dynamicRatio: 1,
      ephemeral: 'false',
      fqdn: { autopopulate: 'disabled' },
      inheritProfile: 'enabled',
      logging: 'disabled',
      monitor: 'default',
      priorityGroup: 0,
      rateLimit: 'disabled',
      ratio: 1,
      session: 'monitor-enabled',
      state: 'up',
    });
  });

  it.each([
    ['IPv6', '/mgmt/tm/ltm/pool/~Common~v6_pool/members/~Common~2001:db8::10.443', '2001:db8::10'],
    [
      'a route domain',
      '/mgmt/tm/ltm/pool/~Tenant_A~app_pool/members/~Tenant_A~10.9.0.5%251:443',
      '10.9.0.5%1',
    ],
  ])('is found with %s in its name', async (_case, path, address) => {
    expect(await get(path)).toMatchObject({ address, session: 'monitor-enabled' });
    expect((await get(path)).selfLink).toBe(`https://localhost${path}?ver=17.1.1`);
    expect((await patch(path, WRITES.disabled)).json.session).toBe('user-disabled');
  });

  it('is found with a slash behind, percent-encoded, and without its partition when that is Common', async () => {
    for (const path of [
      `${MEMBER}/`,
      MEMBER.replace(/:80$/, '%3A80'),
      '/mgmt/tm/ltm/pool/test.tianya.cn/members/192.168.100.42:80',
    ]) {
      expect((await get(path)).fullPath).toBe('/Common/192.168.100.42:80');
    }
  });

  it('takes PUT like PATCH, tolerates keys it does not know, and ignores what is read-only', async () => {
    const body = { ...WRITES.disabled, pool_name: 'x', address: '1.1.1.1', ratio: 7 };
    const { status, json } = await ask(sim, 'PUT', MEMBER, { body });
    expect(status).toBe(200);
    expect(json).toMatchObject({ session: 'user-disabled', address: '192.168.100.42', ratio: 7 });
    expect(json.generation).toBeGreaterThan(1);
  });

  it('is changed whole or not at all', async () => {
    const { status } = await patch(MEMBER, { session: 'user-disabled', state: 'up' });
    expect(status).toBe(400);
    expect((await patch(MEMBER, { session: 'user-disabled', ratio: 'many' })).status).toBe(400);
    expect(await stateOf(MEMBER)).toBe('monitor-enabled/up');
  });

  it('can be made and deleted, with its node', async () => {
    const body = { name: '192.168.100.99:80', partition: 'Common', ...WRITES.disabled };
    const made = await ask(sim, 'POST', `${POOL}/members`, { body });
    expect(made.json).toMatchObject({ address: '192.168.100.99', session: 'user-disabled' });
    expect((await get('/mgmt/tm/ltm/node/~Common~192.168.100.99')).address).toBe('192.168.100.99');
    expect((await ask(sim, 'POST', `${POOL}/members`, { body })).status).toBe(409);
    const path = `${POOL}/members/~Common~192.168.100.99:80`;
    expect((await ask(sim, 'DELETE', path)).status).toBe(200);
    expect((await ask(sim, 'GET', path)).status).toBe(404);
  });
});

describe('a node that is out', () => {
  const NODE = '/mgmt/tm/ltm/node/~Common~192.168.100.42';

  it('takes its members out, which their own state does not show', async () => {
    expect((await patch(NODE, { session: 'user-disabled' })).json.session).toBe('user-disabled');
    expect(await stateOf(MEMBER)).toBe('monitor-enabled/up');
    const entries = await statsOf(sim, MEMBER);
    expect(entries['status.enabledState']).toBe('disabled-by-parent');
    expect(entries.sessionStatus).toBe('addr-disabled');
  });

  it('keeps a member down that is enabled', async () => {
    await patch(NODE, { session: 'user-disabled', state: 'user-down' });
    const entries = await statsOf(sim, MEMBER);
    expect(entries['status.availabilityState']).toBe('offline');
    expect(entries['status.statusReason']).toBe('Parent down');
  });
});
