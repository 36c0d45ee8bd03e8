import { parseArgs } from 'node:util';
import { readEnvironment } from '../config/environment.ts';
import { loadConfigFile } from '../config/file.ts';
import { faultReport } from '../config/report.ts';
import { OperationError } from '../domain/errors.ts';
import { startHealthServer } from '../telemetry/health.ts';
import { createLog } from '../telemetry/log.ts';
import { type Role, startProduct } from './product.ts';
import { untilSignal } from './until-signal.ts';

const ROLES: readonly Role[] = ['bot', 'worker'];

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
    ...(roles.includes('bot') ? (['SLACK_APP_TOKEN'] as const) : []),
    ...(options.embedded ? [] : (['REDIS_URL'] as const)),
  ] as const;
  const environment = readEnvironment(process.env, needs);
  const inventoryPath = process.env.LB_INVENTORY;
  const loaded = inventoryPath === undefined ? undefined : loadConfigFile(inventoryPath);
  const faults = [
    ...(environment.ok ? [] : [faultReport(environment.faults)]),
    ...(loaded === undefined || loaded.ok ? [] : [faultReport(loaded.faults, inventoryPath)]),
  ];
  if (!environment.ok || loaded?.ok !== true) {
    process.stderr.write(`${faults.join('\n')}\n`);
    return 2;
  }
  const { config } = environment;
  const secrets = [config.LB_SIGNING_KEY, config.SLACK_BOT_TOKEN, config.SLACK_APP_TOKEN];
  const log = createLog({
    level: config.LB_LOG_LEVEL,
    secrets: secrets.filter((secret) => secret !== undefined),
  });
  const embedded = options.embedded ? await openEmbedded(config.LB_DATA, log) : undefined;
  const redisUrl = embedded?.url ?? config.REDIS_URL?.reveal() ?? '';
  const product = await startProduct({
    roles,
    redisUrl,
    inventory: loaded.inventory,
    signingKey: config.LB_SIGNING_KEY,
    slack: {
      botToken: config.SLACK_BOT_TOKEN,
      apiUrl: config.SLACK_API_URL,
      ...(config.SLACK_APP_TOKEN === undefined ? {} : { appToken: config.SLACK_APP_TOKEN }),
    },
    log,
    ...(config.LB_JOB_LOCK_MS === undefined ? {} : { lockMs: config.LB_JOB_LOCK_MS }),
  }).catch(async (thrown: unknown) => {
    await embedded?.stop();
    throw thrown;
  });
  const health = await startHealthServer({
    host: config.LB_HTTP_HOST,
    port: config.LB_HTTP_PORT,
    live: () => true,
    ready: () => product.notReady(),
  }).catch(async (thrown: unknown) => {
    await product.stop();
    await embedded?.stop();
    throw thrown;
  });
  log.info('Serving', { roles, healthPort: health.port });
  const signal = await untilSignal();
  log.info('Stopping', { signal });
  await health.close();
  await product.stop();
  await embedded?.stop();
  log.info('Stopped');
  return 0;
}

/** Only asked for by name: production images do not contain the embedded store. */
async function openEmbedded(directory: string, log: ReturnType<typeof createLog>) {
  const { startEmbeddedStore } = await import('../store/embedded/start.ts');
  return startEmbeddedStore({ directory, log });
}
