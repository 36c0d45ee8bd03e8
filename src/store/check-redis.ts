import type { Redis } from 'ioredis';
import { OperationError } from '../domain/errors.ts';
import { asking, serversOf } from './redis.ts';

/** One thing that was looked at. With FAIL the product does not start on this Redis. */
export interface RedisRemark {
  readonly level: 'OK' | 'WARN' | 'FAIL';
  readonly text: string;
  /** What to do about it. */
  readonly advice?: string;
}

/** The oldest that has what the scripts use (`INFO` before a write, `ZADD … GT`) and that was run here. */
const OLDEST = [7, 0] as const;

interface Facts {
  readonly info: string;
  /** Absent where this user may not ask for settings; hosted services refuse it too. */
  readonly appendfsync: string | undefined;
}

/**
 * Asks Redis about itself by INFO, in a cluster every master, and says what that means for jobs and records. Writes
 * nothing. Throws STORE_UNAVAILABLE when INFO is refused or not answered.
 */
export async function inspectRedis(redis: Redis): Promise<readonly RedisRemark[]> {
  const all = await Promise.all(
    serversOf(redis).map(async (server) => remarksOn(await factsOf(server))),
  );
  const remarks = new Map(all.flat().map((remark) => [remark.text, remark]));
  return [...remarks.values()];
}

/** Throws what keeps the product from starting, in one sentence with its advice; returns the warnings. */
export async function assertFit(redis: Redis): Promise<readonly RedisRemark[]> {
  const remarks = await inspectRedis(redis);
  const failed = remarks.find(({ level }) => level === 'FAIL');
  if (failed !== undefined) {
    throw new OperationError('STORE_UNAVAILABLE', `${failed.text}. ${failed.advice ?? ''}`.trim());
  }
  return remarks.filter(({ level }) => level === 'WARN');
}

async function factsOf(redis: Redis): Promise<Facts> {
  const info = await asking('Asking Redis about itself', () => redis.info());
  const setting = await redis.config('GET', 'appendfsync').catch(() => undefined);
  return {
    info,
    appendfsync: Array.isArray(setting) ? String(setting[1] ?? '') : undefined,
  };
}

function remarksOn({ info, appendfsync }: Facts): readonly RedisRemark[] {
  return [version(info), writable(info), eviction(info), persistence(info, appendfsync)];
}

function version(info: string): RedisRemark {
  const valkey = field(info, 'valkey_version');
  const compatible = field(info, 'redis_version');
  const name = valkey === undefined ? `Redis ${compatible}` : `Valkey ${valkey}`;
  const [major = 0, minor = 0] = (compatible ?? '').split('.').map(Number);
  if (compatible === undefined || Number.isNaN(major)) {
    return fail('What answers is no Redis', 'See where REDIS_URL points.');
  }
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
    return fail(`${name} is too old`, `Redis ${OLDEST.join('.')} or newer is needed, or Valkey.`);
  }
  return ok(`${name} answers`);
}

function writable(info: string): RedisRemark {
  const role = field(info, 'role');
  if (role === undefined || role === 'master') return ok('Redis takes writes');
  return fail(
    `Redis is a replica (role ${role})`,
    'Point REDIS_URL at the one that takes writes: jobs and records are written there.',
  );
}

/** Also with maxmemory 0: a policy that evicts needs only that one setting to begin. */
function eviction(info: string): RedisRemark {
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

function persistence(info: string, appendfsync: string | undefined): RedisRemark {
  // The embedded store has no such file; whoever started it was told what it is for.
  if (field(info, 'os')?.startsWith('wasi') === true) {
    return ok('The embedded store writes a snapshot every second');
  }
  if (field(info, 'aof_enabled') !== '1') {
    return warn(
      'Redis keeps no append-only file: what was written since the last snapshot is lost when it stops',
      'Set appendonly yes and appendfsync always.',
    );
  }
  if (field(info, 'aof_last_write_status') === 'err') {
    return warn(
      'Redis cannot write its append-only file',
      'See its log; the disk may be full. Until then writes are refused or lost at a crash.',
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

const ok = (text: string): RedisRemark => ({ level: 'OK', text });
const warn = (text: string, advice: string): RedisRemark => ({ level: 'WARN', text, advice });
const fail = (text: string, advice: string): RedisRemark => ({ level: 'FAIL', text, advice });
