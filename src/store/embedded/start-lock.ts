import { lstat, readlink, symlink, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Longer than a start takes: an older lock was left behind, whatever process has its number now. */
const abandonedAfterMs = 10_000;
const lookAgainMs = 20;

/**
 * Runs `work` while no other process does so in this folder, so that two starting at once do not both host.
 * The lock is a symbolic link, as that is made with its content (the process id) in one step.
 */
export async function aloneIn<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const lock = join(folder, 'starting');
  while (!(await taken(lock))) {
    if (await isAbandoned(lock)) await unlink(lock).catch(() => {});
    else await sleep(lookAgainMs);
  }
  try {
    return await work();
  } finally {
    await unlink(lock).catch(() => {});
  }
}

async function taken(lock: string): Promise<boolean> {
  try {
    await symlink(String(process.pid), lock);
    return true;
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') return false;
    throw cause;
  }
}

async function isAbandoned(lock: string): Promise<boolean> {
  try {
    const { mtimeMs } = await lstat(lock);
    return Date.now() - mtimeMs > abandonedAfterMs || !isAlive(Number(await readlink(lock)));
  } catch {
    // Given back in this moment.
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (cause) {
    // A process of another user lives too.
    return cause instanceof Error && 'code' in cause && cause.code === 'EPERM';
  }
}
