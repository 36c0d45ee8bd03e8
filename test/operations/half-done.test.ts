import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { readPool } from '../../src/operations/devices.ts';
import { wake } from '../../src/operations/wake.ts';
import { lookAt } from '../../src/watch/look.ts';
import { type StageRedis, startRedis } from '../stage/redis.ts';
import { openSite, type Site, states } from './site.ts';

let redis: StageRedis;
let site: Site;
beforeAll(async () => {
  redis = await startRedis();
});
beforeEach(async () => {
  await redis.client.flushall();
  site = openSite(redis);
});
afterAll(() => redis.stop());

const ID = 'abcd2345';

it('a change given up at a later stage keeps what the earlier one did, and is nobody’s hand', async () => {
  const devices = [site.devices['ha-1'], site.devices['ha-2']];
  for (const device of devices) {
    device.onCommand = () => device.set('w1', { admin: 'drained', causes: ['command'] });
  }
  const until = { withinMs: 60_000, afterwards: 'disable' as const };
  await site.plan(ID, { verb: 'drain', until });
  await site.approve(ID);
  expect((await site.apply(ID)).state).toBe('draining');
  for (let look = 0; (await site.record(ID)).state === 'draining' && look < 10; look += 1) {
    await wake(site.context, ID);
    await site.clock.sleep(1_000);
  }
  // Both workers that began the second stage died behind their writes.
  for (const device of devices) device.set('w1', { admin: 'disabled' });
  await site.context.stores.changes.update(ID, (latest) => ({ ...latest, runs: 2 }));
  const record = await site.apply(ID);
  expect(record.state).toBe('half-done');
  expect(record.outcome?.steps.map(({ result }) => result)).toEqual(Array(4).fill('verified'));
  expect(states(site)).toEqual(['disabled', 'disabled']);
  for (const balancer of ['ha-1', 'ha-2']) {
    const place = { balancer, pool: 'shop' };
    await lookAt(site.context, place, await readPool(site.context, place));
    const [hold] = await site.context.stores.holds.ofPool(balancer, 'shop');
    expect(hold).toMatchObject({ want: { admin: 'disabled' }, restore: { admin: 'enabled' } });
    expect(hold?.suspended).toBeUndefined();
  }
  expect(await site.audited(ID)).not.toContain('drifted');
});
