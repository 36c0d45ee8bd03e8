import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Inventory, Service } from '../../src/domain/inventory.ts';
import { startWatcher } from '../../src/watch/watcher.ts';
import { handClock } from '../fakes/hand-clock.ts';
import { NOW } from '../fakes/samples.ts';
import { openSite } from '../operations/site.ts';
import { type StageRedis, startRedis } from '../stage/redis.ts';

const BALANCERS = 30;

let redis: StageRedis;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

it('watches many balancers without Node warning of too many listeners', async () => {
  const warnings: string[] = [];
  const note = (warning: Error) => void warnings.push(warning.name);
  process.on('warning', note);
  const { context } = openSite(redis);
  const [shop] = context.inventory.services.values();
  if (shop === undefined) throw new Error('There is no service.');
  const services = Array.from({ length: BALANCERS }, (_, index): [string, Service] => {
    const name = `lone-${index}`;
    const pools = [{ on: name, balancers: [name], lane: name, pool: 'shop' }];
    return [name, { ...shop, name, pools }];
  });
  const inventory: Inventory = {
    ...context.inventory,
    pairs: new Map(),
    services: new Map(services),
  };
  const clock = handClock(NOW);
  const watcher = startWatcher({ ...context, inventory, clock });
  await expect.poll(() => clock.sleepers()).toBeGreaterThanOrEqual(BALANCERS);
  await watcher.stop();
  process.off('warning', note);
  expect(warnings).not.toContain('MaxListenersExceededWarning');
});
