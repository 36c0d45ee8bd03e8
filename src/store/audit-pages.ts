import type { Redis } from 'ioredis';
import {
  type AuditEntry,
  type ChainPlace,
  isBaseSigned,
  isHeadSigned,
  signBase,
} from '../domain/audit.ts';
import type { Secret } from '../domain/secret.ts';
import type { AuditBase } from '../ports/records.ts';
import { asking, key } from './redis.ts';

const PAGE = 1_000;

export const entriesKey = key('audit', 'entries');
export const headKey = key('audit', 'head');
const baseKey = key('audit', 'base');

// Takes the oldest entries out only while they are the ones the caller means.
const TRIM = `
local base = tonumber(redis.call('HGET', KEYS[2], 'sequence') or '0')
if base ~= tonumber(ARGV[1]) then return 0 end
redis.call('LTRIM', KEYS[1], ARGV[2], -1)
redis.call('HSET', KEYS[2], 'sequence', ARGV[3], 'hash', ARGV[4], 'signature', ARGV[5])
return 1`;

/** Where the entries in Redis begin, when older ones were taken out; undefined while all are there. */
export async function readBase(redis: Redis, signingKey: Secret): Promise<AuditBase | undefined> {
  const [sequence, hash, signature] = await asking('Reading the audit base', () =>
    redis.hmget(baseKey, 'sequence', 'hash', 'signature'),
  );
  if (sequence == null || hash == null) return undefined;
  const place: ChainPlace = { sequence: Number(sequence), hash };
  return { ...place, signed: isBaseSigned(place, signature ?? '', signingKey) };
}

/** Up to a thousand entries from the `index`th that is in Redis (0 is the oldest). */
export async function readEntries(redis: Redis, index: number): Promise<readonly AuditEntry[]> {
  const page = await asking('Reading the audit log', () =>
    redis.lrange(entriesKey, index, index + PAGE - 1),
  );
  return page.map((text) => JSON.parse(text) as AuditEntry);
}

/** The end of the chain, and whether it is signed; undefined before the first entry. */
export async function readHead(
  redis: Redis,
  signingKey: Secret,
): Promise<(ChainPlace & { readonly signed: boolean }) | undefined> {
  const [hash, sequence, signature] = await asking('Reading the audit head', () =>
    redis.hmget(headKey, 'hash', 'sequence', 'signature'),
  );
  if (hash == null || sequence == null) return undefined;
  const place: ChainPlace = { sequence: Number(sequence), hash };
  return { ...place, signed: isHeadSigned(place, signature ?? '', signingKey) };
}

/** Takes all entries up to `last` out of Redis and signs that they were there. False when somebody else did so first. */
export async function trimEntries(
  redis: Redis,
  signingKey: Secret,
  from: number,
  last: ChainPlace,
): Promise<boolean> {
  const done = await asking('Taking archived audit entries out of Redis', () =>
    redis.eval(
      TRIM,
      2,
      entriesKey,
      baseKey,
      String(from),
      String(last.sequence - from),
      String(last.sequence),
      last.hash,
      signBase(last, signingKey),
    ),
  );
  return done === 1;
}
