import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { WatchEvent } from '../../src/domain/event.ts';
import type { Incident } from '../../src/domain/incident.ts';
import { emptyScene } from '../../src/domain/scene.ts';
import { redisWatchRecords } from '../../src/store/watch-records.ts';
import { type StageRedis, startRedis } from '../stage/redis.ts';

let redis: StageRedis;
beforeAll(async () => {
  redis = await startRedis();
});
beforeEach(() => redis.client.flushall());
afterAll(() => redis.stop());

const records = () => redisWatchRecords(redis.client);

const event = (at: number, over: Partial<WatchEvent> = {}): WatchEvent => ({
  id: `down.${at}`,
  at,
  lane: 'edge',
  kind: 'down',
  witness: 'look',
  text: `something at ${at}`,
  ...over,
});

const incident = (over: Partial<Incident> = {}): Incident => ({
  v: 1,
  id: 'iabc',
  lane: 'edge',
  topic: 'vrrp',
  kind: 'failover',
  state: 'open',
  severity: 'warning',
  worst: 'warning',
  revision: 1,
  begunAt: 1,
  updatedAt: 1,
  services: [],
  headline: 'Fail-over',
  facts: [],
  events: [],
  eventsCount: 0,
  ...over,
});

const step = (revision: number, over: object = {}) => ({
  scene: emptyScene('edge'),
  revision,
  events: [],
  incidents: [],
  ...over,
});

describe('what is remembered of a lane', () => {
  it('is kept with its events and incidents as a whole, and only by whoever knew the last', async () => {
    const store = records();
    expect(await store.read('edge')).toEqual({ scene: emptyScene('edge'), revision: 0 });
    const first = step(0, { events: [event(1)], incidents: [incident()] });
    expect(await store.commit(first)).toBe(true);
    const late = step(0, { events: [event(2)], incidents: [incident({ id: 'idef' })] });
    expect(await store.commit(late)).toBe(false);
    expect(await store.revision('edge')).toBe(1);
    expect(await store.events(['edge'], 10)).toEqual([event(1)]);
    expect(await store.due()).toEqual(['iabc']);
    expect(await store.incident('idef')).toBeUndefined();
  });

  it('of another version is refused and left as it is', async () => {
    const store = records();
    await store.commit(step(0));
    const text = JSON.stringify({ ...emptyScene('edge'), v: 2 });
    await redis.client.hset('{lb}:scene:edge', 'scene', text);
    await expect(store.read('edge')).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(await redis.client.hget('{lb}:scene:edge', 'scene')).toBe(text);
  });
});

describe('an incident that is due', () => {
  it('stays due when a later revision came while an earlier one was shown', async () => {
    const store = records();
    await store.commit(step(0, { incidents: [incident()] }));
    await store.commit(step(1, { incidents: [incident({ revision: 2 })] }));
    await store.shown('iabc', 1);
    expect(await store.due()).toEqual(['iabc']);
    await store.shown('iabc', 2);
    expect(await store.due()).toEqual([]);
  });
});

describe('events', () => {
  it('are bounded for each lane, newest first over several', async () => {
    const store = records();
    const many = Array.from({ length: 10_000 }, (_, at) => event(at));
    expect(await store.commit(step(0, { events: many }))).toBe(true);
    expect(await redis.client.llen('{lb}:events:edge')).toBe(2_000);
    const other = { ...emptyScene('web') };
    await store.commit({ ...step(0, { events: [event(9_998.5, { lane: 'web' })] }), scene: other });
    const found = await store.events(['edge', 'web'], 3);
    expect(found.map(({ at }) => at)).toEqual([9_999, 9_998.5, 9_998]);
  });
});
