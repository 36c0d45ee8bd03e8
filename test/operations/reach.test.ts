import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { planChange } from '../../src/operations/plan.ts';
import type { CheckResult } from '../../src/ports/check.ts';
import { changeRequest } from '../fakes/samples.ts';
import { type StageRedis, startRedis } from '../stage/redis.ts';
import { openSite, SERVICES, type Site } from './site.ts';

let redis: StageRedis;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(() => redis.client.flushall());

/** Devices that know no health, and look at their members themselves. */
function bareSite(look: (address: string, port: number) => CheckResult, checkPort?: number): Site {
  const services = SERVICES.map((service) =>
    checkPort === undefined ? service : { ...service, checkPort },
  );
  const site = openSite(redis, services);
  for (const name of ['ha-1', 'ha-2'] as const) {
    for (const member of ['w1', 'w2', 'w3', 'w4']) {
      site.devices[name].set(member, { health: 'unchecked' });
    }
  }
  site.context = {
    ...site.context,
    adapterOf: (name) => ({
      ...site.devices[name as keyof Site['devices']].adapter,
      reach: async (address, port) => look(address, port),
    }),
    check: { reach: async () => Promise.reject(new Error('looked from here')) },
  };
  return site;
}

const well: CheckResult = { reached: true, ms: 1 };
const dead: CheckResult = { reached: false, reason: 'Connection refused' };
const blind: CheckResult = { reached: false, reason: 'no forwarding', blind: true };
const deadAt =
  (...addresses: readonly string[]) =>
  (address: string) =>
    addresses.includes(address) ? dead : well;

async function planned(site: Site, verb: 'disable' | 'enable' = 'disable') {
  await planChange(site.context, changeRequest('c1', { command: { verb } }));
  return site.record('c1');
}

describe('members without health information', () => {
  it('count when the balancer itself reaches them', async () => {
    expect(await planned(bareSite(() => well))).toMatchObject({ state: 'waiting' });
  });

  it('do not count when it does not, and the refusal says why', async () => {
    const record = await planned(bareSite(deadAt('10.0.0.2', '10.0.0.3', '10.0.0.4')));
    expect(record).toMatchObject({ state: 'refused', fault: { code: 'GUARD' } });
    expect(record.fault?.message).toContain('does not reach w2: Connection refused');
  });

  it('may be taken out when they are dead and enough others live', async () => {
    expect(await planned(bareSite(deadAt('10.0.0.1')))).toMatchObject({ state: 'waiting' });
  });

  it('are not taken out when the look itself cannot be made', async () => {
    const record = await planned(bareSite(() => blind));
    expect(record).toMatchObject({ state: 'refused', fault: { code: 'GUARD' } });
    expect(record.fault?.message).toContain('no forwarding');
  });

  it('are tried at the port that the service names for it', async () => {
    const ports = new Set<number>();
    const site = bareSite((_address, port) => {
      ports.add(port);
      return well;
    }, 8_080);
    await planned(site);
    expect([...ports]).toEqual([8_080]);
  });
});

describe('enabling', () => {
  it('asks a person when the balancer does not reach the member, and says from where it looked', async () => {
    const site = bareSite(deadAt('10.0.0.1'));
    for (const name of ['ha-1', 'ha-2'] as const) {
      site.devices[name].set('w1', { admin: 'disabled', causes: ['command'] });
    }
    const record = await planned(site, 'enable');
    expect(record.plan?.warnings).toContainEqual({
      text: expect.stringContaining('does not reach w1 at 10.0.0.1 port 80: Connection refused'),
      asks: true,
    });
  });
});
