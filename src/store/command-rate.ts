import type { Redis } from 'ioredis';
import type { CommandRate } from '../ports/records.ts';
import { asking, key } from './redis.ts';

const MINUTE_MS = 60_000;

const DISTINCT = `
redis.call('ZADD', KEYS[1], 'NX', ARGV[1], ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return redis.call('ZCARD', KEYS[1])`;

/** A counter per person, service and minute; a sorted set per scope of what is counted once. */
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
    async distinct(scope, what, now, windowMs) {
      const counted = await asking(`Counting ${scope}`, () =>
        redis.eval(
          DISTINCT,
          1,
          key('rate', scope),
          String(now),
          what,
          String(now - windowMs),
          String(windowMs),
        ),
      );
      return Number(counted);
    },
  };
}
