import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { selfSigned } from '../../../src/sandbox/f5/certificate.ts';
import { openGate, stepTo, withoutEnd } from '../contract-device.ts';
import { bring, look, readPool } from './acting.ts';
import { type F5Site, f5Site, POOL, placeOf } from './site.ts';

let site: F5Site;
afterEach(() => site.close());

const logins = () => site.asked().filter((line) => line.includes('authn/login'));

describe('a session with a unit', () => {
  it('that refuses every token is tried with one new one, and then is a refusal', async () => {
    site = await f5Site({ isClockStill: true });
    site.sim.control.addFault({
      match: '^/mgmt/tm/',
      times: -1,
      status: 401,
      body: { code: 401, message: 'X-F5-Auth-Token has expired.' },
    });
    await expect(readPool(site.adapter())).rejects.toMatchObject({
      code: 'PERMISSION',
      message: expect.stringMatching(/has expired\. User admin may not do that/),
    });
    expect(logins()).toHaveLength(2);
  });

  it('whose login takes too long ends with the caller’s time, and nothing was sent', async () => {
    site = await f5Site({ isClockStill: true });
    site.sim.control.preset('slow:3000', { match: 'authn/login' });
    const adapter = site.adapter();
    await expect(adapter.read(POOL, { signal: AbortSignal.timeout(200) })).rejects.toMatchObject({
      code: 'TIMEOUT',
    });
    expect(site.asked().filter((line) => line.startsWith('GET'))).toEqual([]);
  });

  it('keeps its connections: ten changes need no more than four', async () => {
    site = await f5Site();
    const adapter = site.adapter();
    for (let round = 0; round < 5; round += 1) {
      await bring(adapter, 'disabled');
      await bring(adapter, 'enabled');
    }
    const clients = new Set(site.sim.control.log().map(({ client }) => client));
    expect(clients.size).toBeLessThanOrEqual(4);
    expect(logins()).toHaveLength(1);
  });

  it('tells for a minute that what was written is not saved, and no longer', async () => {
    site = await f5Site({ isClockStill: true });
    const adapter = site.adapter();
    expect((await readPool(adapter)).device.remark).toBeUndefined();
    await bring(adapter, 'disabled');
    expect((await readPool(adapter)).device.remark).toMatch(/running configuration only/);
    site.clock.advance(60_000);
    expect((await readPool(adapter)).device.remark).toBeUndefined();
  });
});

describe('a user with too small a role', () => {
  it.each(['rest', 'soap'] as const)('is named, with the role it takes, by %s', async (api) => {
    site = await f5Site({ isClockStill: true });
    const adapter = site.adapter({ api, username: 'looker' });
    const step = stepTo(adapter, POOL, await look(site.adapter()), 'disabled');
    await expect(adapter.apply(step, openGate, withoutEnd())).rejects.toMatchObject({
      code: 'PERMISSION',
      message: expect.stringMatching(/User looker may not do that: .*role Operator/),
    });
  });
});

describe('a file of certificates', () => {
  async function readWith(pem: string) {
    const folder = mkdtempSync(join(tmpdir(), 'lb-ca-'));
    const caFile = join(folder, 'ca.pem');
    writeFileSync(caFile, pem);
    const [unit] = site.sim.units;
    if (unit === undefined) throw new Error('no unit');
    const { host, port } = placeOf(unit);
    try {
      return await readPool(site.adapter({ units: [{ host, port, proof: { caFile } }] }));
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  it('that holds the unit’s own certificate is enough, whatever name stands in it', async () => {
    site = await f5Site();
    expect((await readWith(site.sim.certificate)).members).toHaveLength(5);
  });

  it('that holds another one is not: nothing is asked, no password sent', async () => {
    site = await f5Site();
    await expect(readWith(selfSigned().certificate)).rejects.toMatchObject({
      code: 'HOST_KEY',
      message: expect.stringContaining('No password was sent'),
    });
    expect(site.asked()).toEqual([]);
  });
});
