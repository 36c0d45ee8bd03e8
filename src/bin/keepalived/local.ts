import { readFileSync } from 'node:fs';
import { OperationError } from '../../domain/errors.ts';
import { filesOnDisk } from '../../keepalived/on-disk.ts';
import type { Linted } from './linted.ts';

/** A configuration on this machine. */
export function readLocal(name: string): Linted {
  return { name, files: reading(name, () => filesOnDisk(name)) };
}

export function textOfFile(name: string): string {
  return reading(name, () => readFileSync(name, 'utf8'));
}

function reading<Read>(name: string, read: () => Read): Read {
  try {
    return read();
  } catch (thrown) {
    const words = thrown instanceof Error ? thrown.message : String(thrown);
    throw new OperationError('USAGE', `Reading ${name}: ${words}`);
  }
}
