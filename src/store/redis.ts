import { OperationError } from '../domain/errors.ts';
import { parseRedisUrl, REDIS_PREFIX, type RedisPlace } from '../domain/redis-url.ts';
import { Cluster, Redis, type RedisOptions } from './ioredis.ts';

/** How long the store waits for one answer of Redis. */
export const COMMAND_TIMEOUT_MS = 1_500;
const CONNECT_WITHIN_MS = 5_000;

type StoreOptions = RedisOptions & { replyMapping: 'legacy' };

const retry = (attempt: number) => Math.min(50 * attempt, 1_000);

const STORE: StoreOptions = {
  replyMapping: 'legacy',
  lazyConnect: true,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  commandTimeout: COMMAND_TIMEOUT_MS,
  connectTimeout: COMMAND_TIMEOUT_MS,
  // A master that was demoted behind our back: the next connection goes to the one that takes writes.
  reconnectOnError: (error) => error.message.startsWith('READONLY'),
};

/**
 * A connection that never waits for a dead Redis: no offline queue, no silent resend, every command bounded
 * by `COMMAND_TIMEOUT_MS`. It reconnects by itself; until then each call fails at once.
 */
export function connectStore(place: RedisPlace): Redis {
  const redis = clientFor(place);
  // Without a listener ioredis prints to the console; each failing call reports its own error.
  redis.on('error', () => undefined);
  return redis;
}

function clientFor(place: RedisPlace): Redis {
  const address = parseRedisUrl(place);
  if ('cluster' in address) {
    const { cluster, ...login } = address;
    const client = new Cluster([...cluster], {
      lazyConnect: true,
      enableOfflineQueue: false,
      clusterRetryStrategy: retry,
      slotsRefreshTimeout: COMMAND_TIMEOUT_MS,
      // What was sent to a node that died may have been executed: it is not sent again.
      retryDelayOnFailover: 0,
      redisOptions: { ...STORE, ...login },
    });
    // The same commands; of the rest only status, connect and disconnect are used, which it has too.
    return client as unknown as Redis;
  }
  if ('sentinels' in address) {
    const { sentinels, tls, ...master } = address;
    return new Redis({
      ...STORE,
      ...master,
      sentinels: [...sentinels],
      retryStrategy: retry,
      sentinelRetryStrategy: retry,
      sentinelReconnectStrategy: retry,
      sentinelCommandTimeout: COMMAND_TIMEOUT_MS,
      // A master that hangs closes nothing: the Sentinels say when there is another.
      failoverDetector: true,
      sentinelMaxConnections: 3,
      ...(tls === undefined ? {} : { tls, sentinelTLS: tls, enableTLSForSentinelMode: true }),
    });
  }
  return new Redis({ ...STORE, ...address, retryStrategy: retry });
}

/** The servers that take writes: of a cluster every master, else the one there is. */
export function serversOf(redis: Redis): readonly Redis[] {
  const client: unknown = redis;
  return client instanceof Cluster ? client.nodes('master') : [redis];
}

/** True where a copy takes over when the master is gone: by Sentinel, or in a cluster. */
export function isFailingOver(redis: Redis): boolean {
  const client: unknown = redis;
  return client instanceof Cluster || (redis.options.sentinels?.length ?? 0) > 0;
}

/** Opens the connection, or throws STORE_UNAVAILABLE with the reason in one line. */
export async function openStore(place: RedisPlace): Promise<Redis> {
  const redis = connectStore(place);
  let lastError: Error | undefined;
  // Sentinels that are away would be asked again and again: a process that starts shall say so instead.
  const refused = new Promise<never>((_, reject) => {
    redis.on('error', (error: Error) => {
      lastError = error;
      reject(error);
    });
    setTimeout(
      () => reject(new Error(`no answer within ${CONNECT_WITHIN_MS / 1_000} s`)),
      CONNECT_WITHIN_MS,
    ).unref();
  });
  // Later errors are those of single calls.
  refused.catch(() => undefined);
  try {
    await Promise.race([redis.connect(), refused]);
    return redis;
  } catch (error) {
    redis.disconnect();
    throw new OperationError(
      'STORE_UNAVAILABLE',
      `Connecting to Redis: ${reasonOf(lastError ?? error)}`,
      { cause: error },
    );
  }
}

/** A cluster says only that no node helped; the node's own words say why. */
function reasonOf(error: unknown): string {
  const ofNode: unknown = error instanceof Error ? Reflect.get(error, 'lastNodeError') : undefined;
  const told = ofNode instanceof Error ? ofNode : error;
  return told instanceof Error ? told.message : String(told);
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
