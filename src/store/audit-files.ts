import { constants } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, truncate, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { readSegment, type SegmentReading } from '../domain/audit-segment.ts';
import { OperationError } from '../domain/errors.ts';

/** Closed ones end in the signed line and are never written again; of open ones there is at most one. */
const CLOSED = /^audit-(\d{10})\.jsonl$/;
const OPEN = /^audit-(\d{10})\.open$/;

const fileName = (from: number, ending: 'jsonl' | 'open') =>
  `audit-${String(from).padStart(10, '0')}.${ending}`;

export interface SegmentFile {
  readonly name: string;
  readonly from: number;
}

export async function listSegments(directory: string) {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const names = (await readdir(directory)).sort();
  const matching = (pattern: RegExp): readonly SegmentFile[] =>
    names.flatMap((name) => {
      const from = pattern.exec(name)?.[1];
      return from === undefined ? [] : [{ name, from: Number(from) }];
    });
  return { closed: matching(CLOSED), open: matching(OPEN) };
}

/** The segment in a file, or INTERNAL with what is wrong with it. */
export async function segmentIn(directory: string, name: string): Promise<SegmentReading> {
  const reading = readSegment(await readFile(join(directory, name), 'utf8'));
  if ('fault' in reading) {
    throw new OperationError('INTERNAL', `Reading the audit file ${name}: ${reading.fault}.`);
  }
  return reading;
}

/** Takes away a last line that was not finished when its writer died, and the file when nothing else is in it. */
export async function mendOpen(directory: string, name: string, wholeBytes: number): Promise<void> {
  const path = join(directory, name);
  await (wholeBytes === 0 ? unlink(path) : truncate(path, wholeBytes));
}

/**
 * Appends whole lines to the open segment that begins at `from`, which must have `sizeBytes`: another size means that
 * somebody else writes too, and nothing is written. Returns the new size when all of it is on disk.
 */
export async function appendOpen(
  directory: string,
  from: number,
  sizeBytes: number,
  lines: string,
): Promise<number> {
  const name = fileName(from, 'open');
  const { O_APPEND, O_CREAT, O_WRONLY } = constants;
  const file = await open(join(directory, name), O_APPEND | O_CREAT | O_WRONLY, 0o600);
  try {
    const { size } = await file.stat();
    if (size !== sizeBytes) {
      throw new OperationError(
        'FENCED',
        `Writing the audit file ${name}: somebody else writes it too.`,
      );
    }
    await file.appendFile(lines);
    await file.datasync();
  } finally {
    await file.close();
  }
  return sizeBytes + Buffer.byteLength(lines);
}

/** Gives the open segment the name of a closed one, on disk for good. */
export async function closeOpen(directory: string, from: number): Promise<string> {
  const name = fileName(from, 'jsonl');
  await rename(join(directory, fileName(from, 'open')), join(directory, name));
  await syncDirectory(directory);
  return name;
}

/** Moves every segment into a folder of its own beside the new ones: they belong to another chain. */
export async function setAside(directory: string, folder: string): Promise<void> {
  const { closed, open: unfinished } = await listSegments(directory);
  await mkdir(join(directory, folder), { recursive: true, mode: 0o700 });
  for (const { name } of [...closed, ...unfinished]) {
    await rename(join(directory, name), join(directory, folder, name));
  }
  await syncDirectory(directory);
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
