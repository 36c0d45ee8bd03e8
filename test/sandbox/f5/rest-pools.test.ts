import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type F5Sim, startF5Sim } from '../../../src/sandbox/f5/start.ts';
import { ask, MEMBER, POOL } from './unit-client.ts';

const POOLS = '/mgmt/tm/ltm/pool';
const MADE = `${POOLS}/~Common~made`;

let sim: F5Sim;
beforeAll(async () => {
  sim = await startF5Sim({ drainSeconds: 0 });
});
beforeEach(() => sim.control.reset());
afterAll(() => sim.close());

const get = async (path: string) => (await ask(sim, 'GET', path)).json;
const create = (body: object) => ask(sim, 'POST', POOLS, { body: { name: 'made', ...body } });
const change = (body: object, path = MADE) => ask(sim, 'PATCH', path, { body });

const members = async (): Promise<string[]> =>
  ((await get(`${MADE}/members`)).items ?? []).map(
    ({ name, session, ratio }: Record<string, string>) => `${name} ${session} ${ratio}`,
  );

describe('a pool and its members in one request', () => {
  it('is made with members that are named or described', async () => {
    const body = { members: ['10.66.0.1:80', { name: '/Common/10.66.0.2:80', ratio: 3 }] };
    expect((await create(body)).status).toBe(200);
    expect(await members()).toEqual(['10.66.0.1:80 user-enabled 1', '10.66.0.2:80 user-enabled 3']);
  });

  it('has the members of a change and no others; who stays keeps what is not said', async () => {
    await create({ members: ['10.66.0.1:80', { name: '10.66.0.2:80', ratio: 3 }] });
    await change({ members: [{ name: '10.66.0.2:80', session: 'user-disabled' }, '10.66.0.3:80'] });
    expect(await members()).toEqual([
      '10.66.0.2:80 user-disabled 3',
      '10.66.0.3:80 user-enabled 1',
    ]);
    await change({ members: [] });
    expect(await members()).toEqual([]);
  });

  it.each([
    [{ members: ['10.66.0.1:80', 'nonsense'] }, 400],
    [{ members: 'none' }, 400],
    [{ members: ['10.66.0.1:80'], metadata: 'x' }, 400],
    [{ members: [{ name: '10.66.0.1:80', partition: 'Nowhere' }] }, 400],
  ])('is not made at all of %j', async (body, status) => {
    expect((await create(body)).status).toBe(status);
    expect((await ask(sim, 'GET', MADE)).status).toBe(404);
  });

  it('is as before when one of the members of a change is wrong', async () => {
    await create({ members: ['10.66.0.1:80'] });
    const { status } = await change({ slowRampTime: 99, members: ['10.66.0.2:80', 'nonsense'] });
    expect(status).toBe(400);
    expect(await members()).toEqual(['10.66.0.1:80 user-enabled 1']);
    expect((await get(MADE)).slowRampTime).toBe(10);
  });
});

describe('what clients write on a pool', () => {
  it.each([
    ['http', '/Common/http'],
    ['http and /Common/tcp', '/Common/http and /Common/tcp'],
    ['min 1 of { http tcp }', 'min 1 of { /Common/http /Common/tcp }'],
    ['min 2 of /Common/http tcp', 'min 2 of { /Common/http /Common/tcp }'],
  ])('the monitor %s is read as %s', async (written, read) => {
    await create({ monitor: written });
    expect((await get(MADE)).monitor).toBe(read);
  });

  it.each(['', 'none', '/Common/none'])('the monitor "%s" is none', async (written) => {
    await create({ monitor: 'http' });
    await change({ monitor: written });
    expect(await get(MADE)).not.toHaveProperty('monitor');
  });

  it('so many of no monitors monitor nothing', async () => {
    await create({ members: ['10.66.0.1:80'], monitor: 'min 1 of' });
    expect((await get(MADE)).monitor).toBe('min 1 of {  }');
    expect((await get(`${MADE}/members`)).items[0].state).toBe('unchecked');
  });

  it.each(['min 1 of  /Common/', 'http or tcp'])('the monitor %s is refused', async (written) => {
    expect((await create({ monitor: written })).status).toBe(400);
  });

  it('has metadata that is replaced as a whole', async () => {
    await create({ metadata: [{ name: 'owner', value: 'web' }, { name: 'cost' }] });
    expect((await get(MADE)).metadata).toEqual([
      { name: 'owner', persist: 'true', value: 'web' },
      { name: 'cost', persist: 'true' },
    ]);
    await change({ metadata: [] });
    expect(await get(MADE)).not.toHaveProperty('metadata');
  });

  it('has no description any more when it is written empty', async () => {
    await create({ description: 'of the shop' });
    expect((await get(MADE)).description).toBe('of the shop');
    await change({ description: '' });
    expect(await get(MADE)).not.toHaveProperty('description');
  });

  it('knows the ways to choose a member and no others', async () => {
    await create({ loadBalancingMode: 'least-connections-member' });
    expect((await get(MADE)).loadBalancingMode).toBe('least-connections-member');
    const { status, json } = await change({ loadBalancingMode: 'best' });
    expect({ status, message: json.message }).toEqual({
      status: 400,
      message: 'invalid property value "loadBalancingMode":"best"',
    });
  });

  it('stands where its name belongs in the list', async () => {
    await create({});
    const { items } = await get(POOLS);
    expect(items.map(({ fullPath }: { fullPath: string }) => fullPath).slice(0, 2)).toEqual([
      '/Common/made',
      '/Common/raw_pool',
    ]);
  });
});

describe('what clients write on a member', () => {
  it.each([
    [7, '7'],
    ['7', '7'],
    [0, 'disabled'],
    ['disabled', 'disabled'],
  ])('the rate limit %j is read as %j', async (written, read) => {
    expect((await change({ rateLimit: written }, MEMBER)).status).toBe(200);
    expect((await get(MEMBER)).rateLimit).toBe(read);
  });

  it.each([-1, 1.5, 'many', null])('the rate limit %j is refused', async (written) => {
    expect((await change({ rateLimit: written }, MEMBER)).status).toBe(400);
    expect((await get(MEMBER)).rateLimit).toBe('disabled');
  });
});

describe('a member that stands for a name', () => {
  const NAMED = `${POOL}/members/~Common~shop:80`;
  const add = () =>
    ask(sim, 'POST', `${POOL}/members`, {
      body: { name: 'shop:80', fqdn: { tmName: 'shop.example.net', autopopulate: 'enabled' } },
    });

  it('has no address of its own, and a node that has the name', async () => {
    expect((await add()).json).toMatchObject({
      address: 'any6',
      fqdn: { tmName: 'shop.example.net', autopopulate: 'enabled' },
      session: 'user-enabled',
      state: 'fqdn-up',
    });
    expect(await get('/mgmt/tm/ltm/node/~Common~shop')).toMatchObject({
      address: 'any6',
      fqdn: { tmName: 'shop.example.net', interval: '3600', addressFamily: 'ipv4' },
      state: 'fqdn-up',
    });
  });

  it('takes the name from a node that has one', async () => {
    const body = { name: 'shop', fqdn: { tmName: 'shop.example.net', interval: '30' } };
    await ask(sim, 'POST', '/mgmt/tm/ltm/node', { body });
    await ask(sim, 'POST', `${POOL}/members`, { body: { name: 'shop:80' } });
    expect((await get(NAMED)).fqdn).toMatchObject({ tmName: 'shop.example.net' });
    const node = '/mgmt/tm/ltm/node/~Common~shop';
    expect((await get(node)).fqdn.interval).toBe('30');
    await change({ fqdn: { interval: '60' } }, node);
    expect((await get(node)).fqdn).toMatchObject({ tmName: 'shop.example.net', interval: '60' });
  });

  it('can be taken out like any other', async () => {
    await add();
    await change({ session: 'user-disabled', state: 'user-down' }, NAMED);
    expect(await get(NAMED)).toMatchObject({ session: 'user-disabled', state: 'user-down' });
  });
});

describe('a node', () => {
  const NODE = '/mgmt/tm/ltm/node/~Common~192.168.100.42';

  it('that is monitored says so, and stays monitored while it is disabled', async () => {
    await change({ monitor: '/Common/icmp' }, NODE);
    expect(await get(NODE)).toMatchObject({ session: 'monitor-enabled', state: 'up' });
    await change({ session: 'user-disabled' }, NODE);
    expect(await get(NODE)).toMatchObject({ session: 'user-disabled', state: 'up' });
    await change({ session: 'user-enabled', monitor: 'default' }, NODE);
    expect(await get(NODE)).toMatchObject({ session: 'user-enabled', state: 'unchecked' });
  });

  it('is not deleted while a member of a pool needs it', async () => {
    const { status, json } = await ask(sim, 'DELETE', NODE);
    expect({ status, message: json.message }).toEqual({
      status: 400,
      message:
        "01070110:3: Node address '/Common/192.168.100.42' is referenced by a member of pool '/Common/test.tianya.cn'.",
    });
  });
});
