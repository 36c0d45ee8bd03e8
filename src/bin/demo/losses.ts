import type { Traffic } from './traffic.ts';

/** Failed requests, told apart: those while something was broken on purpose, and all others, which nothing excuses. */
export interface Losses {
  /** From now on failures through this front, or through all, are those of something broken. Ends with the function that comes back. */
  excuse(front?: string): () => void;
  excused(): number;
  unexcused(): number;
}

export function watchLosses(traffic: Pick<Traffic, 'failed'>): Losses {
  let ended = 0;
  const running = new Set<() => number>();
  const excused = () => [...running].reduce((sum, count) => sum + count(), ended);
  return {
    excuse(front) {
      const before = traffic.failed(front);
      const count = () => traffic.failed(front) - before;
      running.add(count);
      return () => {
        if (!running.delete(count)) return;
        ended += count();
      };
    },
    excused,
    unexcused: () => traffic.failed() - excused(),
  };
}
