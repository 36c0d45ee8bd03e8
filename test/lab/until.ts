import { setTimeout as delay } from 'node:timers/promises';

const EVERY_MS = 25;

/** Asks until the answer is yes; throws with `what` when that takes longer than `msMax`. */
export async function until(
  what: string,
  msMax: number,
  ask: () => boolean | Promise<boolean>,
): Promise<void> {
  const end = performance.now() + msMax;
  while (!(await ask())) {
    if (performance.now() > end)
      throw new Error(`Waiting for ${what}: not within ${msMax / 1000} s.`);
    await delay(EVERY_MS);
  }
}
