import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createAdapter } from '../../src/adapters/registry.ts';
import { systemClock } from '../../src/bin/system-clock.ts';
import type { Inventory, Service } from '../../src/domain/inventory.ts';
import { type SandboxHaproxy, startHaproxy } from '../../src/sandbox/haproxy.ts';
import { type SandboxMembers, startMembers } from '../../src/sandbox/members.ts';
import { redisStores } from '../../src/store/stores.ts';
import { startWatcher } from '../../src/watch/watcher.ts';
import { KEY } from '../fakes/samples.ts';
import { openSite } from '../operations/site.ts';
import { MEMBERS } from '../stage/inventory.ts';
import { type StageRedis, startRedis } from '../stage/redis.ts';

const DEVICES = 50;
const FOR_MS = 30_000;

let directory: string;
let redis: StageRedis;
let members: SandboxMembers;
let haproxy: SandboxHaproxy;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'lb-cost-'));
  redis = await startRedis();
  members = await startMembers({ names: MEMBERS, directory });
  haproxy = await startHaproxy({
    directory,
    name: 'ha-1',
    backend: 'shop',
    servers: members.members.map(({ name, address, port }) => ({ name, address, port, weight: 1 })),
    checkEveryMs: 60_000,
  });
});
afterAll(async () => {
  await haproxy.stop();
  await members.close();
  await redis.stop();
  rmSync(directory, { recursive: true, force: true });
});

it('watches fifty balancers with less than a tenth of one core', async () => {
  const plain = openSite(redis).context;
  const names = Array.from({ length: DEVICES }, (_, index) => `ha-${index + 1}`);
  const shop = plain.inventory.services.get('shop');
  if (shop === undefined) throw new Error('no service');
  const services = names.map((name): [string, Service] => [
    name,
    { ...shop, name, pools: [{ on: name, balancers: [name], lane: name, pool: 'shop' }] },
  ]);
  const inventory: Inventory = {
    ...plain.inventory,
    pairs: new Map(),
    services: new Map(services),
  };
  const adapters = new Map(
    names.map((name) => [
      name,
      createAdapter({ name, kind: 'haproxy', socket: haproxy.socket }, { clock: systemClock }),
    ]),
  );
  const watcher = startWatcher({
    ...plain,
    inventory,
    clock: systemClock,
    stores: redisStores(redis.client, systemClock, KEY),
    adapterOf: (name) => {
      const adapter = adapters.get(name);
      if (adapter === undefined) throw new Error(`no ${name}`);
      return adapter;
    },
  });
  // The first round reads and keeps everything; what it costs after that is asked.
  await systemClock.sleep(6_000);
  const before = process.cpuUsage();
  const begun = performance.now();
  await systemClock.sleep(FOR_MS);
  const { user, system } = process.cpuUsage(before);
  const elapsedMs = performance.now() - begun;
  await watcher.stop();
  await Promise.all([...adapters.values()].map((adapter) => adapter.close()));
  const cpuMs = (user + system) / 1_000;
  const perHour = (cpuMs / DEVICES) * (3_600_000 / elapsedMs);
  const share = (cpuMs / elapsedMs) * 100;
  process.stdout.write(
    `watching ${DEVICES} HAProxy: ${share.toFixed(1)} % of one core, ${Math.round(perHour)} ms of CPU per device and hour\n`,
  );
  expect(share).toBeLessThan(10);
});
