import type { Redis } from 'ioredis';
import {
  AUDIT_START,
  type AuditEntry,
  type AuditFact,
  CHAIN_START,
  chainEntry,
  signHead,
} from '../domain/audit.ts';
import { OperationError } from '../domain/errors.ts';
import type { Secret } from '../domain/secret.ts';
import type { Clock } from '../ports/clock.ts';
import type { AuditLog } from '../ports/records.ts';
import { entriesKey, headKey, readBase, readEntries, readHead } from './audit-pages.ts';
import { asking } from './redis.ts';

const CONFLICTS_MAX = 100;
/** Looks at a log that is written meanwhile, before the last one counts as it is. */
const READS_MAX = 20;
const BATCH_MAX = 100;

// Appends only behind the head the caller chained to; the signed head moves in the same step.
const APPEND = `
local head = redis.call('HMGET', KEYS[2], 'hash', 'sequence')
if (head[1] or ARGV[4]) ~= ARGV[1] then return {head[1] or ARGV[4], head[2] or '0'} end
redis.call('RPUSH', KEYS[1], unpack(ARGV, 6))
redis.call('HSET', KEYS[2], 'hash', ARGV[2], 'sequence', ARGV[5], 'signature', ARGV[3])
return 'ok'`;

interface Head {
  readonly hash: string;
  readonly sequence: number;
}

interface Waiting {
  readonly fact: AuditFact;
  readonly done: (entry: AuditEntry) => void;
  readonly failed: (reason: unknown) => void;
}

/** Append-only, hash-chained; the head is signed with the site's key, so that a cut tail shows. */
export function redisAuditLog(redis: Redis, clock: Clock, signingKey: Secret): AuditLog {
  // Where the chain ended when this process last saw it; a wrong guess costs one more try.
  let guess: Head = { hash: AUDIT_START, sequence: 0 };
  let waiting: Waiting[] = [];
  let writing = false;

  /** Chains these facts behind the guessed head; false when others wrote meanwhile, and then the guess is right. */
  const write = async (facts: readonly AuditFact[]): Promise<readonly AuditEntry[] | undefined> => {
    const entries: AuditEntry[] = [];
    let { hash, sequence } = guess;
    for (const fact of facts) {
      sequence += 1;
      const entry = chainEntry(fact, { sequence, at: clock.now(), previous: hash });
      entries.push(entry);
      hash = entry.hash;
    }
    const written = await asking('Writing the audit entry', () =>
      redis.eval(
        APPEND,
        2,
        entriesKey,
        headKey,
        guess.hash,
        hash,
        signHead(hash, sequence, signingKey),
        AUDIT_START,
        String(sequence),
        ...entries.map((entry) => JSON.stringify(entry)),
      ),
    );
    if (written === 'ok') {
      guess = { hash, sequence };
      return entries;
    }
    const [head, at] = written as [string, string];
    guess = { hash: head, sequence: Number(at) };
    return undefined;
  };

  const writeAll = async (batch: readonly Waiting[]): Promise<void> => {
    try {
      for (let attempt = 0; attempt < CONFLICTS_MAX; attempt += 1) {
        const entries = await write(batch.map(({ fact }) => fact));
        if (entries === undefined) continue;
        for (const [index, entry] of entries.entries()) batch[index]?.done(entry);
        return;
      }
      throw new OperationError('STORE_UNAVAILABLE', 'Writing the audit entry: too many writers.');
    } catch (reason) {
      for (const { failed } of batch) failed(reason);
    }
  };

  /** One write at a time; what comes meanwhile goes into the next one together. */
  const drain = async (): Promise<void> => {
    if (writing) return;
    writing = true;
    while (waiting.length > 0) {
      const batch = waiting.slice(0, BATCH_MAX);
      waiting = waiting.slice(BATCH_MAX);
      await writeAll(batch);
    }
    writing = false;
  };

  return {
    append(fact) {
      return new Promise((done, failed) => {
        waiting.push({ fact, done, failed });
        void drain();
      });
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
