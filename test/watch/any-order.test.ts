import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Observation } from '../../src/watch/observation.ts';
import { EDGE, factOf, line, rounds, type Seen, story } from './scenes.ts';

const T = 1_000_000;
const MASTER: Seen = { state: 2, priority: 100 };
const BACKUP: Seen = { state: 1, priority: 90 };
const usual = (node: string) => (node === 'lvs-1' ? MASTER : BACKUP);
const at = (ms: number) => T + 10_000 + ms;

/** What the two directors report of one event, each with the number it has. */
interface Report {
  readonly director: string;
  readonly sequence: number;
  readonly state: 'MASTER' | 'BACKUP' | 'FAULT' | 'STOP';
  readonly happened: number;
}

const REPORTS: Readonly<Record<string, readonly Report[]>> = {
  'keepalived was stopped': [
    { director: 'lvs-1', sequence: 1, state: 'STOP', happened: 100 },
    { director: 'lvs-2', sequence: 1, state: 'MASTER', happened: 750 },
  ],
  'a script failed': [
    { director: 'lvs-1', sequence: 1, state: 'FAULT', happened: 100 },
    { director: 'lvs-2', sequence: 1, state: 'MASTER', happened: 900 },
  ],
  'the priority fell': [
    { director: 'lvs-2', sequence: 1, state: 'MASTER', happened: 100 },
    { director: 'lvs-1', sequence: 1, state: 'BACKUP', happened: 105 },
  ],
  'keepalived was restarted': [
    { director: 'lvs-1', sequence: 1, state: 'STOP', happened: 100 },
    { director: 'lvs-2', sequence: 1, state: 'MASTER', happened: 750 },
    { director: 'lvs-1', sequence: 2, state: 'BACKUP', happened: 1_500 },
  ],
};

/** Every report up to three times, in any order, each with a delay of its own; clocks are off by what they like. */
function deliveries(reports: readonly Report[]): fc.Arbitrary<readonly Observation[]> {
  const copies = reports.map((report) =>
    fc
      .array(fc.nat({ max: 3_000 }), { minLength: 1, maxLength: 3 })
      .map((delays) =>
        delays.map((delay) => ({ report, receivedAt: at(report.happened) + delay })),
      ),
  );
  const skews = fc.record({
    'lvs-1': fc.integer({ min: -20_000, max: 20_000 }),
    'lvs-2': fc.integer({ min: -20_000, max: 20_000 }),
  });
  return fc.tuple(fc.tuple(...copies), skews).chain(([all, skew]) => {
    const lines = all.flat().map(({ report, receivedAt }) =>
      line(report.director, report.sequence, report.state, receivedAt, {
        at: at(report.happened) + (report.director === 'lvs-1' ? skew['lvs-1'] : skew['lvs-2']),
      }),
    );
    return fc.shuffledSubarray(lines, { minLength: lines.length });
  });
}

describe.each(Object.entries(REPORTS))('when %s', (_what, reports) => {
  it('any order and number of reports of it is one fail-over, from lvs-1 to lvs-2', () => {
    fc.assert(
      fc.property(deliveries(reports), (lines) => {
        const told = story(EDGE).go(...rounds(EDGE, T, T + 10_000, usual), ...lines);
        expect(told.only()).toMatchObject({ kind: 'failover', state: 'open' });
        expect(factOf(told.only(), 'Old master')).toBe('lvs-1');
        expect(factOf(told.only(), 'New master')).toBe('lvs-2');
        expect(told.only().events.length).toBeLessThanOrEqual(reports.length);
      }),
      { numRuns: 80 },
    );
  });

  it('looks before, between and after them do not make it two', () => {
    const after = (node: string): Seen =>
      node === 'lvs-2' ? { ...BACKUP, state: 2 } : { ...MASTER, state: 1 };
    const looks = rounds(EDGE, at(2_000), at(20_000), after);
    fc.assert(
      fc.property(deliveries(reports), fc.array(fc.nat()), (lines, places) => {
        const mixed: Observation[] = [...looks];
        for (const [index, each] of lines.entries()) {
          mixed.splice((places[index] ?? 0) % (mixed.length + 1), 0, each);
        }
        const told = story(EDGE).go(...rounds(EDGE, T, T + 10_000, usual), ...mixed);
        expect(told.only()).toMatchObject({ kind: 'failover', state: 'over' });
      }),
      { numRuns: 30 },
    );
  });
});
