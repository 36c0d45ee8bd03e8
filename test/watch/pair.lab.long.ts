import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createAdapter } from '../../src/adapters/registry.ts';
import { systemClock } from '../../src/bin/system-clock.ts';
import type { Incident } from '../../src/domain/incident.ts';
import type { Inventory, Service } from '../../src/domain/inventory.ts';
import type { WorkerContext } from '../../src/operations/context.ts';
import type { LoadBalancerAdapter } from '../../src/ports/adapter.ts';
import { redisStores } from '../../src/store/stores.ts';
import { sshHosts } from '../../src/transports/ssh-hosts.ts';
import { openDesk } from '../../src/watch/desk.ts';
import { RULES } from '../../src/watch/rules.ts';
import { startWatcher, type Watcher } from '../../src/watch/watcher.ts';
import { KEY } from '../fakes/samples.ts';
import type { Lab } from '../lab/lab.ts';
import { useLab } from '../lab/use-lab.ts';
import { holdsVip, killKeepalived, startKeepalived, stopKeepalived } from '../lab/vrrp.ts';
import { openSite } from '../operations/site.ts';
import { type StageRedis, startRedis } from '../stage/redis.ts';
import { factOf } from './scenes.ts';

const VIP = '192.168.100.11';
const POOL = `${VIP}:80`;
const LANE = 'edge';

let lab: Lab;
let stop: () => Promise<void> = async () => {};
let redis: StageRedis;
let watcher: Watcher | undefined;
let adapters: readonly LoadBalancerAdapter[] = [];
let context: WorkerContext;
let earlier: ReadonlySet<string> = new Set();

beforeAll(async () => {
  ({ lab, stop } = await useLab());
  redis = await startRedis();
});
beforeEach(async () => {
  await lab.reset();
  await redis.client.flushall();
  await watch();
  const { watched } = context.stores;
  const memory = () => watched.read(LANE).then(({ scene }) => scene.vrrp.master);
  await expect.poll(memory, { timeout: 60_000 }).toBe('lvs-1');
  // A director that is slow to let somebody in the first time is none of what is played here.
  earlier = new Set();
  earlier = new Set((await incidents()).map(({ id }) => id));
}, 120_000);
afterEach(async () => {
  await watcher?.stop();
  await Promise.all(adapters.map((adapter) => adapter.close()));
});
afterAll(async () => {
  await redis.stop();
  await stop();
});

/** The watcher of the product over real directors and a real Redis, with times that are short. */
async function watch(): Promise<void> {
  const plain = openSite(redis).context;
  const shop = plain.inventory.services.get('shop');
  if (shop === undefined) throw new Error('no service');
  const service: Service = {
    ...shop,
    name: 'test.tianya.cn',
    pools: [{ on: LANE, balancers: ['lvs-1', 'lvs-2'], lane: LANE, pool: POOL }],
  };
  const ssh = sshHosts();
  const made = (['lvs-1', 'lvs-2'] as const).map((name) =>
    createAdapter(
      { name, kind: 'lvs', ssh: lab.director(name).ssh('root') },
      { clock: systemClock, ssh },
    ),
  );
  adapters = made;
  const inventory: Inventory = {
    ...plain.inventory,
    pairs: new Map([[LANE, { name: LANE, nodes: ['lvs-1', 'lvs-2'], vrrp: 'VI_1' }]]),
    services: new Map([[service.name, service]]),
  };
  context = {
    ...plain,
    inventory,
    clock: systemClock,
    stores: redisStores(redis.client, systemClock, KEY),
    adapterOf: (name) => {
      const found = made.find(({ balancer }) => balancer === name);
      if (found === undefined) throw new Error(`no ${name}`);
      return found;
    },
  };
  const rules = { ...RULES, settleMs: 2_000 };
  watcher = startWatcher(context, openDesk(context, rules));
}

async function incidents(): Promise<readonly Incident[]> {
  const { scene } = await context.stores.watched.read(LANE);
  return scene.incidents.filter(({ id }) => !earlier.has(id));
}

const summary = async () =>
  (await incidents()).map(({ kind, state }) => `${kind} ${state}`).join(', ');

const ask = { timeout: 45_000, interval: 200 };

describe('a real pair that is watched', () => {
  it('tells one fail-over when keepalived is stopped on the MASTER, and its end when it runs again', async () => {
    await stopKeepalived(lab.director('lvs-1'));
    await holdsVip(lab.director('lvs-2'), VIP);
    await expect.poll(summary, ask).toBe('failover open');
    const [told] = await incidents();
    if (told === undefined) throw new Error('no incident');
    expect(factOf(told, 'Old master')).toBe('lvs-1');
    expect(factOf(told, 'New master')).toBe('lvs-2');
    await expect
      .poll(async () => factOf((await incidents())[0] ?? told, 'Cause'), ask)
      .toContain('keepalived on lvs-1 does not run');
    await startKeepalived(lab.director('lvs-1'));
    await expect.poll(summary, ask).toBe('failover over');
  }, 120_000);

  it('tells a split brain when all of keepalived is killed and its VIP stays', async () => {
    await killKeepalived(lab.director('lvs-1'));
    await expect.poll(summary, ask).toBe('split-brain open');
    const [told] = await incidents();
    expect(told).toMatchObject({ severity: 'critical' });
  }, 120_000);

  it('tells one fail-over when the MASTER loses its power, with the silent node as the cause', async () => {
    await lab.director('lvs-1').kill();
    await expect.poll(summary, ask).toBe('failover open');
    const cause = async () => factOf((await incidents())[0] as Incident, 'Cause');
    await expect.poll(cause, ask).toContain('lvs-1 does not answer');
    expect(await summary()).toBe('failover open');
  }, 120_000);
});
