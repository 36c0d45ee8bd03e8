import { parseArgs } from 'node:util';
import { readBalancerSecrets, readNotifyTokens } from '../config/balancer-secrets.ts';
import { deliverySecret } from '../config/delivery-secret.ts';
import {
  type Config,
  readEnvironment,
  redisPlaceOf,
  signingKeysOf,
} from '../config/environment.ts';
import { loadConfigFile } from '../config/file.ts';
import { faultReport } from '../config/report.ts';
import { OperationError } from '../domain/errors.ts';
import { type RedisPlace, redisPasswords } from '../domain/redis-url.ts';
import { Secret } from '../domain/secret.ts';
import { startHealthServer } from '../telemetry/health.ts';
import { createLog } from '../telemetry/log.ts';
import { notifySettings } from './notify.ts';
import { type ProductSettings, type Role, startProduct } from './product.ts';
import { untilSignal } from './until-signal.ts';

const ROLES: readonly Role[] = ['bot', 'worker', 'watch'];

function rolesOf(text: string | undefined): readonly Role[] {
  if (text === undefined) return ROLES;
  const named = text.split(',').map((role) => role.trim());
  const unknown = named.find((role) => !ROLES.some((known) => known === role));
  if (unknown !== undefined || named.length === 0) {
    throw new OperationError(
      'USAGE',
      `There is no role ${unknown}; roles are ${ROLES.join(', ')}.`,
    );
  }
  return ROLES.filter((role) => named.includes(role));
}

function serveArguments(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: { role: { type: 'string' }, embedded: { type: 'boolean', default: false } },
    }).values;
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw new OperationError('USAGE', reason);
  }
}

/** `lb serve`: runs until a signal. Returns the exit code; what keeps it from starting is one line. */
export async function serve(args: readonly string[]): Promise<number> {
  const options = serveArguments(args);
  const roles = rolesOf(options.role);
  const needs = [
    'LB_INVENTORY',
    'LB_SIGNING_KEY',
    'SLACK_BOT_TOKEN',
    ...(roles.includes('bot') ? [deliverySecret(process.env)] : []),
    ...(options.embedded ? [] : (['REDIS_URL'] as const)),
  ] as const;
  const environment = readEnvironment(process.env, needs);
  const inventoryPath = process.env.LB_INVENTORY;
  const loaded = inventoryPath === undefined ? undefined : loadConfigFile(inventoryPath);
  const passwords =
    loaded?.ok === true ? readBalancerSecrets(loaded.inventory, process.env) : undefined;
  const tokens =
    loaded?.ok === true && roles.includes('watch')
      ? readNotifyTokens(loaded.inventory, process.env)
      : undefined;
  const faults = [
    ...(environment.ok ? [] : [faultReport(environment.faults)]),
    ...(loaded === undefined || loaded.ok ? [] : [faultReport(loaded.faults, inventoryPath)]),
    ...(passwords?.ok === false ? [faultReport(passwords.faults, inventoryPath)] : []),
    ...(tokens?.ok === false ? [faultReport(tokens.faults, inventoryPath)] : []),
  ];
  if (!environment.ok || loaded?.ok !== true || passwords?.ok !== true || tokens?.ok === false) {
    process.stderr.write(`${faults.join('\n')}\n`);
    return 2;
  }
  const { config } = environment;
  const signingKey = signingKeysOf(config);
  const secrets = [
    signingKey,
    ...signingKey.previous,
    ...passwords.secrets.values(),
    ...(tokens?.secrets.values() ?? []),
    config.SLACK_BOT_TOKEN,
    config.SLACK_APP_TOKEN,
    config.SLACK_SIGNING_SECRET,
    ...(config.REDIS_URL === undefined ? [] : redisPasswords(config.REDIS_URL.reveal())).map(
      (password) => new Secret(password),
    ),
  ];
  const log = createLog({
    level: config.LB_LOG_LEVEL,
    secrets: secrets.filter((secret) => secret !== undefined),
  });
  const embedded = options.embedded ? await openEmbedded(config.LB_DATA, log) : undefined;
  const redisUrl = embedded?.url ?? placeOf(config);
  const product = await startProduct({
    roles,
    redisUrl,
    inventory: loaded.inventory,
    balancerSecrets: passwords.secrets,
    notify: tokens === undefined ? undefined : notifySettings(config, tokens.secrets),
    signingKey,
    slack: slackSettings(config),
    log,
    ...(config.LB_JOB_LOCK_MS === undefined ? {} : { lockMs: config.LB_JOB_LOCK_MS }),
    ...archiveSettings(config),
    // Whoever supervises this process starts another, which has new connections.
    onStuck: () => process.exit(1),
  }).catch(async (thrown: unknown) => {
    await embedded?.stop();
    throw thrown;
  });
  const health = await startHealthServer({
    host: config.LB_HTTP_HOST,
    port: config.LB_HTTP_PORT,
    live: () => true,
    ready: () => product.notReady(),
    scrape: () => product.scrape(),
  }).catch(async (thrown: unknown) => {
    await product.stop();
    await embedded?.stop();
    throw thrown;
  });
  // Listened for before anybody is told that this process runs.
  const signalled = untilSignal();
  log.info('Serving', { roles, healthPort: health.port });
  const signal = await signalled;
  log.info('Stopping', { signal });
  await health.close();
  await product.stop();
  await embedded?.stop();
  log.info('Stopped');
  return 0;
}

function placeOf({ REDIS_URL, ...config }: Config): RedisPlace {
  if (REDIS_URL === undefined) throw new OperationError('INTERNAL', 'REDIS_URL was not asked for.');
  return redisPlaceOf({ ...config, REDIS_URL });
}

function archiveSettings(config: Config): Pick<ProductSettings, 'auditArchive'> {
  const { LB_AUDIT_DIR: directory, LB_AUDIT_KEEP: keep } = config;
  if (directory !== undefined) return { auditArchive: { directory, keep } };
  if (keep === undefined) return {};
  throw new OperationError(
    'USAGE',
    'LB_AUDIT_KEEP needs LB_AUDIT_DIR: what leaves Redis must be in files.',
  );
}

function slackSettings(config: Config<'SLACK_BOT_TOKEN'>): ProductSettings['slack'] {
  const { SLACK_APP_TOKEN: appToken, SLACK_SIGNING_SECRET: signingSecret } = config;
  const web = { botToken: config.SLACK_BOT_TOKEN, apiUrl: config.SLACK_API_URL };
  if (config.LB_SLACK_MODE === 'http' && signingSecret !== undefined) {
    const { LB_SLACK_HTTP_HOST: host, LB_SLACK_HTTP_PORT: port } = config;
    return { ...web, http: { signingSecret, host, port } };
  }
  return appToken === undefined ? web : { ...web, appToken };
}

/** Only asked for by name: production images do not contain the embedded store. */
async function openEmbedded(directory: string, log: ReturnType<typeof createLog>) {
  const { startEmbeddedStore } = await import('../store/embedded/start.ts');
  return startEmbeddedStore({ directory, log });
}
