import { Redis, type RedisOptions } from 'ioredis';
import { OperationError } from '../domain/errors.ts';
import { parseRedisUrl, REDIS_PREFIX } from '../domain/redis-url.ts';

/** How long the store waits for one answer of Redis. */
export const COMMAND_TIMEOUT_MS = 1_500;

type StoreOptions = RedisOptions & { replyMapping: 'legacy' };

/**
 * A connection that never waits for a dead Redis: no offline queue, no silent resend, every command bounded
 * by `COMMAND_TIMEOUT_MS`. It reconnects by itself; until then each call fails at once.
 */
export function connectStore(url: string): Redis {
  const options: StoreOptions = {
    ...parseRedisUrl(url),
    replyMapping: 'legacy',
    lazyConnect: true,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    commandTimeout: COMMAND_TIMEOUT_MS,
    connectTimeout: COMMAND_TIMEOUT_MS,
    retryStrategy: (attempt) => Math.min(50 * attempt, 1_000),
  };
  const redis = new Redis(options);
  // Without a listener ioredis prints to the console; each failing call reports its own error.
  redis.on('error', () => undefined);
  return redis;
}

/** Opens the connection, or throws STORE_UNAVAILABLE with the reason in one line. */
export async function openStore(url: string): Promise<Redis> {
  const redis = connectStore(url);
  let lastError: Error | undefined;
  redis.on('error', (error: Error) => {
    lastError = error;
  });
  try {
    await redis.connect();
    return redis;
  } catch (error) {
    redis.disconnect();
    const reason = lastError?.message || (error instanceof Error ? error.message : String(error));
    throw new OperationError('STORE_UNAVAILABLE', `Connecting to Redis: ${reason}`, {
      cause: error,
    });
  }
}

/** Runs one exchange with Redis; whatever goes wrong becomes STORE_UNAVAILABLE naming what was being done. */
export async function asking<T>(doing: string, exchange: () => Promise<T>): Promise<T> {
  try {
    return await exchange();
  } catch (error) {
    if (error instanceof OperationError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new OperationError('STORE_UNAVAILABLE', `${doing}: ${reason}`, { cause: error });
  }
}

const CONFLICT_PAUSE_MS = 2;
const CONFLICT_PAUSE_MAX_MS = 40;

/** A moment of random length before the next try, so that many writers do not meet again and again. */
export function afterConflict(attempt: number): Promise<void> {
  const most = Math.min(CONFLICT_PAUSE_MS * (attempt + 1), CONFLICT_PAUSE_MAX_MS);
  return new Promise((resolve) => {
    setTimeout(resolve, Math.random() * most);
  });
}

/** `key('change', id)` is `{lb}:change:<id>`. */
export function key(...parts: readonly string[]): string {
  return [REDIS_PREFIX, ...parts].join(':');
}
