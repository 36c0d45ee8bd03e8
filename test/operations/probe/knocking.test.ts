import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/bin/system-clock.ts';
import { tcpCheck } from '../../../src/checks/tcp.ts';
import { startKnocking } from '../../../src/operations/probe/knocking.ts';
import {
  type Heard,
  type Knock,
  lengthOf,
  NOTHING_HEARD,
  withKnock,
} from '../../../src/operations/probe/silences.ts';
import type { CheckResult } from '../../../src/ports/check.ts';
import { eventually } from '../../fakes/eventually.ts';
import { handClock } from '../../fakes/hand-clock.ts';

const listen = (port = 0) =>
  new Promise<Server>((resolve) => {
    const server = createServer((client) => client.on('error', () => {}).end());
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
const portOf = (server: Server) => {
  const at = server.address();
  return typeof at === 'object' && at !== null ? at.port : 0;
};
const vip = { address: '192.0.2.11', port: 80 };

let stop = () => {};
afterEach(() => stop());

describe('knocks at a server that goes away and comes back', () => {
  it('say how long it was away, to within an interval between two of them', async () => {
    let server = await listen();
    const port = portOf(server);
    let heard: Heard = NOTHING_HEARD;
    const context = { clock: systemClock, check: tcpCheck() };
    const place = { address: '127.0.0.1', port };
    ({ stop } = startKnocking(context, place, {
      everyMs: 50,
      heard: (knock) => {
        heard = withKnock(heard, knock);
      },
    }));
    await eventually(() => heard.knocks).toBeGreaterThan(3);
    const gone = performance.now();
    await new Promise((resolve) => server.close(resolve));
    await eventually(() => heard.lost).toBeGreaterThan(8);
    server = await listen(port);
    const truth = performance.now() - gone;
    await eventually(() => heard.silences.at(-1)?.until).toBeDefined();
    const { leastMs, mostMs = 0 } = lengthOf(heard.silences.at(-1) ?? { from: 0, to: 0, lost: 0 });
    expect(heard.silences).toHaveLength(1);
    expect(leastMs).toBeLessThanOrEqual(truth + 5);
    expect(mostMs).toBeGreaterThanOrEqual(truth - 5);
    expect(Math.abs((leastMs + mostMs) / 2 - truth)).toBeLessThan(200);
    await new Promise((resolve) => server.close(resolve));
  });
});

/** A check whose ends the test decides. */
function heldCheck() {
  const open: ((result: CheckResult) => void)[] = [];
  let begun = 0;
  return {
    begun: () => begun,
    open,
    reach: () =>
      new Promise<CheckResult>((resolve) => {
        begun += 1;
        open.push(resolve);
      }),
  };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));
const answered = { reached: true, ms: 1 } as const;
const lost = { reached: false, reason: 'no answer' } as const;

describe('knocks', () => {
  it('are told in the order in which they began, not in that of their ends', async () => {
    const clock = handClock(1_000);
    const check = heldCheck();
    const heard: Knock[] = [];
    ({ stop } = startKnocking({ clock, check }, vip, {
      everyMs: 100,
      heard: (each) => heard.push(each),
    }));
    clock.advance(100);
    await turn();
    check.open[1]?.(answered);
    await turn();
    expect(heard).toEqual([]);
    check.open[0]?.(lost);
    await turn();
    expect(heard).toEqual([
      { at: 1_000, isAnswered: false },
      { at: 1_100, isAnswered: true },
    ]);
  });

  it('count one that was answered by a repeated packet as lost', async () => {
    const clock = handClock(0);
    const check = heldCheck();
    const heard: Knock[] = [];
    ({ stop } = startKnocking({ clock, check }, vip, {
      everyMs: 100,
      heard: (each) => heard.push(each),
    }));
    check.open[0]?.({ reached: true, ms: 1_003 });
    await turn();
    expect(heard).toEqual([{ at: 0, isAnswered: false }]);
  });

  it('never pile up where nobody answers, and come less often after a while', async () => {
    const clock = handClock(0);
    const check = heldCheck();
    ({ stop } = startKnocking({ clock, check }, vip, { everyMs: 100, heard: () => {} }));
    for (let n = 0; n < 100; n += 1) {
      clock.advance(100);
      await turn();
    }
    expect(check.open.length).toBe(16);
    const end = () => check.open.splice(0).forEach((resolve) => void resolve(lost));
    for (let n = 0; n < 250; n += 1) {
      end();
      clock.advance(100);
      await turn();
    }
    const before = check.begun();
    for (let n = 0; n < 100; n += 1) {
      end();
      clock.advance(100);
      await turn();
    }
    expect(check.begun() - before).toBe(10);
  });

  it('that were under way while this process was held up count for nothing', async () => {
    const clock = handClock(0);
    const check = heldCheck();
    const heard: Knock[] = [];
    ({ stop } = startKnocking({ clock, check }, vip, {
      everyMs: 100,
      heard: (each) => heard.push(each),
    }));
    clock.advance(900);
    await turn();
    for (const resolve of check.open.splice(0)) resolve(lost);
    await turn();
    expect(heard).toEqual([{ at: 900, isAnswered: false }]);
  });
});
