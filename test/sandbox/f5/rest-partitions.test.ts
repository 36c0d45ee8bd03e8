import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type F5Sim, startF5Sim } from '../../../src/sandbox/f5/start.ts';
import { ask, tokenFor } from './unit-client.ts';

const PARTITIONS = '/mgmt/tm/auth/partition';
const FOLDERS = '/mgmt/tm/sys/folder';
const DOMAINS = '/mgmt/tm/net/route-domain';
const MONITORS = '/mgmt/tm/ltm/monitor/http';

let sim: F5Sim;
beforeAll(async () => {
  sim = await startF5Sim({ drainSeconds: 0 });
});
beforeEach(() => sim.control.reset());
afterAll(() => sim.close());

const get = async (path: string) => (await ask(sim, 'GET', path)).json;
const post = (path: string, body: object) => ask(sim, 'POST', path, { body });

describe('partitions', () => {
  it('are made, described, shown as folders and deleted', async () => {
    expect((await post(PARTITIONS, { name: 'Shop', description: 'a' })).json).toMatchObject({
      kind: 'tm:auth:partition:partitionstate',
      fullPath: 'Shop',
      defaultRouteDomain: 0,
      description: 'a',
    });
    await ask(sim, 'PATCH', `${PARTITIONS}/Shop`, { body: { description: 'b' } });
    await ask(sim, 'PATCH', `${FOLDERS}/~Shop`, { body: { description: 'c' } });
    expect((await get(`${PARTITIONS}/Shop`)).description).toBe('c');
    expect(await get(`${FOLDERS}/~Shop`)).toMatchObject({ name: 'Shop', fullPath: '/Shop' });
    expect((await get(`${FOLDERS}/~`)).fullPath).toBe('/');
    expect((await ask(sim, 'DELETE', `${PARTITIONS}/Shop`)).status).toBe(200);
    expect((await ask(sim, 'GET', `${PARTITIONS}/Shop`)).status).toBe(404);
  });

  it('are not made twice, and not deleted while something is in them', async () => {
    expect((await post(PARTITIONS, { name: 'Tenant_A' })).status).toBe(409);
    for (const name of ['Tenant_A', 'Common']) {
      const { status, json } = await ask(sim, 'DELETE', `${PARTITIONS}/${name}`);
      expect(status).toBe(400);
      expect(json.message).toContain('0107082a:3: All objects must be removed from a partition');
    }
  });
});

describe('route domains', () => {
  it('are made by number or name, and deleted unless an address is in them', async () => {
    expect((await post(DOMAINS, { name: 'dmz', id: 7 })).json).toMatchObject({
      fullPath: '/Common/dmz',
      id: 7,
    });
    expect((await post(DOMAINS, { name: '7' })).status).toBe(409);
    const body = { description: 'outer', strict: 'disabled' };
    await ask(sim, 'PATCH', `${DOMAINS}/~Common~dmz`, { body });
    expect(await get(`${DOMAINS}/~Common~dmz`)).toMatchObject(body);
    expect((await ask(sim, 'DELETE', `${DOMAINS}/dmz`)).status).toBe(200);
    expect((await ask(sim, 'DELETE', `${DOMAINS}/~Tenant_A~1`)).status).toBe(400);
  });
});

describe('monitors', () => {
  it('are made from one of the type, changed, and kept while a pool uses them', async () => {
    await post(MONITORS, { name: 'shop', interval: 7, recv: 'ok' });
    await ask(sim, 'PATCH', `${MONITORS}/~Common~shop`, { body: { timeout: 22 } });
    expect(await get(`${MONITORS}/~Common~shop`)).toMatchObject({
      defaultsFrom: '/Common/http',
      interval: 7,
      recv: 'ok',
      timeout: 22,
    });
    await post('/mgmt/tm/ltm/pool', { name: 'made', monitor: 'shop and tcp' });
    expect((await ask(sim, 'DELETE', `${MONITORS}/~Common~shop`)).status).toBe(400);
    await ask(sim, 'DELETE', '/mgmt/tm/ltm/pool/made');
    expect((await ask(sim, 'DELETE', `${MONITORS}/~Common~shop`)).status).toBe(200);
    expect((await get(MONITORS)).items).toHaveLength(1);
  });

  it('of the device are named with underscores, and nobody changes them', async () => {
    const path = '/mgmt/tm/ltm/monitor/gateway-icmp';
    expect((await get(path)).items[0].fullPath).toBe('/Common/gateway_icmp');
    const body = { interval: 9 };
    const { status } = await ask(sim, 'PATCH', `${path}/~Common~gateway_icmp`, { body });
    expect(status).toBe(400);
  });
});

it('an operator makes and deletes none of them', async () => {
  const token = await tokenFor(sim, 'lbops');
  for (const path of [PARTITIONS, FOLDERS, DOMAINS, MONITORS]) {
    const { status } = await ask(sim, 'POST', path, { token, body: { name: '9' } });
    expect(status, path).toBe(403);
  }
  for (const path of [`${PARTITIONS}/Tenant_A`, `${DOMAINS}/0`, `${MONITORS}/http`]) {
    expect((await ask(sim, 'DELETE', path, { token })).status, path).toBe(403);
  }
});
