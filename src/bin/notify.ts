import type { Config } from '../config/environment.ts';
import { OperationError } from '../domain/errors.ts';
import type { Secret } from '../domain/secret.ts';
import { type NotifyListener, startNotifyListener } from '../keepalived/notify/listener.ts';
import type { Log } from '../ports/log.ts';
import type { NotifyIntake } from '../ports/notices.ts';
import type { ProductMetrics } from '../telemetry/metrics.ts';
import { systemClock } from './system-clock.ts';

/** Where directors post to, and who they are. */
export interface NotifySettings {
  readonly host: string;
  readonly port: number;
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly tokens: ReadonlyMap<string, Secret>;
}

/** Undefined where nobody is to be listened to. Throws USAGE where settings contradict each other. */
export function notifySettings(
  config: Config,
  tokens: ReadonlyMap<string, Secret>,
): NotifySettings | undefined {
  const {
    LB_NOTIFY_HOST: host,
    LB_NOTIFY_PORT: port,
    LB_NOTIFY_CERT: cert,
    LB_NOTIFY_KEY: key,
  } = config;
  if ((cert === undefined) !== (key === undefined)) {
    throw new OperationError('USAGE', 'LB_NOTIFY_CERT and LB_NOTIFY_KEY are set together.');
  }
  if (port === undefined) {
    if (tokens.size === 0) return undefined;
    const [name] = tokens.keys();
    throw new OperationError(
      'USAGE',
      `balancers.${name}.notify is in the inventory, so set LB_NOTIFY_PORT, or nobody listens.`,
    );
  }
  if (tokens.size === 0) {
    throw new OperationError(
      'USAGE',
      'LB_NOTIFY_PORT is set, but no balancer of the inventory has notify: { token: … }.',
    );
  }
  return { host, port, tokens, ...(cert && key ? { tls: { cert, key } } : {}) };
}

/** Every line is kept as it came; what it means is judged after that, and that judgement is the answer. */
export function recordedFirst(record: NotifyIntake, judge: NotifyIntake): NotifyIntake {
  return {
    async take(lines) {
      await record.take(lines);
      return judge.take(lines);
    },
    async beat(heartbeat) {
      await record.beat(heartbeat);
      await judge.beat(heartbeat);
    },
  };
}

/** Listens; said in the log, for whoever sets up a director. */
export async function startNotify(
  settings: NotifySettings,
  intake: NotifyIntake,
  metrics: ProductMetrics,
  log: Log,
): Promise<NotifyListener> {
  const listener = await startNotifyListener({
    ...settings,
    intake,
    clock: systemClock,
    log,
    count: (end, director) => metrics.notifyPost(end, director),
  });
  log.info('Listening for what keepalived tells', { url: listener.url });
  return listener;
}
