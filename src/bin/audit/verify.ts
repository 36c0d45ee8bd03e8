import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { type AuditEntry, firstBreak } from '../../domain/audit.ts';
import { type Chain, joinSegments, readSegment, segmentFault } from '../../domain/audit-segment.ts';
import { OperationError } from '../../domain/errors.ts';
import type { Secret } from '../../domain/secret.ts';
import type { AuditLog } from '../../ports/records.ts';

const say = (text: string) => void process.stdout.write(`${text}\n`);

/** What is wrong with the chain in the store, in one sentence; undefined when it is proven. */
export function storeFault(read: Awaited<ReturnType<AuditLog['readAll']>>): string | undefined {
  const broken = firstBreak(read.entries, read.base);
  if (broken !== undefined) return `The audit chain is broken: ${broken.reason}.`;
  if (read.base?.signed === false) {
    return `The audit chain begins behind entry ${read.base.sequence}, and that is not signed with this key: older entries may be cut off.`;
  }
  if (!read.headSigned) {
    return 'The audit chain is whole, but its head is not signed with this key: the end may be cut off.';
  }
  return undefined;
}

/** The chain in Redis. */
export async function verifyStore(log: AuditLog): Promise<number> {
  const read = await log.readAll();
  const fault = storeFault(read);
  if (fault !== undefined) {
    say(fault);
    return 1;
  }
  const { base } = read;
  const older = base === undefined ? '' : `; entries 1 to ${base.sequence} are in files`;
  say(`The audit chain is whole: ${read.entries.length} entries, head signed${older}.`);
  return 0;
}

interface Read {
  readonly segments: readonly (readonly AuditEntry[])[];
  readonly isGood: boolean;
}

/** Says of each file whether it is whole and signed. An open one counts only where Redis vouches for its end. */
async function readFiles(files: readonly string[], key: Secret, openAllowed: boolean) {
  const segments: (readonly AuditEntry[])[] = [];
  let isGood = true;
  for (const path of files) {
    const name = basename(path);
    const reading = readSegment(await textOf(path));
    if ('fault' in reading) {
      say(`${name}: ${reading.fault}.`);
      isGood = false;
      continue;
    }
    const { entries } = reading;
    const isOpen = openAllowed && reading.end === undefined && entries.length > 0;
    const fault = isOpen ? undefined : segmentFault(reading, key);
    const span = `entries ${entries[0]?.sequence} to ${entries.at(-1)?.sequence}`;
    if (fault === undefined) {
      say(`${name}: ${span}, ${isOpen ? 'not closed yet' : 'whole and signed'}.`);
      segments.push(entries);
    } else {
      say(`${name}: ${fault}.`);
      isGood = false;
    }
  }
  return { segments, isGood } satisfies Read;
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unreadable';
    throw new OperationError('USAGE', `Reading ${path}: ${code}.`, { cause });
  }
}

function verdict(chain: Chain, from: number, isGood: boolean, end: string): number {
  if (chain.fault !== undefined) say(`The audit chain is broken: ${chain.fault}.`);
  else if (!isGood) say('The audit chain is not proven: see the files above.');
  else say(`The audit chain is whole: entries ${from} to ${chain.last?.sequence}, ${end}.`);
  return chain.fault === undefined && isGood ? 0 : 1;
}

/** Files alone, without any Redis. */
export async function verifyFiles(
  files: readonly string[],
  from: number,
  key: Secret,
): Promise<number> {
  const { segments, isGood } = await readFiles(files, key, false);
  return verdict(joinSegments(segments, from), from, isGood, 'every file signed');
}

/** Files and what is in Redis, which must go on where they end. */
export async function verifyLive(
  files: readonly string[],
  from: number,
  log: AuditLog,
  key: Secret,
): Promise<number> {
  const { segments, isGood } = await readFiles(files, key, true);
  const read = await log.readAll();
  const fault = storeFault(read);
  if (fault !== undefined) say(fault);
  const chain = joinSegments([...segments, read.entries], from);
  const { base } = read;
  const joins = base === undefined || chain.hashOf(base.sequence) === base.hash;
  if (!joins) say(`The files do not lead up to entry ${base.sequence}, where Redis begins.`);
  return verdict(chain, from, isGood && fault === undefined && joins, 'head signed');
}
