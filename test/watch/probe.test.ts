import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/bin/system-clock.ts';
import { tcpCheck } from '../../src/checks/tcp.ts';
import { OperationError } from '../../src/domain/errors.ts';
import type { VipMeasure, VipSilence } from '../../src/domain/scene.ts';
import type { Observation } from '../../src/watch/observation.ts';
import { startProbing } from '../../src/watch/probing.ts';
import { eventually } from '../fakes/eventually.ts';
import { EDGE, factOf, line, lookOf, rounds, type Seen, silence, story } from './scenes.ts';

const T = 1_000_000;
const MASTER: Seen = { state: 2, priority: 100 };
const BACKUP: Seen = { state: 1, priority: 90 };
const usual = (node: string) => (node === 'lvs-1' ? MASTER : BACKUP);
const stopped = (node: string): Seen =>
  node === 'lvs-1' ? { state: 'gone', vip: false } : { ...BACKUP, state: 2 };
const at = (seconds: number) => T + 10_000 + seconds * 1_000;
const calm = () => story(EDGE).go(...rounds(EDGE, T, at(0), usual));

const probe = (
  seconds: number,
  silences: readonly VipSilence[],
  over: Partial<VipMeasure> = {},
): Observation => ({
  kind: 'probe',
  at: at(seconds),
  measure: {
    vip: '192.168.100.11 port 80',
    everyMs: 100,
    since: T,
    until: at(seconds),
    silences,
    ...over,
  },
});
const away = (from: number, until: number): VipSilence => ({
  from: at(from),
  to: at(until) - 100,
  before: at(from) - 100,
  until: at(until),
});
const { until: _open, ...lasting } = away(0.2, 1.4);
const MET = 'Clients met';

describe('a probe of the VIP', () => {
  it('says in the fail-over how long clients got no answer, instead of an interval', () => {
    const told = calm().go(
      probe(0.9, [lasting]),
      lookOf(EDGE, 'lvs-2', at(1.5), { ...BACKUP, state: 2 }),
    );
    expect(factOf(told.only(), MET)).toMatch(/^no answer since \d\d:\d\d:\d\d UTC/);
    told.go(probe(1.6, [away(0.2, 1.4)]), ...rounds(EDGE, at(2), at(30), stopped));
    expect(factOf(told.only(), MET)).toBe(
      'no answer for 1.20 s, measured every 100 ms (192.168.100.11 port 80)',
    );
    expect(factOf(told.only(), 'Without a master')).toBeUndefined();
    expect(told.events.filter(({ kind }) => kind === 'unanswered')).toHaveLength(1);
    expect(told.only().events.map(({ text }) => text)).toContain(
      '192.168.100.11 port 80 gave no answer for 1.20 s, measured every 100 ms.',
    );
  });

  it('says so too where it was over before anybody saw the new MASTER', () => {
    const told = calm().go(
      probe(1.5, [away(0.2, 1.4)]),
      lookOf(EDGE, 'lvs-2', at(2), { ...BACKUP, state: 2 }),
    );
    expect(factOf(told.only(), MET)).toContain('no answer for 1.20 s');
  });

  it('says that nobody met anything, and only where it tried all the time', () => {
    const moved = () => calm().go(...rounds(EDGE, at(0), at(4), stopped));
    expect(factOf(moved().go(probe(4, [])).only(), MET)).toBe(
      'every try was answered, one every 100 ms (192.168.100.11 port 80)',
    );
    const begun = moved().go(probe(4, [], { since: at(1) }));
    expect(factOf(begun.only(), MET)).toBeUndefined();
    expect(factOf(begun.only(), 'Without a master')).toMatch(/^between/);
  });

  it('tells each of several times, and of many how long they were together', () => {
    const gaps = [away(0.2, 1.4), away(6, 6.5)];
    const told = calm().go(...rounds(EDGE, at(0), at(6), stopped), probe(7, gaps));
    expect(factOf(told.only(), MET)).toContain('no answer 2 times, for 1.20 s, then 0.50 s');
    const many = [0, 2, 4, 6].map((from) => away(from, from + 1));
    told.go(probe(8, many));
    expect(factOf(told.only(), MET)).toContain(
      'no answer 4 times, 4.00 s in all, 1.00 s the longest',
    );
  });

  it('that tried seldom says how far off it may be', () => {
    const { until: _until, ...seldom } = away(0, 40);
    const told = calm().go(
      ...rounds(EDGE, at(0), at(6), stopped),
      probe(41, [{ ...seldom, to: at(39), until: at(40) }]),
    );
    expect(factOf(told.only(), MET)).toContain('no answer for 39.55 s, give or take 0.55 s');
  });

  it('is believed no longer when whoever tried is gone, and its successor saw the end', () => {
    const told = calm().go(
      probe(0.9, [lasting]),
      lookOf(EDGE, 'lvs-2', at(3), { ...BACKUP, state: 2 }),
    );
    expect(factOf(told.only(), MET)).toContain('no answer since');
    told.go(probe(8, [], { since: at(7) }), ...rounds(EDGE, at(8), at(14), stopped));
    expect(factOf(told.only(), MET)).toBeUndefined();
  });

  it('is one message with the lines and looks about the same event, and is told when it was silent alone', () => {
    const alone = calm().go(probe(1.5, [away(0.2, 1.4)]));
    expect(alone.shown).toEqual([]);
    expect(alone.events.map(({ kind }) => kind)).toEqual(['unanswered']);
    alone.go(
      line('lvs-2', 1, 'MASTER', at(1.3)),
      silence('lvs-1', at(2)),
      ...rounds(EDGE, at(3), at(6), (node) => (node === 'lvs-1' ? 'silent' : stopped(node))),
    );
    expect(alone.only()).toMatchObject({ kind: 'failover' });
  });
});

const listen = (port = 0) =>
  new Promise<Server>((resolve) => {
    const server = createServer((client) => client.on('error', () => {}).end());
    server.listen(port, '127.0.0.1', () => resolve(server));
  });

let stop: () => Promise<void> = async () => {};
afterEach(() => stop());

describe('the watcher with the lease of a pair', () => {
  const quiet = { debug() {}, info() {}, warn() {}, error() {} };

  /** Leases are asked for every second, which no test needs to wait for. */
  const hurried = {
    now: () => Date.now(),
    sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(ms > 500 ? ms / 10 : ms, signal),
  };

  async function start(over: {
    readonly hasLease?: () => boolean;
    readonly fails?: () => boolean;
  }) {
    const server = await listen();
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const told: VipMeasure[] = [];
    let tries = 0;
    const check = tcpCheck();
    const site = { ...EDGE, probe: { address: '127.0.0.1', port, everyMs: 50 } };
    const context = {
      clock: hurried,
      log: quiet,
      check: {
        reach: (host: string, at: number, withinMs?: number) => {
          tries += 1;
          return check.reach(host, at, withinMs);
        },
      },
      stores: { leases: { take: async () => over.hasLease?.() ?? true } },
    };
    const desk = {
      isUneasy: () => false,
      observe: async (_site: unknown, seen: Observation) => {
        if (over.fails?.() === true) throw new OperationError('STORE_UNAVAILABLE', 'away');
        if (seen.kind === 'probe') told.push(seen.measure);
        return {} as never;
      },
    };
    const probing = startProbing(context, desk, [site], 'me');
    stop = async () => {
      await probing.stop();
      await new Promise((resolve) => server.close(resolve));
    };
    return { server, port, told, tries: () => tries };
  }

  it('measures a server that was gone, to within 200 ms, though the store was away meanwhile', async () => {
    let isAway = false;
    const { server, port, told, tries } = await start({ fails: () => isAway });
    await eventually(tries).toBeGreaterThan(3);
    isAway = true;
    const gone = performance.now();
    await new Promise((resolve) => server.close(resolve));
    const before = tries();
    await eventually(tries).toBeGreaterThan(before + 12);
    const next = await listen(port);
    const truth = performance.now() - gone;
    isAway = false;
    await eventually(() => told.at(-1)?.silences.at(-1)?.until).toBeDefined();
    await new Promise((resolve) => next.close(resolve));
    const [only, ...others] = told.at(-1)?.silences ?? [];
    expect(others).toEqual([]);
    if (only?.until === undefined) throw new Error('no end');
    const middle = (only.to - only.from + only.until - only.before) / 2;
    expect(Math.abs(middle - truth)).toBeLessThan(200);
  });

  it('tries nothing while another one has it', async () => {
    let isMine = false;
    let asked = 0;
    const { tries } = await start({
      hasLease: () => {
        asked += 1;
        return isMine;
      },
    });
    await eventually(() => asked).toBeGreaterThan(1);
    expect(tries()).toBe(0);
    isMine = true;
    await eventually(tries).toBeGreaterThan(2);
    isMine = false;
    const before = asked;
    await eventually(() => asked).toBeGreaterThan(before + 1);
    const after = tries();
    await eventually(() => asked).toBeGreaterThan(before + 2);
    expect(tries()).toBe(after);
  });
});
