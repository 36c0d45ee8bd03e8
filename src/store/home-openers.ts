import type { Redis } from 'ioredis';
import type { HomeOpeners } from '../ports/records.ts';
import { asking, key } from './redis.ts';

const KEEP_MS = 24 * 3_600_000;

const openersKey = key('home', 'openers');

/** User ids by the time they last opened the Home tab; those of yesterday fall out. */
export function redisHomeOpeners(redis: Redis): HomeOpeners {
  return {
    async note(userId, at) {
      await asking(`Noting that ${userId} looks at the Home tab`, () =>
        redis
          .multi()
          .zadd(openersKey, at, userId)
          .zremrangebyscore(openersKey, '-inf', at - KEEP_MS)
          .exec(),
      );
    },
    async since(userIds, from) {
      if (userIds.length === 0) return [];
      const scores = await asking('Reading who looks at the Home tab', () =>
        Promise.all(userIds.map((userId) => redis.zscore(openersKey, userId))),
      );
      return userIds.filter((_, index) => Number(scores[index] ?? Number.NaN) >= from);
    },
  };
}
