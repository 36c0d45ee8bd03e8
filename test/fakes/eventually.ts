import { expect } from 'vitest';

/** Looks again and again until it is so; for as long as a busy machine may need, and never longer than that. */
export const eventually = <T>(look: () => T, { timeout = 5_000 }: { timeout?: number } = {}) =>
  expect.poll(look, { timeout, interval: 20 });
