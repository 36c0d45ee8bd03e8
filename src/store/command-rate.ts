import type { Redis } from 'ioredis';
import type { CommandRate } from '../ports/records.ts';
import { asking, key } from './redis.ts';

const MINUTE_MS = 60_000;

/** A counter per person, service and minute. */
export function redisCommandRate(redis: Redis): CommandRate {
  return {
    async count(userId, service, now) {
      const minute = String(Math.floor(now / MINUTE_MS));
      const counter = key('rate', userId, service, minute);
      return asking('Counting commands', async () => {
        const count = await redis.incr(counter);
        if (count === 1) await redis.pexpire(counter, 2 * MINUTE_MS);
        return count;
      });
    },
  };
}
