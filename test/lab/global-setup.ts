import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLab } from './lab.ts';
import { GIVEN_LAB } from './use-lab.ts';

/** One lab for a whole run of tests; those who use it must not run side by side. */
export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  if (process.env[GIVEN_LAB] !== undefined) return undefined;
  const { lab, stop } = await startLab();
  const folder = mkdtempSync(join(tmpdir(), 'lb-'));
  const file = join(folder, 'lab.json');
  writeFileSync(file, JSON.stringify({ lab: lab.state }), { mode: 0o600 });
  process.env[GIVEN_LAB] = file;
  return async () => {
    await stop();
    rmSync(folder, { recursive: true, force: true });
  };
}
