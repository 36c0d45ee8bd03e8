import { type AuditEntry, CHAIN_START, type ChainPlace } from '../domain/audit.ts';
import { entriesFault, segmentFault } from '../domain/audit-segment.ts';
import { OperationError } from '../domain/errors.ts';
import type { Secret } from '../domain/secret.ts';
import type { Log } from '../ports/log.ts';
import { closeOpen, listSegments, mendOpen, segmentIn } from './audit-files.ts';

/** What of the chain is in the files of one directory. */
export interface Archived {
  last: ChainPlace;
  /** Last entry in a closed file. */
  closedTo: number;
  open:
    | { readonly first: AuditEntry; readonly last: AuditEntry; readonly sizeBytes: number }
    | undefined;
}

/** Throws INTERNAL when a file that was closed cannot be proven. */
export async function assertClosedWell(
  directory: string,
  name: string,
  signingKey: Secret,
): Promise<ChainPlace> {
  const reading = await segmentIn(directory, name);
  const fault = segmentFault(reading, signingKey);
  if (fault !== undefined) throw damaged(name, fault);
  return reading.end === undefined
    ? CHAIN_START
    : { sequence: reading.end.to, hash: reading.end.hash };
}

/**
 * Finds out from the files alone where the archive stands. A line that was cut off when the writer died is taken away
 * and written again; a file that was signed and not renamed yet is closed. Throws INTERNAL for damage.
 */
export async function recoverArchive(
  directory: string,
  signingKey: Secret,
  log: Log,
): Promise<Archived> {
  const { closed, open } = await listSegments(directory);
  const newest = closed.at(-1);
  const before =
    newest === undefined ? CHAIN_START : await assertClosedWell(directory, newest.name, signingKey);
  const archived: Archived = { last: before, closedTo: before.sequence, open: undefined };
  const [unfinished, ...more] = open;
  if (more.length > 0) throw damaged(more[0]?.name ?? '', 'there is another open file');
  if (unfinished === undefined) return archived;

  const { name, from } = unfinished;
  const reading = await segmentIn(directory, name);
  if (reading.isCut) log.warn('An audit file ended in half a line; it is written again', { name });
  if (reading.isCut || reading.wholeBytes === 0) {
    await mendOpen(directory, name, reading.wholeBytes);
  }
  const [first] = reading.entries;
  const last = reading.entries.at(-1);
  if (first === undefined || last === undefined) return archived;
  const fault =
    reading.end === undefined ? entriesFault(reading) : segmentFault(reading, signingKey);
  if (fault !== undefined) throw damaged(name, fault);
  if (first.sequence !== from) throw damaged(name, `it begins with entry ${first.sequence}`);
  const place = { sequence: last.sequence, hash: last.hash };
  if (reading.end !== undefined) {
    await closeOpen(directory, from);
    return { last: place, closedTo: last.sequence, open: undefined };
  }
  const sizeBytes = reading.wholeBytes;
  return { last: place, closedTo: before.sequence, open: { first, last, sizeBytes } };
}

function damaged(name: string, fault: string): OperationError {
  return new OperationError(
    'INTERNAL',
    `The audit file ${name} is damaged: ${fault}. Move it away; what is still in Redis is copied again.`,
  );
}
