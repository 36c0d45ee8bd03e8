import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { OperationError } from '../domain/errors.ts';
import type { CardPlace, CardStore } from '../ports/records.ts';
import { asking, key } from './redis.ts';

const KEEP_MS = 30 * 24 * 3_600_000;
/** Longer than the slowest message to Slack; a writer that died frees the card after this time. */
const ALONE_MS = 30_000;
const BUSY_RETRY_MS = 200;

const RELEASE = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;

const placeKey = (changeId: string) => key('card', changeId);
const lockKey = (changeId: string) => key('card', changeId, 'writer');

export function redisCards(redis: Redis): CardStore {
  return {
    async get(changeId) {
      const text = await asking(`Reading the card of ${changeId}`, () =>
        redis.get(placeKey(changeId)),
      );
      if (text === null) return { revisionShown: -1, ending: 'none' };
      return JSON.parse(text) as CardPlace;
    },

    async put(changeId, place) {
      await asking(`Noting the card of ${changeId}`, () =>
        redis.set(placeKey(changeId), JSON.stringify(place), 'PX', KEEP_MS),
      );
    },

    async alone(changeId, work) {
      const token = randomUUID();
      const taken = await asking(`Taking the card of ${changeId}`, () =>
        redis.set(lockKey(changeId), token, 'PX', ALONE_MS, 'NX'),
      );
      if (taken !== 'OK') {
        throw new OperationError('SLACK_UNAVAILABLE', `The card of ${changeId} is being written.`, {
          retryAfterMs: BUSY_RETRY_MS,
        });
      }
      try {
        return await work();
      } finally {
        await redis.eval(RELEASE, 1, lockKey(changeId), token).catch(() => undefined);
      }
    },
  };
}
