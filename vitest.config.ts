import { defineConfig } from 'vitest/config';

/** `npm run test:long` sets it: only the long tests, which take minutes, run then. */
const long = process.env.LB_TEST_LONG === '1';

export default defineConfig({
  test: {
    pool: 'forks',
    // Most of the time is spent waiting for devices.
    maxWorkers: 4,
    // Generous, for a machine that is busy with other things: a test waits for events, not for time.
    testTimeout: long ? 300_000 : 120_000,
    hookTimeout: 90_000,
    expect: { poll: { timeout: 30_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'main',
          // Each file would load every library anew, which takes longer than most tests.
          isolate: false,
          include: long ? ['test/**/*.long.ts', 'test/fuzz/*.test.ts'] : ['test/**/*.test.ts'],
          exclude: ['test/**/*.lab.long.ts', 'test/**/*.pair.long.ts'],
        },
      },
      {
        extends: true,
        // One lab for all of them, which they use one after the other.
        test: {
          name: 'lab',
          include: long ? ['test/**/*.lab.ts', 'test/**/*.lab.long.ts'] : ['test/**/*.lab.ts'],
          globalSetup: 'test/lab/global-setup.ts',
          fileParallelism: false,
        },
      },
      {
        extends: true,
        // Namespaces of their own, without directors.
        test: {
          name: 'pair',
          include: long ? ['test/**/*.pair.ts', 'test/**/*.pair.long.ts'] : ['test/**/*.pair.ts'],
          fileParallelism: false,
        },
      },
    ],
  },
});
