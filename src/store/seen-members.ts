import type { Redis } from 'ioredis';
import type { SeenMembers } from '../ports/records.ts';
import { asking, key } from './redis.ts';

const WINDOW_MS = 7 * 24 * 3_600_000;

// A set that is no larger than one seen later can never again be the largest: what stays is few.
const NOTE = `
redis.call('ZADD', KEYS[1], 'GT', ARGV[1], ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[4])
for _, older in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])) do
  if older ~= ARGV[2] and #cjson.decode(older) <= tonumber(ARGV[3]) then
    redis.call('ZREM', KEYS[1], older)
  end
end`;

/** The same set need not be written down again so soon: the window is of days. */
const AGAIN_MS = 60_000;

const poolKey = (balancer: string, pool: string) => key('seen', balancer, pool);

/** Sets of member names by the time they were last seen; those older than seven days fall out. */
export function redisSeenMembers(redis: Redis): SeenMembers {
  const noted = new Map<string, { readonly set: string; readonly at: number }>();
  return {
    async note(balancer, pool, members, at) {
      const set = JSON.stringify([...members].sort());
      const place = poolKey(balancer, pool);
      const last = noted.get(place);
      if (last?.set === set && Math.abs(at - last.at) < AGAIN_MS) return;
      await asking(`Noting the members of ${pool}`, () =>
        redis.eval(NOTE, 1, place, String(at), set, String(members.length), `(${at - WINDOW_MS}`),
      );
      noted.set(place, { set, at });
    },
    async largest(balancer, pool, now) {
      const sets = await asking(`Reading the known members of ${pool}`, () =>
        redis.zrangebyscore(poolKey(balancer, pool), now - WINDOW_MS, '+inf'),
      );
      const parsed = sets.map((text) => JSON.parse(text) as string[]);
      return parsed.reduce((best, set) => (set.length >= best.length ? set : best), []);
    },
  };
}
