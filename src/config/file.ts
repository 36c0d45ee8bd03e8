import { readFileSync, statSync } from 'node:fs';
import type { ConfigFault } from './fault.ts';
import { type InventoryResult, loadInventory } from './inventory.ts';

const fileBytesMax = 1_000_000;

/** The inventory in a file; a file that cannot be read is a fault like any other. */
export function loadConfigFile(path: string): InventoryResult {
  try {
    const found = statSync(path);
    const { size } = found;
    if (!found.isFile() && !found.isFIFO())
      return refused(path, 'a readable file', found.isDirectory() ? 'a directory' : 'a device');
    if (size > fileBytesMax) return refused(path, `at most ${fileBytesMax} bytes`, `${size} bytes`);
    const text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
    return loadInventory(text, path);
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA')
      return refused(path, 'text in UTF-8', 'other bytes');
    return refused(path, 'a readable file', whyUnreadable(code));
  }
}

function whyUnreadable(code: string | undefined): string {
  switch (code) {
    case 'ENOENT':
      return 'no such file';
    case 'EACCES':
      return 'permission denied';
    default:
      return code ?? 'an unknown failure';
  }
}

function refused(path: string, expected: string, got: string): InventoryResult {
  const fault: ConfigFault = { path, expected, got };
  return { ok: false, faults: [fault] };
}
