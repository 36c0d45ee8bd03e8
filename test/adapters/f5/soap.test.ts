import { afterEach, describe, expect, it } from 'vitest';
import { OperationError } from '../../../src/domain/errors.ts';
import { openGate, stepTo, withoutEnd } from '../contract-device.ts';
import { bring, look, readPool } from './acting.ts';
import { type F5Site, f5Site, MEMBER, PASSWORD, POOL } from './site.ts';

let site: F5Site;
afterEach(() => site.close());

const start = async (options: Parameters<typeof f5Site>[0] = {}) => {
  site = await f5Site({ isClockStill: true, ...options });
  return site.adapter({ api: 'soap', limits: { exchangeMsMax: 1_500 } });
};

const operations = () =>
  site.sim.control.log().map(({ body }) => /<m:(\w+)/.exec(body)?.[1] ?? 'something else');

describe('by SOAP', () => {
  it('a pool reads as it does by REST', async () => {
    const adapter = await start();
    const rest = await readPool(site.adapter());
    const soap = await readPool(adapter);
    const known = ({ members }: typeof soap) =>
      members.map(({ name, address, port, admin, health, causes, weight, sessions }) => {
        return { name, address, port, admin, health, causes, weight, sessions };
      });
    expect(known(soap)).toEqual(known(rest));
    expect(soap.device.version).toBe('17.1.1');
  });

  it.each([
    ['/Common/v6_pool', '2001:db8::10.443'],
    ['/Tenant_A/app_pool', '10.9.0.5%1:443'],
  ])('members of %s are changed by the same names', async (pool, name) => {
    const adapter = await start();
    expect(await bring(adapter, 'disabled', name, pool)).toMatchObject({ admin: 'disabled' });
    expect(await look(site.adapter(), name, pool)).toMatchObject({ admin: 'disabled' });
    expect(await bring(adapter, 'enabled', name, pool)).toMatchObject({ admin: 'enabled' });
  });

  it('a disable is the one call of the article, and enable revives what was forced offline', async () => {
    const adapter = await start({
      seed: {
        pools: [
          {
            pool: `/Common/${POOL}`,
            monitor: '/Common/http',
            members: [MEMBER, { member: '192.168.100.43:80', state: 'forced_offline' }],
          },
        ],
      },
    });
    const { commands } = stepTo(adapter, POOL, await look(adapter), 'disabled');
    expect(commands).toEqual([
      `LocalLB.PoolMember.set_session_enabled_state /Common/${POOL} ${MEMBER} STATE_DISABLED`,
    ]);
    expect(await look(adapter, '192.168.100.43:80')).toMatchObject({ status: 'forced offline' });
    expect(await bring(adapter, 'enabled', '192.168.100.43:80')).toMatchObject({
      admin: 'enabled',
      health: 'up',
    });
  });

  it('only the active unit of a pair is asked and written', async () => {
    const adapter = await start({ pair: true });
    expect(await bring(adapter, 'disabled')).toMatchObject({ admin: 'disabled' });
    const ofB = site.sim.control.log().filter(({ unit }) => unit === 'bigip-b');
    expect(ofB.map(({ body }) => /<m:(\w+)/.exec(body)?.[1])).toEqual(['get_failover_state']);
    site.sim.control.failOver({ active: [] });
    site.clock.advance(6_000);
    await expect(readPool(adapter)).rejects.toMatchObject({ code: 'ROLES_UNKNOWN' });
  });

  it('a lower priority group is no capacity', async () => {
    const member = (last: number, group: number) => ({
      member: `10.0.0.${last}:80`,
      priority_group: group,
    });
    const adapter = await start({
      seed: {
        pools: [
          { pool: '/Common/web', min_active_members: 1, members: [member(1, 10), member(2, 5)] },
        ],
      },
    });
    const { members } = await readPool(adapter, 'web');
    expect(members.map(({ backup }) => backup)).toEqual([false, true]);
  });

  it('a wrong password is tried once, and not shown', async () => {
    site = await f5Site({ isClockStill: true });
    const adapter = site.adapter({ api: 'soap', secret: 'another-word' });
    const [first, second] = await Promise.allSettled([readPool(adapter), readPool(adapter)]);
    const third = await readPool(adapter).catch((thrown: unknown) => thrown);
    for (const fault of [first, second]) {
      expect(fault).toMatchObject({ reason: { code: 'PERMISSION' } });
    }
    expect(third).toMatchObject({
      code: 'PERMISSION',
      message: expect.stringContaining('so that the account is not locked'),
    });
    expect(JSON.stringify([first, second, String(third)])).not.toContain('another-word');
    expect(site.asked()).toHaveLength(1);
  });

  it.each([
    ['xml-entities', { times: -1 }, 'UNEXPECTED_REPLY', /cannot be read/],
    ['restarting', {}, 'UNREACHABLE', /configuration utility is restarting/],
    ['truncated', { times: -1 }, 'CUT_REPLY', /broke off/],
    ['huge', {}, 'TOO_LARGE', /4194304 bytes/],
  ] as const)('a read under %s ends in plain words', async (preset, settings, code, words) => {
    const adapter = await start();
    await readPool(adapter);
    site.sim.control.preset(preset, settings);
    const fault: unknown = await readPool(adapter).catch((thrown: unknown) => thrown);
    expect(fault).toBeInstanceOf(OperationError);
    expect(fault).toMatchObject({ code, message: expect.stringMatching(words) });
    expect(String(fault)).not.toMatch(new RegExp(`<|aaaaaaaa|${PASSWORD}`));
  });

  it.each([
    ['drop-before', 'enabled'],
    ['drop-after', 'disabled'],
  ] as const)('a write under %s is unknown and sent once', async (preset, after) => {
    const adapter = await start();
    const step = stepTo(adapter, POOL, await look(adapter), 'disabled');
    site.sim.control.preset(preset);
    await expect(adapter.apply(step, openGate, withoutEnd())).rejects.toMatchObject({
      code: 'OUTCOME_UNKNOWN',
    });
    site.sim.control.clearFaults();
    expect(await look(adapter)).toMatchObject({ admin: after });
    expect(operations().filter((name) => name.startsWith('set_'))).toHaveLength(1);
  });

  it('a write to a member that has just been deleted makes no new one', async () => {
    const adapter = await start();
    const step = stepTo(adapter, POOL, await look(adapter), 'disabled');
    site.sim.control.preset('member-vanishes');
    await expect(adapter.apply(step, openGate, withoutEnd())).rejects.toMatchObject({
      code: 'NO_SUCH_MEMBER',
    });
    expect((await readPool(adapter)).members).toHaveLength(4);
  });

  it('a write that the unit takes and forgets is seen by reading back', async () => {
    const adapter = await start();
    const step = stepTo(adapter, POOL, await look(adapter), 'disabled');
    site.sim.control.preset('ignored-write');
    await adapter.apply(step, openGate, withoutEnd());
    expect(await look(adapter)).toMatchObject({ admin: 'enabled' });
  });
});
