import type { Redis } from 'ioredis';
import type { Freeze, FreezeStore } from '../ports/records.ts';
import { asking, key } from './redis.ts';

const freezesKey = key('freezes');

/** One hash, one field per scope. */
export function redisFreezes(redis: Redis): FreezeStore {
  return {
    async put(freeze) {
      await asking('Keeping a freeze', () =>
        redis.hset(freezesKey, freeze.scope, JSON.stringify(freeze)),
      );
    },
    async remove(scope) {
      return (await asking('Lifting a freeze', () => redis.hdel(freezesKey, scope))) > 0;
    },
    async active(now) {
      const found = await asking('Reading freezes', () => redis.hvals(freezesKey));
      const freezes = found.map((text) => JSON.parse(text) as Freeze);
      // Those that are over stay until the next freeze of their scope: a removal could hit a new one.
      return freezes.filter(({ until }) => until === undefined || until > now);
    },
  };
}
