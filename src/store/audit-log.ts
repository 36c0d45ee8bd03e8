import type { Redis } from 'ioredis';
import {
  AUDIT_START,
  type AuditEntry,
  CHAIN_START,
  chainEntry,
  signHead,
} from '../domain/audit.ts';
import { OperationError } from '../domain/errors.ts';
import type { Secret } from '../domain/secret.ts';
import type { Clock } from '../ports/clock.ts';
import type { AuditLog } from '../ports/records.ts';
import { entriesKey, headKey, readBase, readEntries, readHead } from './audit-pages.ts';
import { afterConflict, asking } from './redis.ts';

const CONFLICTS_MAX = 100;
/** Looks at a log that is written meanwhile, before the last one counts as it is. */
const READS_MAX = 20;

// Appends only behind the head the caller chained to; the signed head moves in the same step.
const APPEND = `
local head = redis.call('HGET', KEYS[2], 'hash')
if (head or ARGV[5]) ~= ARGV[1] then return 0 end
redis.call('RPUSH', KEYS[1], ARGV[2])
redis.call('HSET', KEYS[2], 'hash', ARGV[3], 'sequence', ARGV[6], 'signature', ARGV[4])
return 1`;

/** Append-only, hash-chained; the head is signed with the site's key, so that a cut tail shows. */
export function redisAuditLog(redis: Redis, clock: Clock, signingKey: Secret): AuditLog {
  return {
    async append(fact) {
      for (let attempt = 0; attempt < CONFLICTS_MAX; attempt += 1) {
        const head = await asking('Reading the audit head', () =>
          redis.hmget(headKey, 'hash', 'sequence'),
        );
        const previous = head[0] ?? AUDIT_START;
        const sequence = Number(head[1] ?? 0) + 1;
        const entry = chainEntry(fact, { sequence, at: clock.now(), previous });
        const written = await asking('Writing the audit entry', () =>
          redis.eval(
            APPEND,
            2,
            entriesKey,
            headKey,
            previous,
            JSON.stringify(entry),
            entry.hash,
            signHead(entry.hash, sequence, signingKey),
            AUDIT_START,
            String(sequence),
          ),
        );
        if (written === 1) return entry;
        await afterConflict(attempt);
      }
      throw new OperationError('STORE_UNAVAILABLE', 'Writing the audit entry: too many writers.');
    },

    async readAll() {
      for (let attempt = 1; ; attempt += 1) {
        const base = await readBase(redis, signingKey);
        const head = await readHead(redis, signingKey);
        const entries = await allEntries(redis);
        const still = [await readBase(redis, signingKey), await readHead(redis, signingKey)];
        const isQuiet = JSON.stringify([base, head]) === JSON.stringify(still);
        // Somebody wrote meanwhile: what was read belongs to no one moment.
        if (!isQuiet && attempt < READS_MAX) continue;
        const last = entries.at(-1) ?? base ?? CHAIN_START;
        const headSigned =
          head === undefined
            ? last.sequence === 0
            : head.signed && head.hash === last.hash && head.sequence === last.sequence;
        return { entries, headSigned, ...(base === undefined ? {} : { base }) };
      }
    },
  };
}

async function allEntries(redis: Redis): Promise<readonly AuditEntry[]> {
  const entries: AuditEntry[] = [];
  for (;;) {
    const page = await readEntries(redis, entries.length);
    if (page.length === 0) return entries;
    entries.push(...page);
  }
}
