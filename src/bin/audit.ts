import { parseArgs } from 'node:util';
import { readEnvironment, redisPlaceOf, signingKeysOf } from '../config/environment.ts';
import { faultReport } from '../config/report.ts';
import { OperationError } from '../domain/errors.ts';
import type { Secret } from '../domain/secret.ts';
import type { AuditLog } from '../ports/records.ts';
import { openStore } from '../store/redis.ts';
import { redisStores } from '../store/stores.ts';
import { exportAudit } from './audit/export.ts';
import { verifyFiles, verifyLive, verifyStore } from './audit/verify.ts';
import { systemClock } from './system-clock.ts';

const HELP = `lb audit verify                         the chain in Redis: whole, and its head signed?
lb audit verify [--from <n>] <file> …   the chain in these files, which must begin with entry n (1); needs no Redis
lb audit verify --live <file> …         the files and what is in Redis, as one chain
lb audit export [--from <n>] [--to <file>]   entries from n on, with a signed end; proven before they are signed
`;

function readArguments(args: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: {
        from: { type: 'string' },
        to: { type: 'string' },
        live: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
      allowPositionals: true,
    });
    const [action, ...files] = positionals;
    const isKnown = action === 'verify' || action === 'export';
    if (!isKnown && !values.help) throw new Error('Say `verify` or `export`.');
    if (action === 'export' && (files.length > 0 || values.live)) {
      throw new Error('`export` takes --from and --to.');
    }
    if (action === 'verify' && values.to !== undefined) throw new Error('--to is for `export`.');
    const from = values.from ?? '';
    if (values.from !== undefined && !/^[1-9]\d{0,14}$/.test(from)) {
      throw new Error('--from is the number of an entry.');
    }
    return { ...values, action, files, from: from === '' ? undefined : Number(from) };
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw new OperationError('USAGE', `${reason}\n${HELP.trimEnd()}`);
  }
}

/** `lb audit …`. Exit code 0 when all is proven, 1 when not, 2 for a wrong command or environment. */
export async function audit(args: readonly string[]): Promise<number> {
  const { action, files, from, to, live, help } = readArguments(args);
  if (help) {
    process.stdout.write(HELP);
    return 0;
  }
  if (action === 'verify' && files.length > 0 && !live) {
    return withKey((key) => verifyFiles(files, from ?? 1, key));
  }
  return withStore((log, key) => {
    if (action === 'export') return exportAudit(log, key, from, to);
    return files.length === 0 ? verifyStore(log) : verifyLive(files, from ?? 1, log, key);
  });
}

async function withKey(work: (key: Secret) => Promise<number>): Promise<number> {
  const environment = readEnvironment(process.env, ['LB_SIGNING_KEY']);
  if (environment.ok) return work(signingKeysOf(environment.config));
  process.stderr.write(`${faultReport(environment.faults)}\n`);
  return 2;
}

async function withStore(work: (log: AuditLog, key: Secret) => Promise<number>): Promise<number> {
  const environment = readEnvironment(process.env, ['REDIS_URL', 'LB_SIGNING_KEY']);
  if (!environment.ok) {
    process.stderr.write(`${faultReport(environment.faults)}\n`);
    return 2;
  }
  const { config } = environment;
  const redis = await openStore(redisPlaceOf(config));
  try {
    const keys = signingKeysOf(config);
    return await work(redisStores(redis, systemClock, keys).audit, keys);
  } finally {
    redis.disconnect();
  }
}
