import { afterAll, beforeAll, expect, it } from 'vitest';
import type { NotifyLine } from '../../src/ports/notices.ts';
import { redisNotices } from '../../src/store/notices.ts';
import { type StageRedis, startRedis } from '../stage/redis.ts';

let redis: StageRedis;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

const BOOT = '3f2c1a90-5b7d-4e6f-8a1b-2c3d4e5f6a7b';
const line = (director: string, sequence: number, bootId = BOOT): NotifyLine => ({
  director,
  bootId,
  sequence,
  at: 1_000,
  receivedAt: 2_000,
  instance: 'VI_1',
  state: 'MASTER',
  priority: 100,
});

it('knows a line again, whichever process was given it first', async () => {
  const [one, other] = [redisNotices(redis.client), redisNotices(redis.client)];
  expect(await one.take([line('a', 1), line('a', 2)])).toEqual(['taken', 'taken']);
  expect(await other.take([line('a', 2), line('a', 3)])).toEqual(['known', 'taken']);
  expect((await other.lines('a')).map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
});

it('counts anew after a boot, and does not take what belongs to the one before', async () => {
  const notices = redisNotices(redis.client);
  await notices.take([line('b', 5)]);
  const next = BOOT.replace('3f2c', '4a4a');
  expect(await notices.take([line('b', 1, next)])).toEqual(['taken']);
  expect(await notices.take([line('b', 5), line('b', 1, next)])).toEqual(['known', 'known']);
});

it('keeps a thousand lines of a director, and eight of its boots', async () => {
  const notices = redisNotices(redis.client);
  for (let n = 0; n < 12; n += 1) {
    const lines = Array.from({ length: 100 }, (_, k) => line('c', k + 1, `boot-${n}`));
    await notices.take(lines);
  }
  expect(await notices.lines('c')).toHaveLength(1_000);
  expect(await redis.client.hlen('{lb}:notices:c:numbers')).toBe(8);
});
