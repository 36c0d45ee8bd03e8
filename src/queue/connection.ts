import { Redis, type RedisOptions } from 'ioredis';
import { parseRedisUrl } from '../domain/redis-url.ts';

type LegacyOptions = RedisOptions & { replyMapping: 'legacy' };

const PRODUCER_TIMEOUT_MS = 1_500;

/** Silence on `error`: each failing call reports its own error, and BullMQ's workers have their own listeners. */
function quiet(redis: Redis): Redis {
  redis.on('error', () => undefined);
  return redis;
}

/**
 * For whoever adds jobs: a dead Redis refuses at once instead of keeping the command for later, where it would
 * come back as a change nobody expects any more.
 */
export function producerConnection(url: string): Redis {
  const options: LegacyOptions = {
    ...parseRedisUrl(url),
    replyMapping: 'legacy',
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    commandTimeout: PRODUCER_TIMEOUT_MS,
    connectTimeout: PRODUCER_TIMEOUT_MS,
    retryStrategy: (attempt) => Math.min(50 * attempt, 1_000),
  };
  return quiet(new Redis(options));
}

/** For whoever works: waits for Redis as long as it takes. No command timeout, because workers block. */
export function workerConnection(url: string): Redis {
  const options: LegacyOptions = {
    ...parseRedisUrl(url),
    replyMapping: 'legacy',
    maxRetriesPerRequest: null,
    retryStrategy: (attempt) => Math.min(50 * attempt, 1_000),
  };
  return quiet(new Redis(options));
}
