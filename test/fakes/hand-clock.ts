import type { Clock } from '../../src/ports/clock.ts';

/** Time that stands still until a test moves it. */
export interface HandClock extends Clock {
  set(now: number): void;
  /** Moves time and wakes whoever slept until then. */
  advance(ms: number): void;
  /** How many are asleep. */
  sleepers(): number;
}

export function handClock(start: number): HandClock {
  let now = start;
  const asleep = new Set<{ readonly at: number; readonly wake: () => void }>();
  return {
    now: () => now,
    set(time) {
      now = time;
    },
    advance(ms) {
      now += ms;
      for (const sleeper of [...asleep]) {
        if (sleeper.at <= now) sleeper.wake();
      }
    },
    sleepers: () => asleep.size,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const sleeper = { at: now + ms, wake };
        function wake() {
          asleep.delete(sleeper);
          signal?.removeEventListener('abort', wake);
          resolve();
        }
        asleep.add(sleeper);
        signal?.addEventListener('abort', wake, { once: true });
      }),
  };
}

/**
 * Time that jumps: whoever sleeps wakes at once, and as much later as they wanted to sleep. For flows that wait
 * in loops; the same number of looks at the same times, without the waiting.
 */
export function jumpingClock(start: number): HandClock {
  const hand = handClock(start);
  return {
    ...hand,
    async sleep(ms, signal) {
      await new Promise((resolve) => setImmediate(resolve));
      if (!signal?.aborted) hand.advance(ms);
    },
  };
}
