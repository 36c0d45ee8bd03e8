import type { Redis } from 'ioredis';
import type { CommandRate } from '../ports/records.ts';
import { asking, key } from './redis.ts';

const MINUTE_MS = 60_000;

/** A counter per person, service and window of time. */
export function redisCommandRate(redis: Redis): CommandRate {
  return {
    async count(userId, service, now, windowMs = MINUTE_MS) {
      const window = String(Math.floor(now / windowMs));
      const counter = key('rate', userId, service, window);
      return asking('Counting commands', async () => {
        const count = await redis.incr(counter);
        if (count === 1) await redis.pexpire(counter, 2 * windowMs);
        return count;
      });
    },
  };
}
