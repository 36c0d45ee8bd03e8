import { createAdapter } from '../adapters/registry.ts';
import { tcpCheck } from '../checks/tcp.ts';
import { faultOf, OperationError } from '../domain/errors.ts';
import type { Inventory } from '../domain/inventory.ts';
import type { RedisPlace } from '../domain/redis-url.ts';
import type { Secret } from '../domain/secret.ts';
import type { NotifyListener } from '../keepalived/notify/listener.ts';
import { keepalivedOwner } from '../keepalived/owner.ts';
import type { FrontContext, WorkerContext } from '../operations/context.ts';
import { createHandlers } from '../operations/handlers.ts';
import { measuredAdapters, measuredStores } from '../operations/measured.ts';
import { rememberedMembers } from '../operations/remembered.ts';
import { createOperations } from '../operations/request.ts';
import type { LoadBalancerAdapter } from '../ports/adapter.ts';
import type { Log } from '../ports/log.ts';
import { type Consumers, startConsumers } from '../queue/consumers.ts';
import { openWorkQueue } from '../queue/producer.ts';
import { startWatchdog, type Watchdog } from '../queue/watchdog.ts';
import { createAnnouncer } from '../slack/announcer.ts';
import { createSlackApp, type ReceiverOptions } from '../slack/app.ts';
import { createDirectory } from '../slack/directory.ts';
import { type Identified, identifiedOnce } from '../slack/identity.ts';
import { type Listening, startListening } from '../slack/listening.ts';
import { openAuditArchive } from '../store/audit-archive.ts';
import { assertFit } from '../store/check-redis.ts';
import { redisNotices } from '../store/notices.ts';
import { openStore } from '../store/redis.ts';
import { redisStores } from '../store/stores.ts';
import { sshHosts } from '../transports/ssh-hosts.ts';
import { openDesk } from '../watch/desk.ts';
import { RULES, type WatchRules } from '../watch/rules.ts';
import { startWatcher, type Watcher } from '../watch/watcher.ts';
import { keepArchiving } from './audit/keep.ts';
import { productMetrics } from './measures.ts';
import { type NotifySettings, recordedFirst, startNotify } from './notify.ts';
import { pairRoles } from './pair-roles.ts';
import { secretsOf } from './secrets-of.ts';
import { systemClock } from './system-clock.ts';

export type Role = 'bot' | 'worker' | 'watch';

export interface ProductSettings {
  readonly roles: readonly Role[];
  readonly redisUrl: RedisPlace;
  readonly inventory: Inventory;
  /** Passwords of balancers, by name of the balancer. */
  readonly balancerSecrets?: ReadonlyMap<string, Secret>;
  readonly signingKey: Secret;
  readonly slack: {
    readonly botToken: Secret;
    /** Needed by the role bot alone, in Socket Mode. */
    readonly appToken?: Secret;
    /** Signed HTTP instead of Socket Mode. */
    readonly http?: {
      readonly signingSecret: Secret;
      readonly host: string;
      readonly port: number;
    };
    readonly apiUrl?: string;
  };
  /** Other times than the usual ones for the role watch. */
  readonly watchRules?: Partial<WatchRules>;
  /** Where the role watch listens for what keepalived tells. */
  readonly notify?: NotifySettings | undefined;
  readonly log: Log;
  readonly lockMs?: number;
  /** Where a worker copies the audit log to, and how many entries it then leaves in Redis (all without a number). */
  readonly auditArchive?: { readonly directory: string; readonly keep?: number | undefined };
  /** Called when this process cannot do its work any more: it must be started anew. */
  readonly onStuck?: (reason: string) => void;
}

export interface Product {
  /** What /metrics shows. */
  scrape(): Promise<{ readonly contentType: string; readonly text: string }>;
  /** Reasons why it should get no work now; empty when all is well. */
  notReady(): Promise<readonly string[]>;
  /** Where Slack must send deliveries, as seen from this machine; undefined without signed HTTP. */
  slackUrl(): string | undefined;
  /** Where readers on directors post to; undefined where nobody listens. */
  notifyUrl(): string | undefined;
  /** Takes nothing new, finishes or hands back what runs, closes everything. */
  stop(): Promise<void>;
}

const STOP_GRACE_MS = 10_000;

/** One adapter per balancer, made when first asked for. */
function adaptersOf(
  context: Pick<FrontContext, 'inventory' | 'stores' | 'signingKey'>,
  secrets: ReadonlyMap<string, Secret> = new Map(),
) {
  const { inventory } = context;
  const made = new Map<string, LoadBalancerAdapter>();
  // Balancers on the same host share one login.
  const ssh = sshHosts();
  return {
    of(name: string): LoadBalancerAdapter {
      const known = made.get(name);
      if (known !== undefined) return known;
      const balancer = inventory.balancers.get(name);
      if (balancer === undefined) {
        throw new OperationError('STALE', `Balancer ${name} is not in the inventory.`);
      }
      const adapter = createAdapter(balancer, {
        clock: systemClock,
        ssh,
        remembered: (balancer, pool) => rememberedMembers(context, balancer, pool),
        tableOwner: keepalivedOwner,
        secretOf: secretsOf(secrets),
      });
      made.set(name, adapter);
      return adapter;
    },
    close: () => Promise.all([...made.values()].map((adapter) => adapter.close())),
  };
}

function lanesOf(inventory: Inventory): readonly string[] {
  const lanes = [...inventory.services.values()].flatMap((service) =>
    service.pools.map((pool) => pool.lane),
  );
  return [...new Set(lanes)].sort();
}

/**
 * Puts the parts of one process together and starts them. Throws an OperationError of one clear line when Redis
 * is not there, or Slack refuses the bot. While Slack is silent it starts without, and listens as soon as it can.
 */
export async function startProduct(settings: ProductSettings): Promise<Product> {
  const { inventory, log, signingKey, slack } = settings;
  const redis = await openStore(settings.redisUrl);
  const web = { botToken: slack.botToken, apiUrl: slack.apiUrl, log };
  const identity = identifiedOnce(web);
  await fitAndIdentified(redis, log, identity).catch((thrown: unknown) => {
    redis.disconnect();
    throw thrown;
  });
  const plainStores = redisStores(redis, systemClock, signingKey);
  const metrics = productMetrics(inventory, plainStores, () => consumers);
  const stores = measuredStores(plainStores, inventory, metrics);
  const queue = openWorkQueue(settings.redisUrl);
  const directory = createDirectory({ ...web, clock: systemClock, identity });
  const front: FrontContext = {
    inventory,
    stores,
    queue,
    directory,
    clock: systemClock,
    log,
    signingKey,
  };
  const adapters = adaptersOf(
    { inventory, stores: plainStores, signingKey },
    settings.balancerSecrets,
  );
  let listening: Listening | undefined;
  let consumers: Consumers | undefined;
  let watcher: Watcher | undefined;
  let notify: NotifyListener | undefined;
  let watchdog: Watchdog | undefined;
  let archiving: ReturnType<typeof keepArchiving> | undefined;

  const stop = async () => {
    await listening?.stop(STOP_GRACE_MS);
    await notify?.close();
    await watcher?.stop();
    await watchdog?.stop();
    await consumers?.close();
    await archiving?.stop();
    await queue.close();
    await adapters.close();
    redis.disconnect();
  };

  try {
    const worker: WorkerContext = {
      ...front,
      directory,
      announcer: createAnnouncer({ ...web, identity }),
      adapterOf: measuredAdapters((name) => adapters.of(name), metrics),
      check: tcpCheck(),
      roles: pairRoles(inventory, adapters.of),
    };
    if (settings.roles.includes('watch')) {
      const rules = { ...RULES, ...settings.watchRules };
      const desk = openDesk(worker, rules);
      watcher = startWatcher(worker, desk, rules);
      if (settings.notify !== undefined) {
        const intake = recordedFirst(redisNotices(redis), desk);
        notify = await startNotify(settings.notify, intake, metrics, log);
      }
    }
    if (settings.roles.includes('worker')) {
      consumers = await startConsumers({
        url: settings.redisUrl,
        lanes: lanesOf(inventory),
        handlers: createHandlers(worker),
        log,
        ...(settings.lockMs === undefined ? {} : { lockMs: settings.lockMs }),
      });
      watchdog = watchedWorkers(consumers, settings);
      if (settings.auditArchive !== undefined) {
        const { leases } = stores;
        const place = { ...settings.auditArchive, redis, leases, signingKey };
        const archive = openAuditArchive({ ...place, clock: systemClock, log });
        archiving = keepArchiving(archive, systemClock, log);
      }
    }
    if (settings.roles.includes('bot')) {
      const bot = { ...web, receiver: receiverOf(slack), inventory, clock: systemClock };
      const operations = createOperations(front);
      listening = await startListening({
        begin: async () => createSlackApp({ ...bot, operations, identity: await identity() }),
        onRefused: (reason) => settings.onStuck?.(reason),
        clock: systemClock,
        log,
      });
    }
  } catch (thrown) {
    await stop();
    throw thrown;
  }

  return {
    async notReady() {
      const reasons: string[] = [];
      if (redis.status !== 'ready') reasons.push('Redis is not connected.');
      if (listening !== undefined && !listening.connected()) {
        const http = slack.http !== undefined;
        reasons.push(http ? 'Slack is not listened to.' : 'Slack is not connected.');
      }
      return reasons;
    },
    scrape: () => metrics.scrape(),
    slackUrl: () => listening?.url(),
    notifyUrl: () => notify?.url,
    stop,
  };
}

/**
 * Nothing is begun on a Redis that loses what it is given, nor with a token that Slack refuses; what is only unwise is
 * logged. While Slack is silent all else goes on: members return in time, what was approved is carried out.
 */
async function fitAndIdentified(
  redis: Parameters<typeof assertFit>[0],
  log: Log,
  identity: Identified,
): Promise<void> {
  for (const { text, advice } of await assertFit(redis)) log.warn(text, { advice });
  try {
    await identity();
  } catch (thrown) {
    const { code, message } = faultOf(thrown);
    if (code !== 'SLACK_UNAVAILABLE') throw thrown;
    log.warn('Slack does not answer; everything else begins without it', { fault: message });
  }
}

function watchedWorkers(consumers: Consumers, settings: ProductSettings): Watchdog | undefined {
  const { onStuck, log } = settings;
  if (onStuck === undefined) return undefined;
  return startWatchdog({ look: () => consumers.look(), onStuck, clock: systemClock, log });
}

function receiverOf({ http, appToken }: ProductSettings['slack']): ReceiverOptions {
  if (http !== undefined) return { kind: 'http', ...http };
  if (appToken !== undefined) return { kind: 'socket', appToken };
  throw new OperationError('NOT_ALLOWED', 'The role bot needs SLACK_APP_TOKEN.');
}
