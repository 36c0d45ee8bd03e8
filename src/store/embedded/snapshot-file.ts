import { createHash } from 'node:crypto';
import { type FileHandle, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

const format = 'lb-chatops store snapshot 1';

/** A key with its value as DUMP gives it. `expiresAt` in ms since the epoch; -1 for never. */
export interface SnapshotKey {
  readonly key: Buffer;
  readonly expiresAt: number;
  readonly dump: Buffer;
}

/** Replaces the file as a whole: after a crash it is the old one or the new one, never half of one. */
export async function writeSnapshot(path: string, keys: readonly SnapshotKey[]): Promise<void> {
  const body = keys
    .map(
      (item) =>
        `${item.key.toString('base64')} ${item.expiresAt} ${item.dump.toString('base64')}\n`,
    )
    .join('');
  const temporary = `${path}.new`;
  await rm(temporary, { force: true });
  await closing(await open(temporary, 'wx', 0o600), async (file) => {
    await file.writeFile(`${format} ${checksum(body)}\n${body}`);
    await file.sync();
  });
  await rename(temporary, path);
  // The new name is on disk only when the directory is.
  await closing(await open(dirname(path), 'r'), (directory) => directory.sync());
}

/** The keys of the file, or none when there is no file. A damaged file throws: it is never taken for empty. */
export async function readSnapshot(path: string): Promise<SnapshotKey[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return [];
    throw cause;
  }
  const headEnd = text.indexOf('\n');
  const body = text.slice(headEnd + 1);
  if (text.slice(0, headEnd) !== `${format} ${checksum(body)}`) {
    throw new Error(
      `Reading ${path}: this is not a whole snapshot of the embedded store. Move it away to start empty, or put a copy back.`,
    );
  }
  return body.split('\n').slice(0, -1).map(keyOf);
}

function keyOf(line: string): SnapshotKey {
  const [key = '', expiresAt = '', dump = ''] = line.split(' ');
  return {
    key: Buffer.from(key, 'base64'),
    expiresAt: Number(expiresAt),
    dump: Buffer.from(dump, 'base64'),
  };
}

const checksum = (body: string) => createHash('sha256').update(body).digest('hex');

async function closing(file: FileHandle, work: (file: FileHandle) => Promise<void>): Promise<void> {
  try {
    await work(file);
  } finally {
    await file.close();
  }
}
