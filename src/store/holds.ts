import type { Redis } from 'ioredis';
import type { HoldStore, MemberHold } from '../ports/records.ts';
import { asking, key } from './redis.ts';

const poolKey = (balancer: string, pool: string) => key('holds', balancer, pool);

const poolsKey = key('holds');

const PUT = `
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('SADD', KEYS[2], ARGV[3])
return 1`;

const REMOVE = `
redis.call('HDEL', KEYS[1], ARGV[1])
if redis.call('HLEN', KEYS[1]) == 0 then redis.call('SREM', KEYS[2], ARGV[2]) end
return 1`;

const placeOf = (balancer: string, pool: string) => JSON.stringify([balancer, pool]);

/** What another version wrote in another shape is left alone, and counts for nothing. */
function isReadable(hold: MemberHold): boolean {
  return typeof hold.want === 'object' && typeof hold.restore === 'object';
}

/** Members that must stay as they are, one hash per pool. They live until somebody brings the member back. */
export function redisHolds(redis: Redis): HoldStore {
  return {
    async put(hold) {
      const { balancer, pool, member } = hold;
      const keys = [poolKey(balancer, pool), poolsKey] as const;
      await asking(`Remembering ${member}`, () =>
        redis.eval(PUT, 2, ...keys, member, JSON.stringify(hold), placeOf(balancer, pool)),
      );
    },
    async remove(balancer, pool, member) {
      const keys = [poolKey(balancer, pool), poolsKey] as const;
      await asking(`Forgetting ${member}`, () =>
        redis.eval(REMOVE, 2, ...keys, member, placeOf(balancer, pool)),
      );
    },
    async ofPool(balancer, pool) {
      const found = await asking(`Reading who is out of ${pool}`, () =>
        redis.hvals(poolKey(balancer, pool)),
      );
      return found.map((text) => JSON.parse(text) as MemberHold).filter(isReadable);
    },
    async pools() {
      const places = await asking('Reading which pools hold members', () =>
        redis.smembers(poolsKey),
      );
      return places.map((text) => {
        const [balancer = '', pool = ''] = JSON.parse(text) as string[];
        return { balancer, pool };
      });
    },
  };
}
