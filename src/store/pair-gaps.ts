import type { Redis } from 'ioredis';
import type { PairGap } from '../domain/pair-gap.ts';
import type { PairGapStore } from '../ports/records.ts';
import { asking, key } from './redis.ts';

const gapsKey = key('gaps');

const fieldOf = ({ leftOut, pool, member }: PairGap) => JSON.stringify([leftOut, pool, member]);

const REPLACE = `
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
if ARGV[3] == '' then return redis.call('HDEL', KEYS[1], ARGV[1]) end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 1`;

/** One hash, one field per member and node that was left out; a later change of the same takes its place. */
export function redisPairGaps(redis: Redis): PairGapStore {
  return {
    async put(gap) {
      await asking('Noting that a pair differs', () =>
        redis.hset(gapsKey, fieldOf(gap), JSON.stringify(gap)),
      );
    },
    async remove(gap) {
      await asking('Noting that a pair is alike', () => redis.hdel(gapsKey, fieldOf(gap)));
    },
    async replace(gap, next) {
      const now = next === undefined ? '' : JSON.stringify(next);
      await asking('Noting how a pair differs', () =>
        redis.eval(REPLACE, 1, gapsKey, fieldOf(gap), JSON.stringify(gap), now),
      );
    },
    async all() {
      const found = await asking('Reading which pairs differ', () => redis.hvals(gapsKey));
      return found.map((text) => JSON.parse(text) as PairGap).sort((a, b) => a.at - b.at);
    },
  };
}
