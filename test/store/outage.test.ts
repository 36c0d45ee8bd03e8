import type { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Stores } from '../../src/ports/records.ts';
import { COMMAND_TIMEOUT_MS, connectStore, openStore } from '../../src/store/redis.ts';
import { redisStores } from '../../src/store/stores.ts';
import { eventually } from '../fakes/eventually.ts';
import { handClock } from '../fakes/hand-clock.ts';
import { changeRequest, KEY, NOW } from '../fakes/samples.ts';
import { type StageRedis, startRedis } from '../stage/redis.ts';

const PATIENCE_MS = COMMAND_TIMEOUT_MS + 150;

let stage: StageRedis;
let redis: Redis;
let stores: Stores;
beforeEach(async () => {
  stage = await startRedis();
  redis = await openStore(stage.url);
  stores = redisStores(redis, handClock(NOW), KEY);
});
afterEach(async () => {
  redis.disconnect();
  await stage.stop();
});

const member = { admin: 'enabled', weight: 1 } as const;
const entry = {
  index: 0,
  phase: 'about-to',
  direction: 'forward',
  before: member,
  after: member,
  at: 0,
} as const;
const hold = {
  balancer: 'ha-1',
  pool: 'shop',
  member: 'w1',
  changeId: 'abcd2345',
  actor: 'U0A',
  approver: 'U0B',
  want: member,
  restore: member,
  incarnation: '1',
  at: 0,
  approvalKind: 'people',
  mac: 'a',
} as const;
const claim = { changeId: 'abcd2345', sequence: 1, balancer: 'ha-1', pool: 'shop', member: 'w1' };
const freeze = { scope: '*', by: 'U0A', at: NOW, reason: 'holidays' };
const fact = { kind: 'requested', changeId: 'abcd2345', actor: 'U0A', detail: {} } as const;

/** Every call of every store. */
function calls(): readonly [string, () => Promise<unknown>][] {
  const { changes, journal, audit, holds, claims, seen, cards, answers, freezes, rate } = stores;
  return [
    ['changes.create', () => changes.create(changeRequest('abcd2345'))],
    ['changes.get', () => changes.get('abcd2345')],
    ['changes.update', () => changes.update('abcd2345', (record) => record)],
    ['changes.open', () => changes.open()],
    ['changes.recent', () => changes.recent(5)],
    ['changes.nextSequence', () => changes.nextSequence()],
    ['journal.takeLane', () => journal.takeLane('web')],
    ['journal.assertHolder', () => journal.assertHolder('web', 1)],
    ['journal.write', () => journal.write('abcd2345', 'web', 1, entry)],
    ['journal.read', () => journal.read('abcd2345')],
    ['audit.append', () => audit.append(fact)],
    ['audit.readAll', () => audit.readAll()],
    ['holds.put', () => holds.put(hold)],
    ['holds.pools', () => holds.pools()],
    ['holds.ofPool', () => holds.ofPool('ha-1', 'shop')],
    ['holds.remove', () => holds.remove('ha-1', 'shop', 'w9')],
    ['claims.put', () => claims.put('abcd2345', [claim])],
    ['claims.ofPool', () => claims.ofPool('ha-1', 'shop')],
    ['claims.release', () => claims.release('zzzz2345')],
    ['seen.note', () => seen.note('ha-1', 'shop', ['w1'], NOW)],
    ['seen.largest', () => seen.largest('ha-1', 'shop', NOW)],
    ['cards.get', () => cards.get('abcd2345')],
    ['cards.put', () => cards.put('abcd2345', { revisionShown: 0, ending: 'none' })],
    ['cards.alone', () => cards.alone('abcd2345', async () => 'done')],
    ['freezes.put', () => freezes.put(freeze)],
    ['freezes.active', () => freezes.active(NOW)],
    ['freezes.remove', () => freezes.remove('shop')],
    ['rate.count', () => rate.count('U0A', 'shop', NOW)],
    ['answers.put', () => answers.put('abcd2345', { kind: 'pools', pools: [] })],
    ['answers.get', () => answers.get('abcd2345')],
  ];
}

async function howEach(call: () => Promise<unknown>) {
  const started = performance.now();
  const code = await call().then(
    () => 'answered',
    (thrown: { code?: string }) => thrown.code ?? String(thrown),
  );
  return { code, ms: performance.now() - started };
}

/** How all calls end that are made at this moment. */
const howAll = async () =>
  Promise.all(calls().map(async ([name, call]) => ({ name, ...(await howEach(call)) })));

const notRefused = (ends: Awaited<ReturnType<typeof howAll>>, withinMs: number) =>
  ends.filter(({ code, ms }) => code !== 'STORE_UNAVAILABLE' || ms > withinMs);

describe('a store whose Redis', () => {
  it('is well answers every call and puts everything of the site into one slot', async () => {
    for (const [name, call] of calls()) {
      expect([name, (await howEach(call)).code]).toEqual([name, 'answered']);
    }
    const keys = await stage.client.keys('*');
    expect(keys.length).toBeGreaterThan(9);
    expect(keys.filter((key) => !key.startsWith('{lb}:'))).toEqual([]);
  });

  it('died says so at once, and answers again when it is back, nothing lost', async () => {
    await stores.changes.create(changeRequest('abcd2345'));
    await stage.kill();
    await eventually(() => redis.status).not.toBe('ready');
    expect(notRefused(await howAll(), 500)).toEqual([]);
    await stage.start();
    await eventually(() => redis.status, { timeout: 5_000 }).toBe('ready');
    expect((await stores.changes.get('abcd2345'))?.state).toBe('planning');
    expect((await howAll()).filter(({ code }) => code === 'STORE_UNAVAILABLE')).toEqual([]);
  });

  it('hangs is given up after 1.5 s, and answers again when it goes on', async () => {
    await stores.changes.create(changeRequest('abcd2345'));
    stage.freeze();
    expect(notRefused(await howAll(), PATIENCE_MS)).toEqual([]);
    stage.thaw();
    await eventually(() => redis.status, { timeout: 5_000 }).toBe('ready');
    const record = await stores.changes.update('abcd2345', (latest) => ({ ...latest, runs: 9 }));
    expect(record.runs).toBe(9);
    expect((await stores.changes.get('abcd2345'))?.runs).toBe(9);
  });

  it('takes no write says what was being done', async () => {
    await stage.client.config('SET', 'maxmemory', '1');
    await expect(stores.holds.put(hold)).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringMatching(/^Remembering w1: .*OOM/),
    });
    await expect(stores.seen.note('ha-1', 'shop', ['w1'], NOW)).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });
  });
});

describe('opening a store', () => {
  it('fails in one line where there is no Redis', async () => {
    await stage.kill();
    await expect(openStore(stage.url)).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringMatching(/^Connecting to Redis: .*(ENOENT|ECONNREFUSED).*$/),
    });
  });

  it('fails in time where Redis hangs', async () => {
    stage.freeze();
    const end = await howEach(() => openStore(stage.url));
    expect(end.code).toBe('STORE_UNAVAILABLE');
    expect(end.ms).toBeLessThan(3 * COMMAND_TIMEOUT_MS);
  });

  it('does not speak before it is told to connect', async () => {
    const lazy = connectStore(stage.url);
    expect(lazy.status).toBe('wait');
    lazy.disconnect();
  });
});
