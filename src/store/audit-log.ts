import type { Redis } from 'ioredis';
import { AUDIT_START, type AuditEntry, chainEntry, signHead } from '../domain/audit.ts';
import { OperationError } from '../domain/errors.ts';
import type { Secret } from '../domain/secret.ts';
import type { Clock } from '../ports/clock.ts';
import type { AuditLog } from '../ports/records.ts';
import { afterConflict, asking, key } from './redis.ts';

const CONFLICTS_MAX = 100;
const PAGE = 1_000;

const entriesKey = key('audit', 'entries');
const headKey = key('audit', 'head');

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
      const entries: AuditEntry[] = [];
      for (let from = 0; ; from += PAGE) {
        const page = await asking('Reading the audit log', () =>
          redis.lrange(entriesKey, from, from + PAGE - 1),
        );
        entries.push(...page.map((text) => JSON.parse(text) as AuditEntry));
        if (page.length < PAGE) break;
      }
      const [hash, sequence, signature] = await asking('Reading the audit head', () =>
        redis.hmget(headKey, 'hash', 'sequence', 'signature'),
      );
      const last = entries.at(-1);
      const headSigned =
        last === undefined
          ? hash === null
          : hash === last.hash &&
            sequence === String(last.sequence) &&
            signature === signHead(last.hash, last.sequence, signingKey);
      return { entries, headSigned };
    },
  };
}
