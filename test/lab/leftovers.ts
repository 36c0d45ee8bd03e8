import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const FOLDER_PREFIX = 'lb-lab-';
const OWNER_FILE = 'owner';

/** Notes that this process holds the lab of that folder up. */
export function claimFolder(directory: string): void {
  writeFileSync(join(directory, OWNER_FILE), `${process.pid} ${startedAt(process.pid)}\n`);
}

/** Removes folders of labs whose process is gone; their processes went with it. Touches nothing of other users. */
export function removeLeftovers(parent: string): readonly string[] {
  const removed: string[] = [];
  for (const name of readdirSync(parent)) {
    const directory = join(parent, name);
    if (!name.startsWith(FOLDER_PREFIX) || !isOurs(directory) || isOwned(directory)) continue;
    rmSync(directory, { recursive: true, force: true });
    removed.push(directory);
  }
  return removed;
}

function isOurs(directory: string): boolean {
  try {
    const found = statSync(directory);
    return found.isDirectory() && found.uid === process.getuid?.();
  } catch {
    return false;
  }
}

function isOwned(directory: string): boolean {
  try {
    const [pid = '', started = ''] = readFileSync(join(directory, OWNER_FILE), 'utf8')
      .trim()
      .split(' ');
    return startedAt(Number(pid)) === started;
  } catch {
    // A folder that is being made has no owner yet.
    return Date.now() - statSync(directory).mtimeMs < 60_000;
  }
}

/** Tells a process from a later one of the same number; empty when there is none. */
export function startedAt(pid: number): string {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
