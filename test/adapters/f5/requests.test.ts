import { afterEach, describe, expect, it } from 'vitest';
import { openGate, stepTo, withoutEnd } from '../contract-device.ts';
import { bring, look, readPool } from './acting.ts';
import { type F5Site, f5Site, MEMBER, POOL } from './site.ts';

const MEMBERS = `GET /mgmt/tm/ltm/pool/~Common~${POOL}/members`;
const PATCH = `PATCH /mgmt/tm/ltm/pool/~Common~${POOL}/members/~Common~${MEMBER}`;

let site: F5Site;
afterEach(() => site.close());

describe('what one unit is asked', () => {
  it('is three requests for a warm change with its verification', async () => {
    site = await f5Site({ isClockStill: true });
    const adapter = site.adapter();
    await readPool(adapter);
    site.sim.control.clearLog();
    expect(await bring(adapter, 'disabled')).toMatchObject({ admin: 'disabled' });
    expect(site.asked()).toEqual([MEMBERS, PATCH, MEMBERS]);
  });

  it('is one login, whoever asks at once', async () => {
    site = await f5Site({ isClockStill: true });
    const adapter = site.adapter({ limits: { exchangeMsMax: 15_000 } });
    await Promise.all(Array.from({ length: 50 }, () => readPool(adapter)));
    const logins = site.asked().filter((line) => line.includes('authn/login'));
    expect(logins).toHaveLength(1);
    expect(site.sim.control.state()[0]?.tokens).toBe(1);
  });

  it('is one more login where fifty find their token refused', async () => {
    site = await f5Site();
    const adapter = site.adapter({ limits: { exchangeMsMax: 15_000 } });
    await readPool(adapter);
    site.sim.control.preset('token-revoked');
    await Promise.all(Array.from({ length: 50 }, () => readPool(adapter)));
    expect(site.asked().filter((line) => line.includes('authn/login'))).toHaveLength(2);
  });

  it('is one token, which is given back at the end', async () => {
    site = await f5Site({ isClockStill: true });
    const adapter = site.adapter();
    await bring(adapter, 'disabled');
    await bring(adapter, 'enabled');
    expect(site.sim.control.state()[0]?.tokens).toBe(1);
    await adapter.close();
    expect(site.sim.control.state()[0]?.tokens).toBe(0);
  });

  it('is another login a minute before the token ends, not before', async () => {
    site = await f5Site({ isClockStill: true });
    const adapter = site.adapter();
    await readPool(adapter);
    site.clock.advance(1_130_000);
    await readPool(adapter);
    expect(site.asked().filter((line) => line.includes('authn/login'))).toHaveLength(1);
    site.clock.advance(20_000);
    await readPool(adapter);
    expect(site.asked().filter((line) => line.includes('authn/login'))).toHaveLength(2);
  });

  it('is never to make a member: a name that does not exist leaves the pool as it was', async () => {
    site = await f5Site({ isClockStill: true });
    const adapter = site.adapter();
    const stranger = { ...(await look(adapter)), name: '192.168.100.99:80' };
    const step = stepTo(adapter, POOL, stranger, 'disabled');
    await expect(adapter.apply(step, openGate, withoutEnd())).rejects.toMatchObject({
      code: 'NO_SUCH_MEMBER',
      message: expect.stringContaining('192.168.100.99 80) was not found'),
    });
    expect((await readPool(adapter)).members).toHaveLength(5);
    expect(site.asked().filter((line) => line.startsWith('POST /mgmt/tm'))).toEqual([]);
  });

  it('is for counters of now while somebody waits for connections to end', async () => {
    site = await f5Site({ isClockStill: true });
    const adapter = site.adapter();
    await bring(adapter, 'disabled');
    site.clock.advance(250);
    expect((await look(adapter)).sessions).toBe(24);
    site.sim.control.connections(`/Common/${POOL}`, MEMBER, { current: 3 });
    expect((await look(adapter)).sessions).toBe(3);
    site.sim.control.connections(`/Common/${POOL}`, MEMBER, { current: 0 });
    expect((await look(adapter)).sessions).toBe(0);
  });
});

describe('what a pair is asked', () => {
  it('is six requests for a warm change with its verification, all but one look at the active unit', async () => {
    site = await f5Site({ pair: true, isClockStill: true });
    const adapter = site.adapter();
    await readPool(adapter);
    site.sim.control.clearLog();
    await bring(adapter, 'disabled');
    expect(site.asked()).toEqual([
      MEMBERS,
      'GET /mgmt/tm/cm/failover-status',
      'GET /mgmt/tm/cm/sync-status',
      PATCH,
      'GET /mgmt/tm/cm/sync-status',
      MEMBERS,
    ]);
    expect(new Set(site.sim.control.log().map(({ unit }) => unit))).toEqual(new Set(['bigip-a']));
  });
});

describe('an Operator', () => {
  it('may do all that disable and enable need, and is refused a ratio', async () => {
    site = await f5Site({ isClockStill: true });
    const adapter = site.adapter({ username: 'lbops' });
    expect(await bring(adapter, 'disabled')).toMatchObject({ admin: 'disabled' });
    expect(await bring(adapter, 'enabled')).toMatchObject({ admin: 'enabled' });
    const step = stepTo(adapter, POOL, await look(adapter), 'enabled', 5);
    await expect(adapter.apply(step, openGate, withoutEnd())).rejects.toMatchObject({
      code: 'PERMISSION',
    });
  });
});
