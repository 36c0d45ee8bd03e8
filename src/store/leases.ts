import type { Redis } from 'ioredis';
import type { Leases } from '../ports/records.ts';
import { asking, key } from './redis.ts';

const TAKE = `
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`;

const RELEASE = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;

const leaseKey = (name: string) => key('lease', name);

export function redisLeases(redis: Redis): Leases {
  return {
    async take(name, holder, ms) {
      const taken = await asking(`Taking lease ${name}`, () =>
        redis.eval(TAKE, 1, leaseKey(name), holder, String(ms)),
      );
      return taken === 1;
    },
    async release(name, holder) {
      await asking(`Giving back lease ${name}`, () =>
        redis.eval(RELEASE, 1, leaseKey(name), holder),
      );
    },
  };
}
