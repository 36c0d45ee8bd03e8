import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { OperationError } from '../domain/errors.ts';
import type { CardPlace, CardStore } from '../ports/records.ts';
import { asking, key } from './redis.ts';

const KEEP_MS = 30 * 24 * 3_600_000;
/** A writer that died or froze frees the card after this time; one at work renews it. */
const ALONE_MS = 5_000;
const RENEW_EVERY_MS = 1_500;
const BUSY_RETRY_MS = 200;

const RELEASE = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;

const RENEW = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0`;

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
      const renewal = setInterval(() => {
        redis.eval(RENEW, 1, lockKey(changeId), token, String(ALONE_MS)).catch(() => undefined);
      }, RENEW_EVERY_MS);
      try {
        return await work();
      } finally {
        clearInterval(renewal);
        await redis.eval(RELEASE, 1, lockKey(changeId), token).catch(() => undefined);
      }
    },
  };
}
