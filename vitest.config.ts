import { defineConfig } from 'vitest/config';

/** `npm run test:long` sets it: only the long tests, which take minutes, run then. */
const long = process.env.LB_TEST_LONG === '1';

export default defineConfig({
  test: {
    include: [long ? 'test/**/*.long.ts' : 'test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 3,
    testTimeout: long ? 300_000 : 20_000,
    hookTimeout: 30_000,
  },
});
