/** A time limit joined with signals from outside. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** In words, once it ended: `no answer within 5 s` or `stopped before an answer came`. */
  readonly reason: () => string;
  /** Stops the timer. */
  readonly release: () => void;
}

export function openDeadline(limitMs: number, outers: readonly AbortSignal[]): Deadline {
  const controller = new AbortController();
  let reason = 'stopped before an answer came';
  const stop = () => controller.abort();
  const timer = setTimeout(() => {
    reason = `no answer within ${limitMs / 1000} s`;
    stop();
  }, limitMs);
  for (const outer of outers) {
    if (outer.aborted) stop();
    else outer.addEventListener('abort', stop, { once: true });
  }
  return {
    signal: controller.signal,
    reason: () => reason,
    release: () => {
      clearTimeout(timer);
      for (const outer of outers) outer.removeEventListener('abort', stop);
    },
  };
}

/** `work`, or a rejection with `ended()` as soon as the signal ends; `work` itself goes on unheard. */
export async function untilEnded<T>(
  work: Promise<T>,
  signal: AbortSignal,
  ended: () => Error,
): Promise<T> {
  let stop: () => void = () => {};
  const end = new Promise<never>((_resolve, reject) => {
    stop = () => reject(ended());
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, end]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
