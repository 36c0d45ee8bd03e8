import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { type AuditEntry, CHAIN_START, type ChainPlace, firstBreak } from '../domain/audit.ts';
import { endLine, entryLine } from '../domain/audit-segment.ts';
import { OperationError } from '../domain/errors.ts';
import type { Secret } from '../domain/secret.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Leases } from '../ports/records.ts';
import { appendOpen, closeOpen, setAside } from './audit-files.ts';
import { readBase, readEntries, readHead, trimEntries } from './audit-pages.ts';
import { type Archived, assertClosedWell, recoverArchive } from './audit-recovery.ts';

const BYTES_MAX = 8 * 1024 * 1024;
/** One worker of the site archives; one that died leaves it to another after this time. */
const LEASE = 'audit';
const LEASE_MS = 30_000;

export interface ArchiveOptions {
  readonly redis: Redis;
  readonly leases: Leases;
  readonly directory: string;
  readonly signingKey: Secret;
  /** How many of the last entries stay in Redis; all when absent. */
  readonly keep?: number | undefined;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
  /** A segment that would be larger is closed; 8 MiB. */
  readonly bytesMax?: number;
}

export interface AuditArchive {
  /**
   * Copies what is new, if this worker is the one that archives. Throws what keeps it from doing so; nothing that
   * cannot be proven is ever copied, signed or taken out of Redis.
   */
  step(): Promise<void>;
  /** Leaves the archive to another worker. The open segment is gone on with. */
  release(): Promise<void>;
}

export function openAuditArchive(options: ArchiveOptions): AuditArchive {
  const { redis, directory, signingKey, clock, log } = options;
  const bytesMax = options.bytesMax ?? BYTES_MAX;
  const token = randomUUID();
  let archived: Archived | undefined;

  /** The entries behind what is archived, proven up to the signed head. */
  const news = async (known: Archived): Promise<readonly AuditEntry[]> => {
    const [base, head] = [await readBase(redis, signingKey), await readHead(redis, signingKey)];
    if (base?.signed === false) throw unproven('where it begins in Redis is not signed');
    if (head?.signed === false) throw unproven('its head is not signed');
    await sameChainOrAside(known, base ?? CHAIN_START, head ?? CHAIN_START);
    if (head === undefined) return [];
    const entries: AuditEntry[] = [];
    for (let next = known.last.sequence + 1; next <= head.sequence; ) {
      const page = await readEntries(redis, next - 1 - (base?.sequence ?? 0));
      if (page.length === 0) throw unproven(`entry ${next} is missing`);
      entries.push(...page.slice(0, head.sequence - next + 1));
      next += page.length;
    }
    const broken = firstBreak(entries, known.last);
    if (broken !== undefined) throw unproven(broken.reason);
    if ((entries.at(-1) ?? known.last).hash !== head.hash) throw unproven('its head is another');
    return entries;
  };

  /** A store that began anew or lost writes has another chain; the files of the old one are kept beside it. */
  const sameChainOrAside = async (known: Archived, base: ChainPlace, head: ChainPlace) => {
    const { sequence, hash } = known.last;
    if (sequence === 0 || sequence < base.sequence) return skipTo(known, base);
    const [there] =
      sequence === base.sequence ? [base] : await readEntries(redis, sequence - 1 - base.sequence);
    if (sequence <= head.sequence && there?.hash === hash) return;
    const folder = `before-${new Date(clock.now()).toISOString().replaceAll(':', '')}`;
    await setAside(directory, folder);
    log.error('Redis lost audit entries that are archived; the files were set aside', {
      folder,
      archivedTo: sequence,
      inRedis: head.sequence,
    });
    known.open = undefined;
    known.closedTo = base.sequence;
    known.last = base;
  };

  /** What was taken out of Redis before this worker archived it stands in the files of another. */
  const skipTo = async (known: Archived, base: ChainPlace) => {
    if (known.last.sequence === base.sequence) return;
    if (known.last.sequence > 0) {
      const missing = { from: known.last.sequence + 1, to: base.sequence };
      log.warn('Audit entries were archived by another worker; its files have them', missing);
    }
    await close(known);
    known.last = base;
  };

  const append = async (known: Archived, entries: readonly AuditEntry[]) => {
    const [first] = entries;
    const last = entries.at(-1);
    if (first === undefined || last === undefined) return;
    const open = known.open ?? { first, sizeBytes: 0 };
    const lines = entries.map(entryLine).join('');
    const from = open.first.sequence;
    const sizeBytes = await appendOpen(directory, from, open.sizeBytes, lines);
    known.open = { first: open.first, last, sizeBytes };
    known.last = { sequence: last.sequence, hash: last.hash };
  };

  const close = async (known: Archived) => {
    const { open } = known;
    if (open === undefined) return;
    const end = endLine(open.first, open.last, signingKey);
    await appendOpen(directory, open.first.sequence, open.sizeBytes, end);
    const name = await closeOpen(directory, open.first.sequence);
    await assertClosedWell(directory, name, signingKey);
    known.open = undefined;
    known.closedTo = open.last.sequence;
    log.info('An audit file was closed', { name, to: open.last.sequence });
  };

  const write = async (known: Archived, entries: readonly AuditEntry[]) => {
    let pending: AuditEntry[] = [];
    let bytes = known.open?.sizeBytes ?? 0;
    let day = known.open === undefined ? undefined : dayOf(known.open.first.at);
    for (const entry of entries) {
      const size = Buffer.byteLength(entryLine(entry));
      if (day !== undefined && (bytes + size > bytesMax || dayOf(entry.at) !== day)) {
        await append(known, pending);
        await close(known);
        pending = [];
        bytes = 0;
        day = undefined;
      }
      pending.push(entry);
      bytes += size;
      day ??= dayOf(entry.at);
    }
    await append(known, pending);
    if (known.open !== undefined && dayOf(known.open.first.at) !== dayOf(clock.now())) {
      await close(known);
    }
  };

  /** Only what is in closed files, read back and proven. */
  const trim = async (known: Archived) => {
    if (options.keep === undefined) return;
    const from = (await readBase(redis, signingKey))?.sequence ?? 0;
    const to = Math.min(known.closedTo, known.last.sequence - options.keep);
    if (to <= from) return;
    const [last] = await readEntries(redis, to - 1 - from);
    if (last?.sequence !== to) return;
    await trimEntries(redis, signingKey, from, last);
  };

  return {
    async step() {
      if (!(await options.leases.take(LEASE, token, LEASE_MS))) {
        archived = undefined;
        return;
      }
      const known = archived ?? (await recoverArchive(directory, signingKey, log));
      // A step that fails in the middle leaves the truth in the files only.
      archived = undefined;
      await write(known, await news(known));
      await trim(known);
      archived = known;
    },
    async release() {
      await options.leases.release(LEASE, token).catch(() => undefined);
    },
  };
}

function unproven(why: string): OperationError {
  return new OperationError('INTERNAL', `Archiving the audit log: ${why}; nothing was copied.`);
}

function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
