import type { Redis } from 'ioredis';
import type { CapacityClaim, ClaimStore } from '../ports/records.ts';
import { asking, key } from './redis.ts';

const allKey = key('claims');

/** Capacity promised to approved changes: one hash, one field per change. */
export function redisClaims(redis: Redis): ClaimStore {
  return {
    async put(changeId, claims) {
      await asking(`Claiming capacity for ${changeId}`, () =>
        redis.hset(allKey, changeId, JSON.stringify(claims)),
      );
    },
    async release(changeId) {
      await asking(`Releasing the claims of ${changeId}`, () => redis.hdel(allKey, changeId));
    },
    async ofPool(balancer, pool) {
      const found = await asking(`Reading claims on ${pool}`, () => redis.hvals(allKey));
      return found
        .flatMap((text) => JSON.parse(text) as CapacityClaim[])
        .filter((claim) => claim.balancer === balancer && claim.pool === pool);
    },
  };
}
