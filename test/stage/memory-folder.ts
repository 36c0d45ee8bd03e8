import { accessSync, constants, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where files are memory, if there is such a place. */
const MEMORY = '/dev/shm';

function isThere(): boolean {
  try {
    accessSync(MEMORY, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * A new folder for what a store writes down before each answer: of many stores on one disk, each waits for all the
 * others. A process that is killed loses nothing there.
 */
export function memoryFolder(prefix: string): string {
  return mkdtempSync(join(isThere() ? MEMORY : tmpdir(), prefix));
}
