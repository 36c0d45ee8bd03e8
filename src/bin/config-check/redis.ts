import { OperationError } from '../../domain/errors.ts';
import { parseRedisUrl } from '../../domain/redis-url.ts';
import type { Secret } from '../../domain/secret.ts';
import { asking, openStore } from '../../store/redis.ts';
import { type Finding, fail, finding, ok, warn } from './finding.ts';

/** Connects, and says what Redis does with what it is given. Writes nothing. */
export async function* checkRedis(url: Secret): AsyncGenerator<Finding> {
  const place = placeOf(url);
  const report = { text: '', appendfsync: undefined as string | undefined };
  const connected = await finding(async () => {
    const redis = await openStore(url.reveal());
    try {
      report.text = await asking('Asking Redis about itself', () => redis.info());
      // Hosted services often refuse CONFIG; the rest is known without it.
      const setting = await redis.config('GET', 'appendfsync').catch(() => undefined);
      report.appendfsync = Array.isArray(setting) ? String(setting[1] ?? '') : undefined;
    } finally {
      redis.disconnect();
    }
    const valkey = field(report.text, 'valkey_version');
    const version = valkey === undefined ? field(report.text, 'redis_version') : valkey;
    const product = valkey === undefined ? 'Redis' : 'Valkey';
    if (version === undefined) {
      throw new OperationError('STORE_UNAVAILABLE', `What answers at ${place} is no Redis.`);
    }
    return ok(`${product} ${version} answers at ${place}`);
  });
  yield connected;
  if (connected.level === 'FAIL') return;
  yield writable(report.text);
  yield eviction(report.text);
  yield persistence(report.text, report.appendfsync);
}

function writable(info: string): Finding {
  const role = field(info, 'role');
  if (role === undefined || role === 'master') return ok('Redis takes writes');
  return fail(
    `Redis is a replica (role ${role})`,
    'Point REDIS_URL at the one that takes writes: jobs and records are written there.',
  );
}

function eviction(info: string): Finding {
  const policy = field(info, 'maxmemory_policy') ?? 'unknown';
  if (policy === 'noeviction') return ok('Redis evicts nothing (maxmemory-policy noeviction)');
  if (policy === 'unknown') {
    return warn(
      'Redis does not say what it evicts',
      'See that maxmemory-policy is noeviction, else jobs and approvals can vanish.',
    );
  }
  return fail(
    `Redis evicts by ${policy}: jobs and approvals can vanish`,
    'Set maxmemory-policy noeviction.',
  );
}

function persistence(info: string, appendfsync: string | undefined): Finding {
  if (field(info, 'aof_enabled') !== '1') {
    return warn(
      'Redis keeps no append-only file: what was written since the last snapshot is lost when it stops',
      'Set appendonly yes and appendfsync always.',
    );
  }
  if (appendfsync === undefined) return ok('Redis keeps an append-only file');
  if (appendfsync === 'always') return ok('Redis keeps an append-only file (appendfsync always)');
  return warn(
    `Redis keeps an append-only file, but with appendfsync ${appendfsync}: the last second can be lost`,
    'Set appendfsync always.',
  );
}

function field(info: string, name: string): string | undefined {
  return new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
}

/** Without user and password. */
function placeOf(url: Secret): string {
  const { path, host, port } = parseRedisUrl(url.reveal());
  return path ?? `${host}:${port}`;
}
