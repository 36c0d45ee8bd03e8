import { parseRedisUrl, type RedisPlace } from '../domain/redis-url.ts';
import { Cluster, Redis, type RedisOptions } from './ioredis.ts';

type LegacyOptions = RedisOptions & { replyMapping: 'legacy' };

const PRODUCER_TIMEOUT_MS = 1_500;
/** Of the Sentinels that are listened to per connection: a site may have many lanes, each with one. */
const SENTINELS_WATCHED = 2;

const retry = (attempt: number) => Math.min(50 * attempt, 1_000);

const COMMON: LegacyOptions = {
  replyMapping: 'legacy',
  reconnectOnError: (error) => error.message.startsWith('READONLY'),
};

/**
 * For whoever adds jobs: a dead Redis refuses at once instead of keeping the command for later, where it would
 * come back as a change nobody expects any more.
 */
export function producerConnection(place: RedisPlace): Redis {
  return connectionTo(place, {
    ...COMMON,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    commandTimeout: PRODUCER_TIMEOUT_MS,
    connectTimeout: PRODUCER_TIMEOUT_MS,
  });
}

/** As `defineCommand` makes them, by name. */
const SCRIPTS: Record<string, unknown> = {};

/**
 * Has the same scripts as every other one, once for all of them. BullMQ defines its sixty on each connection, and each
 * lane has a connection: on a site of many lanes the scripts were most of the memory, and of the start.
 */
class WorkerRedis extends Redis {
  override scriptsSet = SCRIPTS;

  constructor(options: LegacyOptions) {
    super(options);
  }

  override duplicate(override: Partial<RedisOptions> = {}): Redis {
    return new WorkerRedis({ ...this.options, ...override, replyMapping: 'legacy' });
  }

  override defineCommand(...[name, definition]: Parameters<Redis['defineCommand']>): void {
    if (Reflect.has(WorkerRedis.prototype, name)) return;
    super.defineCommand(name, definition);
    for (const made of [name, `${name}Buffer`]) {
      const value: unknown = Reflect.get(this, made);
      Reflect.deleteProperty(this, made);
      Object.defineProperty(WorkerRedis.prototype, made, { value });
    }
  }
}

/** For whoever works: waits for Redis as long as it takes. No command timeout, because workers block. */
export function workerConnection(place: RedisPlace): Redis {
  return connectionTo(place, { ...COMMON, maxRetriesPerRequest: null }, WorkerRedis);
}

function connectionTo(
  place: RedisPlace,
  options: LegacyOptions,
  kind: new (options: LegacyOptions) => Redis = Redis,
): Redis {
  const redis = clientFor(place, options, kind);
  // Each failing call reports its own error, and BullMQ's workers have their own listeners.
  redis.on('error', () => undefined);
  return redis;
}

function clientFor(
  place: RedisPlace,
  options: LegacyOptions,
  Single: new (options: LegacyOptions) => Redis,
): Redis {
  const address = parseRedisUrl(place);
  if ('cluster' in address) {
    const { cluster, ...login } = address;
    const { enableOfflineQueue = true, ...node } = options;
    const client = new Cluster([...cluster], {
      enableOfflineQueue,
      clusterRetryStrategy: retry,
      slotsRefreshTimeout: PRODUCER_TIMEOUT_MS,
      // What was sent to a node that died may have been executed: it is not sent again.
      ...(enableOfflineQueue ? {} : { retryDelayOnFailover: 0 }),
      redisOptions: { ...node, ...login },
    });
    // BullMQ takes either; of ours only status, once and disconnect are used, which both have.
    return client as unknown as Redis;
  }
  if ('sentinels' in address) {
    const { sentinels, tls, ...master } = address;
    return new Single({
      ...options,
      ...master,
      sentinels: [...sentinels],
      retryStrategy: retry,
      sentinelRetryStrategy: retry,
      sentinelReconnectStrategy: retry,
      sentinelCommandTimeout: PRODUCER_TIMEOUT_MS,
      // A master that hangs closes nothing: the Sentinels say when there is another.
      failoverDetector: true,
      sentinelMaxConnections: SENTINELS_WATCHED,
      ...(tls === undefined ? {} : { tls, sentinelTLS: tls, enableTLSForSentinelMode: true }),
    });
  }
  return new Single({ ...options, ...address, retryStrategy: retry });
}
