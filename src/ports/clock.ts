/** Time as an argument, so that tests set it by hand. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves after `ms`, or at once when the signal ends. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
