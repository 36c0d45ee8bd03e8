import { afterEach, describe, expect, it } from 'vitest';
import { openGate, stepTo, withoutEnd } from '../contract-device.ts';
import { bring, look, readPool } from './acting.ts';
import { type F5Site, f5Site, MEMBER, POOL, placeOf } from './site.ts';

let site: F5Site;
afterEach(() => site.close());

const start = async () => {
  site = await f5Site({ pair: true, isClockStill: true });
  return site;
};
const unit = (index: 0 | 1) => {
  const found = site.sim.units[index];
  if (found === undefined) throw new Error('no such unit');
  return found;
};
const nameOf = (index: 0 | 1) => new URL(unit(index).url).host;
const writtenTo = () =>
  site.sim.control
    .log()
    .filter(({ method }) => method === 'PATCH')
    .map((entry) => entry.unit);
const onUnit = (index: 0 | 1) =>
  site.sim.control
    .state()
    [index]?.pools.find(({ pool }) => pool === `/Common/${POOL}`)
    ?.members.find(({ member }) => member === `/Common/${MEMBER}`)?.session;

describe('of a pair', () => {
  it('only the active unit is read and written, and it is named', async () => {
    await start();
    const adapter = site.adapter();
    const { device } = await readPool(adapter);
    expect(device.incarnation).toBe(nameOf(0));
    expect(device.remark).toBe(`active unit ${nameOf(0)}; In Sync`);
    await bring(adapter, 'disabled');
    expect(writtenTo()).toEqual(['bigip-a']);
  });

  it('the one is written that is active now, after a failover between reading and writing', async () => {
    await start();
    const adapter = site.adapter();
    const step = stepTo(adapter, POOL, await look(adapter), 'disabled');
    site.sim.control.failOver();
    await adapter.apply(step, openGate, withoutEnd());
    expect(writtenTo()).toEqual(['bigip-b']);
    expect((await readPool(adapter)).device.incarnation).toBe(nameOf(1));
  });

  it('the one that took over is not written when it shows something else than what was planned on', async () => {
    await start();
    const adapter = site.adapter();
    await bring(adapter, 'disabled');
    const step = stepTo(adapter, POOL, await look(adapter), 'enabled');
    site.sim.control.clearLog();
    // The peer never heard of the first change.
    site.sim.control.failOver();
    await expect(adapter.apply(step, openGate, withoutEnd())).rejects.toMatchObject({
      code: 'STALE',
      message: expect.stringMatching(
        /was active and is no longer.*shows it as monitor-enabled, up/,
      ),
    });
    expect(writtenTo()).toEqual([]);
  });

  it('the one that took over is not written when another member is out there, whom the guard had counted', async () => {
    await start();
    const adapter = site.adapter();
    await bring(adapter, 'disabled', '192.168.100.43:80');
    const step = stepTo(adapter, POOL, await look(adapter), 'disabled');
    site.sim.control.clearLog();
    site.sim.control.failOver();
    await expect(adapter.apply(step, openGate, withoutEnd())).rejects.toMatchObject({
      code: 'STALE',
      message: expect.stringContaining('shows 192.168.100.43:80 otherwise'),
    });
    expect(writtenTo()).toEqual([]);
  });

  it('that fails over all the time nothing is written where it is not active', async () => {
    await start();
    const adapter = site.adapter();
    const step = stepTo(adapter, POOL, await look(adapter), 'disabled');
    site.sim.control.preset('flap-failover');
    const outcome = await adapter.apply(step, openGate, withoutEnd()).then(
      () => 'done',
      (thrown: { code: string }) => thrown.code,
    );
    site.sim.control.clearFaults();
    expect(['done', 'ROLES_UNKNOWN', 'STALE']).toContain(outcome);
    expect(writtenTo().length).toBe(outcome === 'done' ? 1 : 0);
  });

  it('none that is active: refused with what each one said', async () => {
    await start();
    site.sim.control.failOver({ active: [] });
    await expect(readPool(site.adapter())).rejects.toMatchObject({
      code: 'ROLES_UNKNOWN',
      message: expect.stringMatching(
        /no unit is active: \S+ says STANDBY, \S+ says STANDBY\. Nothing was sent/,
      ),
    });
  });

  it('two that are active: refused, unless the traffic group is named', async () => {
    await start();
    site.sim.control.failOver({ trafficGroup: 'traffic-group-2', active: ['bigip-b'] });
    await expect(readPool(site.adapter())).rejects.toMatchObject({
      code: 'ROLES_UNKNOWN',
      message: expect.stringContaining('more than one unit is active'),
    });
    for (const [trafficGroup, index] of [
      ['/Common/traffic-group-1', 0],
      ['/Common/traffic-group-2', 1],
    ] as const) {
      const { device } = await readPool(site.adapter({ trafficGroup }));
      expect(device.incarnation).toBe(nameOf(index));
    }
    await expect(
      readPool(site.adapter({ trafficGroup: '/Common/traffic-group-9' })),
    ).rejects.toMatchObject({ code: 'ROLES_UNKNOWN' });
  });

  it('the standby unit alone is refused, with the name of its peer', async () => {
    await start();
    const adapter = site.adapter({ units: [placeOf(unit(1))] });
    await expect(readPool(adapter)).rejects.toMatchObject({
      code: 'ROLES_UNKNOWN',
      message: expect.stringContaining(unit(0).hostname),
    });
  });

  it('one that does not answer is said, and the active one is used', async () => {
    await start();
    const gone = { host: '127.0.0.1', port: 1, proof: { fingerprint: unit(1).fingerprint256 } };
    const adapter = site.adapter({ units: [placeOf(unit(0)), gone] });
    const { device } = await readPool(adapter);
    expect(device.remark).toMatch(/127\.0\.0\.1:1: .*Connection refused/);
  });

  it('an unreachable one and a standby: refused, for the other may be active', async () => {
    await start();
    const gone = { host: '127.0.0.1', port: 1, proof: { fingerprint: unit(0).fingerprint256 } };
    const adapter = site.adapter({ units: [gone, placeOf(unit(1))] });
    await expect(readPool(adapter)).rejects.toMatchObject({
      code: 'ROLES_UNKNOWN',
      message: expect.stringMatching(/does not answer.*says STANDBY/),
    });
  });
});

describe('how the units agree', () => {
  it('is told after a write, with what the unit recommends', async () => {
    await start();
    const adapter = site.adapter();
    await bring(adapter, 'disabled');
    const { device } = await readPool(adapter);
    expect(device.remark).toMatch(/Changes Pending \(recommended: .+\);/);
    expect(onUnit(1)).toBe('monitor-enabled');
  });

  it('is mended by our own copy where that is wanted, and all was equal before', async () => {
    await start();
    const adapter = site.adapter({ sync: 'auto' });
    await bring(adapter, 'disabled');
    expect((await readPool(adapter)).device.remark).toMatch(/In Sync(?:;|$)/);
    expect(onUnit(1)).toBe('user-disabled');
  });

  it('is not mended where somebody else had changes waiting: they are not ours to copy', async () => {
    await start();
    site.sim.control.preset('sync-pending');
    const adapter = site.adapter({ sync: 'auto' });
    await bring(adapter, 'disabled');
    expect((await readPool(adapter)).device.remark).toMatch(
      /Changes Pending.*not copied to the peer: before this change somebody else/,
    );
    expect(onUnit(1)).toBe('monitor-enabled');
    expect(site.asked()).not.toContain('POST /mgmt/tm/cm');
  });

  it('is told when the units do not see each other, and the change is done all the same', async () => {
    await start();
    site.sim.control.preset('sync-disconnected');
    const adapter = site.adapter({ sync: 'auto' });
    expect(await bring(adapter, 'disabled')).toMatchObject({ admin: 'disabled' });
    expect((await readPool(adapter)).device.remark).toContain('Disconnected');
  });

  it('is told when the copy fails, and the change stands', async () => {
    await start();
    const adapter = site.adapter({ sync: 'auto' });
    await readPool(adapter);
    site.sim.control.addFault({
      match: '^/mgmt/tm/cm$',
      method: 'POST',
      status: 400,
      body: { code: 400, message: '01070734:3: Device group (x) not found in device group sync' },
    });
    expect(await bring(adapter, 'disabled')).toMatchObject({ admin: 'disabled' });
    expect((await readPool(adapter)).device.remark).toContain('not copied to the peer');
  });

  it('may be put in words that this version does not know', async () => {
    await start();
    site.sim.control.sync({ shown: { status: 'offline', color: 'green' } });
    expect((await readPool(site.adapter())).device.remark).toMatch(/offline/);
  });
});
