import type { Redis } from 'ioredis';
import type { HoldStore, MemberHold } from '../ports/records.ts';
import { asking, key } from './redis.ts';

const poolKey = (balancer: string, pool: string) => key('holds', balancer, pool);

/** Members that must stay out, one hash per pool. They live until somebody brings the member back. */
export function redisHolds(redis: Redis): HoldStore {
  return {
    async put(hold) {
      await asking(`Remembering ${hold.member}`, () =>
        redis.hset(poolKey(hold.balancer, hold.pool), hold.member, JSON.stringify(hold)),
      );
    },
    async remove(balancer, pool, member) {
      await asking(`Forgetting ${member}`, () => redis.hdel(poolKey(balancer, pool), member));
    },
    async ofPool(balancer, pool) {
      const found = await asking(`Reading who is out of ${pool}`, () =>
        redis.hvals(poolKey(balancer, pool)),
      );
      return found.map((text) => JSON.parse(text) as MemberHold);
    },
  };
}
