import { open } from 'node:fs/promises';
import type { AuditEntry } from '../../domain/audit.ts';
import { endLine, entryLine } from '../../domain/audit-segment.ts';
import { OperationError } from '../../domain/errors.ts';
import type { Secret } from '../../domain/secret.ts';
import type { AuditLog } from '../../ports/records.ts';
import { storeFault } from './verify.ts';

/**
 * Writes the entries in Redis from `from` on, and a signed end, to a new file or to standard output. What cannot be
 * proven is not signed: then nothing is written.
 */
export async function exportAudit(
  log: AuditLog,
  key: Secret,
  from: number | undefined,
  to: string | undefined,
): Promise<number> {
  const read = await log.readAll();
  const fault = storeFault(read) ?? whyNotFrom(read.entries, from, read.base?.sequence);
  if (fault !== undefined) {
    process.stderr.write(`${fault}\nNothing was written.\n`);
    return 1;
  }
  const entries = read.entries.filter(({ sequence }) => sequence >= (from ?? 1));
  const [first] = entries;
  const last = entries.at(-1);
  if (first === undefined || last === undefined) {
    process.stderr.write('There is no audit entry. Nothing was written.\n');
    return 1;
  }
  const text = entries.map(entryLine).join('') + endLine(first, last, key);
  if (to === undefined) process.stdout.write(text);
  else {
    await writeNew(to, text);
    process.stdout.write(`Entries ${first.sequence} to ${last.sequence} are in ${to}, signed.\n`);
  }
  return 0;
}

function whyNotFrom(
  entries: readonly AuditEntry[],
  from: number | undefined,
  base = 0,
): string | undefined {
  const last = entries.at(-1)?.sequence ?? base;
  if (from === undefined || (from > base && from <= last)) return undefined;
  return from <= base
    ? `Entry ${from} is no longer in Redis, which begins with ${base + 1}: the files in LB_AUDIT_DIR have it.`
    : `There is no entry ${from}; the last one is ${last}.`;
}

/** Never over a file that is there. */
async function writeNew(path: string, text: string): Promise<void> {
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    const reason = code === 'EEXIST' ? 'there is such a file already' : (code ?? String(cause));
    throw new OperationError('USAGE', `Writing ${path}: ${reason}.`, { cause });
  }
}
