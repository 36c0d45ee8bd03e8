import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startClusterRedis } from '../stage/redis-forms.ts';
import { openStage, type Stage } from '../stage/stage.ts';
import { playMainStory } from './redis-story.ts';

let redis: Awaited<ReturnType<typeof startClusterRedis>>;
let stage: Stage;
beforeAll(async () => {
  redis = await startClusterRedis();
  stage = await openStage({ redis });
}, 60_000);
afterAll(() => stage.stop(), 30_000);

describe('a Redis Cluster of three', () => {
  it('is all that the main story needs, records and queues alike', async () => {
    await playMainStory(stage);
  });

  it('keeps every key of the site in one slot, so on one server', async () => {
    const held = await Promise.all(redis.servers.map((server) => server.keys('*')));
    const [keys = [], ...others] = held.filter((found) => found.length > 0);
    expect(others).toEqual([]);
    expect(keys.length).toBeGreaterThan(20);
    expect(keys.filter((key) => !key.startsWith('{lb}:'))).toEqual([]);
    const [server] = redis.servers;
    const slots = await Promise.all(
      keys.map((key) => server?.call('CLUSTER', 'KEYSLOT', key) ?? -1),
    );
    expect(new Set(slots).size).toBe(1);
  });
});
