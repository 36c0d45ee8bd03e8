import { setTimeout as pause } from 'node:timers/promises';
import { faultOf } from '../../domain/errors.ts';
import { PASSING, Refusal } from './refusal.ts';
import type { Task } from './unit.ts';

const REPEAT_AFTER_MS = [250, 500, 1_000] as const;

/**
 * Asks a question again that found the unit busy, restarting or breaking off, a few times and within `msMax`. For
 * questions only: what changes something is sent once.
 */
export async function repeated<T>(
  question: () => Promise<T>,
  { signal }: Task,
  msMax: number,
): Promise<T> {
  const giveUpAt = performance.now() + msMax;
  for (const waitMs of REPEAT_AFTER_MS) {
    try {
      return await question();
    } catch (thrown) {
      // Not all at the same moment: many may have met the same restart.
      const scattered = waitMs * (0.75 + Math.random() / 2);
      if (!isPassing(thrown) || performance.now() + scattered > giveUpAt) throw thrown;
      await pause(scattered, undefined, { signal }).catch(() => {
        throw thrown;
      });
    }
  }
  return question();
}

function isPassing(thrown: unknown): boolean {
  if (thrown instanceof Refusal) return PASSING.includes(thrown.status);
  return faultOf(thrown).code === 'CUT_REPLY';
}
