import { vi } from 'vitest';
import { type ChangeRecord, isOpen } from '../../src/domain/change.ts';
import type { Stage } from '../stage/stage.ts';
import { startLb } from '../stage/worker-process.ts';
import { idIn, typed } from './acting.ts';

/** A director of the lab is a slow machine, on a busy one. */
const PATIENCE_MS = 60_000;
const ATTEMPTS_MAX = 6;
/** A read that the device did not answer in time: nothing was changed, and people ask again. */
const TOO_BUSY = ['TIMEOUT', 'UNREACHABLE'];

/** Types a change and waits for its end; types it again when the director was only too slow to be read. */
export async function ended(
  stage: Stage,
  text: string,
  attemptsMax = ATTEMPTS_MAX,
): Promise<ChangeRecord> {
  for (let attempt = 1; ; attempt += 1) {
    const id = idIn(await typed(stage, text));
    const record = await vi.waitFor(
      async () => {
        const latest = await stage.records.changes.get(id);
        if (latest !== undefined && !isOpen(latest.state)) return latest;
        throw new Error(`${id} is ${latest?.state}.`);
      },
      { timeout: PATIENCE_MS, interval: 50 },
    );
    const isBusy = record.state === 'refused' && TOO_BUSY.includes(record.fault?.code ?? '');
    if (!isBusy || attempt >= attemptsMax) return record;
  }
}

/** Runs `lb …` to its end; again when it failed because the director was only too slow to be read. */
export async function patientLb(stage: Stage, ...args: string[]) {
  for (let attempt = 1; ; attempt += 1) {
    const run = startLb(args, stage.environment);
    const code = await run.exited;
    const output = run.output();
    const isBusy = output.includes('stopped before an answer came') && !output.includes(': done');
    if (!isBusy || attempt >= ATTEMPTS_MAX) return { code, output };
  }
}
