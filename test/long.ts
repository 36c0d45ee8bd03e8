import { it } from 'vitest';

/** True in `npm run test:long`. */
export const LONG = process.env.LB_TEST_LONG === '1';

/** A test that takes so long that only `npm run test:long` plays it. */
export const itLong: (name: string, test: () => Promise<void>, msMax?: number) => void = (
  name,
  test,
  msMax,
) => {
  if (LONG) it(name, test, msMax);
};
