import type { Redis } from 'ioredis';
import type { SeenMembers } from '../ports/records.ts';
import { asking, key } from './redis.ts';

const WINDOW_MS = 7 * 24 * 3_600_000;
const SETS_MAX = 50;

const poolKey = (balancer: string, pool: string) => key('seen', balancer, pool);

/** Sets of member names by the time they were last seen; those older than seven days fall out. */
export function redisSeenMembers(redis: Redis): SeenMembers {
  return {
    async note(balancer, pool, members, at) {
      const set = JSON.stringify([...members].sort());
      await asking(`Noting the members of ${pool}`, () =>
        redis
          .multi()
          .zadd(poolKey(balancer, pool), at, set)
          .zremrangebyscore(poolKey(balancer, pool), '-inf', at - WINDOW_MS)
          .zremrangebyrank(poolKey(balancer, pool), 0, -(SETS_MAX + 1))
          .exec(),
      );
    },
    async largest(balancer, pool, now) {
      const sets = await asking(`Reading the known members of ${pool}`, () =>
        redis.zrangebyscore(poolKey(balancer, pool), now - WINDOW_MS, '+inf'),
      );
      const parsed = sets.map((text) => JSON.parse(text) as string[]);
      return parsed.reduce((best, set) => (set.length > best.length ? set : best), []);
    },
  };
}
