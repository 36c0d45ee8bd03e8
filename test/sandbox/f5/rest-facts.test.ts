import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type F5Sim, startF5Sim } from '../../../src/sandbox/f5/start.ts';
import { ask, MEMBER, tokenFor } from './unit-client.ts';

let sim: F5Sim;
beforeAll(async () => {
  sim = await startF5Sim({ pair: true, drainSeconds: 0 });
});
beforeEach(() => sim.control.reset());
afterAll(() => sim.close());

const get = async (path: string, unit = 0) => (await ask(sim, 'GET', path, { unit })).json;
const TM = 'https://localhost/mgmt/tm';

describe('what a unit says of itself', () => {
  it('has processors and memory, as clients walk down to them', async () => {
    const cpu = (await get('/mgmt/tm/sys/cpu')).entries[`${TM}/sys/cpu/0`].nestedStats.entries;
    const first = cpu[`${TM}/sys/cpu/0/cpuInfo`].nestedStats.entries[`${TM}/sys/cpu/0/cpuInfo/0`];
    expect(first.nestedStats.entries).toMatchObject({
      cpuId: { value: 0 },
      fiveMinAvgIdle: { value: 100 },
      oneMinAvgSystem: { value: 0 },
    });
    const { entries } = await get('/mgmt/tm/sys/memory');
    const host = entries[`${TM}/sys/memory/memory-host`].nestedStats.entries;
    const { memoryTotal, memoryUsed, memoryFree } =
      host[`${TM}/sys/memory/memory-host/0`].nestedStats.entries;
    expect(memoryUsed.value + memoryFree.value).toBe(memoryTotal.value);
  });

  it.each([
    ['sys/version', '0', 'Version'],
    ['cm/failover-status', '0', 'status'],
    ['cm/sync-status', '0', 'mode'],
    ['sys/license', '0', 'registrationKey'],
  ])('%s is there with /stats behind it, and behind its keys', async (path, index, field) => {
    const plain = (await get(`/mgmt/tm/${path}`)).entries[`${TM}/${path}/${index}`];
    const stats = (await get(`/mgmt/tm/${path}/stats`)).entries[`${TM}/${path}/${index}/stats`];
    expect(stats.nestedStats.entries[field]).toEqual(plain.nestedStats.entries[field]);
    expect(stats.nestedStats.entries[field].description).toBeTruthy();
  });

  it.each([
    ['/mgmt/shared/echo-query', 'kind', 'tm:shared:echo-query:echoqueryworkerstate'],
    ['/mgmt/tm/sys/provision/ltm', 'level', 'nominal'],
    ['/mgmt/tm/sys/provision/asm', 'level', 'none'],
    ['/mgmt/tm/sys/db/ui.advisory.enabled', 'value', 'false'],
    ['/mgmt/tm/sys/ntp', 'timezone', 'UTC'],
    ['/mgmt/tm/auth/user/lbops', 'fullPath', 'lbops'],
    ['/mgmt/tm/cm/traffic-group/~Common~traffic-group-1', 'isFloating', 'true'],
    ['/mgmt/tm/cm/trust-domain', 'kind', 'tm:cm:trust-domain:trust-domaincollectionstate'],
    ['/mgmt/tm/sys/software/volume', 'kind', 'tm:sys:software:volume:volumecollectionstate'],
    ['/mgmt/tm/sys/ucs', 'kind', 'tm:sys:ucs:ucscollectionstate'],
  ])('%s answers', async (path, key, value) => {
    expect((await get(path))[key]).toBe(value);
  });

  it('tells no password of its users', async () => {
    expect(JSON.stringify(await get('/mgmt/tm/auth/user'))).not.toContain(sim.password);
  });

  it('names the devices of a group one by one', async () => {
    const path = '/mgmt/tm/cm/device-group/failover_dg/devices';
    expect((await get(`${path}/~Common~bigip-b.example.net`)).name).toBe('bigip-b.example.net');
    expect((await ask(sim, 'GET', `${path}/~Common~nobody`)).status).toBe(404);
  });
});

describe('what a unit is told to do', () => {
  const failover = (body: object) =>
    ask(sim, 'POST', '/mgmt/tm/sys/failover', { body: { command: 'run', ...body } });
  const roles = () => sim.units.map(({ role }) => role);

  it.each([[{ offline: true }], [{ utilCmdArgs: 'offline' }]])(
    'goes offline by %j and comes back as standby',
    async (body) => {
      await failover(body);
      expect(roles()).toEqual(['forced-offline', 'active']);
      expect((await get('/mgmt/tm/sys/failover')).apiRawValues.apiAnonymous).toMatch(
        /^Failover forced offline for 0d 00:\d\d:\d\d\n$/,
      );
      await failover({ online: true });
      expect(roles()).toEqual(['standby', 'active']);
    },
  );

  it('stands by for one traffic group as clients word it', async () => {
    await failover({ utilCmdArgs: 'standby traffic-group traffic-group-1' });
    expect(roles()).toEqual(['standby', 'active']);
  });

  it('goes back to what was saved', async () => {
    const body = { session: 'user-disabled', state: 'user-up' };
    await ask(sim, 'PATCH', MEMBER, { body });
    await ask(sim, 'POST', '/mgmt/tm/sys/config', { body: { command: 'load' } });
    expect((await get(MEMBER)).session).toBe('monitor-enabled');
  });

  it('saves as a task that is made, started and asked', async () => {
    const path = '/mgmt/tm/task/sys/config';
    await ask(sim, 'PATCH', MEMBER, { body: { session: 'user-disabled', state: 'user-up' } });
    const made = await ask(sim, 'POST', path, { body: { command: 'save' } });
    const { _taskId: id } = made.json;
    expect(made.json._taskState).toBe('STARTED');
    expect(sim.control.state()[0]?.unsaved).toBe(true);
    const body = { _taskState: 'VALIDATING' };
    expect((await ask(sim, 'PUT', `${path}/${id}`, { body })).status).toBe(202);
    expect((await get(`${path}/${id}`))._taskState).toBe('COMPLETED');
    expect(sim.control.state()[0]?.unsaved).toBe(false);
    const token = await tokenFor(sim, 'lbops');
    const refused = await ask(sim, 'POST', path, { token, body: { command: 'save' } });
    expect(refused.status).toBe(403);
  });

  it.each([
    ['runlevel', 'N 5\n'],
    ["echo 'a b'", 'a b\n'],
    ['hostname', 'bigip-a.example.net\n'],
    ['ps aux | grep [m]prov', undefined],
    ['cat /etc/shadow', 'bash: cat: command not found\n'],
    ['echo $(id)', 'bash: echo: command not found\n'],
  ])('says to bash -c "%s" %j', async (command, result) => {
    const body = { command: 'run', utilCmdArgs: `-c "${command}"` };
    const { json } = await ask(sim, 'POST', '/mgmt/tm/util/bash', { body });
    expect(json.commandResult).toBe(result);
  });
});
