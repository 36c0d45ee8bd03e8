import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { QueueLook } from '../../src/queue/look.ts';
import { startWatchdog, type Watchdog } from '../../src/queue/watchdog.ts';
import { handClock } from '../fakes/hand-clock.ts';
import { NOW } from '../fakes/samples.ts';

const waiting = (over: Partial<QueueLook> = {}): QueueLook => ({
  queue: 'q-plan',
  waiting: 1,
  active: 0,
  delayed: 0,
  failed: 0,
  busyHere: 0,
  oldest: { id: 'plan.a', at: NOW - 3_600_000, starts: 0 },
  ...over,
});

const empty = (): QueueLook => {
  const { oldest: _none, ...rest } = waiting({ queue: 'q-slack', waiting: 0 });
  return rest;
};

let watchdog: Watchdog | undefined;
afterEach(async () => {
  const stopped = watchdog?.stop();
  await stopped;
});

/** Lets `seconds` pass in looks of five; each look is made by `look`. Returns why the process was to be ended. */
async function reasonsAfter(
  seconds: number,
  look: (second: number) => readonly QueueLook[] | Promise<never>,
): Promise<readonly string[]> {
  const clock = handClock(NOW);
  const reasons: string[] = [];
  const logged: string[] = [];
  const error = (message: string) => void logged.push(message);
  watchdog = startWatchdog({
    look: async () => look((clock.now() - NOW) / 1_000),
    onStuck: (reason) => void reasons.push(reason),
    clock,
    log: { debug() {}, info() {}, warn() {}, error },
  });
  for (let second = 0; second < seconds; second += 5) {
    for (let turns = 0; turns < 5; turns += 1) await turn();
    clock.advance(5_000);
  }
  for (let turns = 0; turns < 5; turns += 1) await turn();
  expect(logged).toEqual(reasons.map(() => 'A worker is stuck'));
  return reasons;
}

describe('a worker that does not take what waits', () => {
  it('is ended after a minute of doing nothing, once', async () => {
    expect(await reasonsAfter(60, () => [waiting()])).toEqual([]);
    await watchdog?.stop();
    expect(await reasonsAfter(200, () => [empty(), waiting()])).toEqual([
      'Job plan.a is next in q-plan for 60 s, and this idle worker does not take it.',
    ]);
  });

  it('is not ended while it works on something of that queue', async () => {
    expect(await reasonsAfter(200, () => [waiting({ busyHere: 1 })])).toEqual([]);
  });

  it('is not ended while the queue moves', async () => {
    const moving = (second: number) => [
      waiting({ oldest: { id: `plan.${Math.floor(second / 30)}`, at: 0, starts: 0 } }),
    ];
    expect(await reasonsAfter(300, moving)).toEqual([]);
    const handedBack = (second: number) => [
      waiting({ oldest: { id: 'apply.a', at: 0, starts: Math.floor(second / 30) } }),
    ];
    await watchdog?.stop();
    expect(await reasonsAfter(300, handedBack)).toEqual([]);
  });

  it('is not ended because another worker holds the lane', async () => {
    const lane = { queue: 'q-lane-web', lane: 'web' };
    expect(await reasonsAfter(200, () => [waiting({ ...lane, active: 1 })])).toEqual([]);
    await watchdog?.stop();
    expect(await reasonsAfter(200, () => [waiting(lane)])).toHaveLength(1);
  });

  it('is not ended while Redis does not answer, and the minute begins anew', async () => {
    const away = (second: number) =>
      second % 50 === 0 ? Promise.reject(new Error('away')) : [waiting()];
    expect(await reasonsAfter(300, away)).toEqual([]);
  });

  it('is not ended for what waited long before it was started', async () => {
    expect(await reasonsAfter(30, () => [waiting()])).toEqual([]);
  });
});
