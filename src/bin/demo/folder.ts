import { lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PREFIX = 'lb-demo-';
/** A socket below it may have 103 bytes (macOS), and its name takes up to 45. */
const TEMPORARY_BYTES_MAX = 40;

export interface DemoFolder {
  readonly path: string;
  remove(): void;
}

/**
 * An empty folder for one run, gone when the process ends, however it ends by itself. What a run left that
 * was killed (SIGKILL) is taken away here.
 */
export function openDemoFolder(): DemoFolder {
  const place = Buffer.byteLength(tmpdir()) > TEMPORARY_BYTES_MAX ? '/tmp' : tmpdir();
  for (const name of readdirSync(place)) {
    if (isLeftOver(place, name)) rmSync(join(place, name), { recursive: true, force: true });
  }
  const path = mkdtempSync(join(place, `${PREFIX}${process.pid}-`));
  const remove = () => rmSync(path, { recursive: true, force: true });
  process.once('exit', remove);
  return { path, remove };
}

/** Our own folder of a run whose process is no more. */
function isLeftOver(place: string, name: string): boolean {
  const pid = new RegExp(`^${PREFIX}(\\d{1,9})-`).exec(name)?.[1];
  if (pid === undefined) return false;
  const found = lstatSync(join(place, name), { throwIfNoEntry: false });
  if (found?.isDirectory() !== true || found.uid !== process.getuid?.()) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (thrown) {
    return thrown instanceof Error && Reflect.get(thrown, 'code') === 'ESRCH';
  }
}
