import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Observation } from '../../src/watch/observation.ts';
import { EDGE, factOf, line, lookOf, rounds, type Seen, story } from './scenes.ts';

const T = 1_000_000;
const MASTER: Seen = { state: 2, priority: 100 };
const BACKUP: Seen = { state: 1, priority: 90 };
const calm = () =>
  story(EDGE).go(
    line('lvs-1', 1, 'MASTER', T - 60_000),
    line('lvs-2', 1, 'BACKUP', T - 60_000),
    ...rounds(EDGE, T, T + 10_000, (node) => (node === 'lvs-1' ? MASTER : BACKUP)),
  );

/** The two bounds that the message gives, in ms. */
function told(text: string | undefined): { readonly least: number; readonly most: number } {
  const found = /between ([\d.]+) s and ([\d.]+) s/.exec(text ?? '');
  return { least: Number(found?.[1]) * 1_000, most: Number(found?.[2]) * 1_000 };
}

interface Truth {
  /** keepalived on the MASTER stopped, and the other one took over, in ms after the calm. */
  readonly gone: number;
  readonly back: number;
}

const AFTER = T + 10_000;

function seenThen(node: string, at: number, { gone, back }: Truth): Seen {
  if (node === 'lvs-1') return at < gone ? MASTER : { state: 'gone', vip: false };
  return at < back ? BACKUP : { ...BACKUP, state: 2 };
}

interface Slow {
  /** How long each look takes, and at which share of it the device was as the look shows it. */
  readonly ms: number;
  readonly share: number;
}

/** One look after the other at each node, with a pause; each shows one moment of the time that it took. */
function looksAt(node: string, truth: Truth, slow: readonly Slow[]): readonly Observation[] {
  let at = AFTER;
  return slow.map(({ ms, share }) => {
    const seen = seenThen(node, at - AFTER + ms * share, truth);
    const look = lookOf(EDGE, node, at, seen);
    const until = at + ms;
    at = until + 1_000;
    return look.kind === 'look' ? { ...look, until } : look;
  });
}

const endOf = (each: Observation) =>
  each.kind === 'look' ? each.until : each.kind === 'line' ? each.line.receivedAt : 0;

const truths = fc
  .record({ gone: fc.integer({ min: 0, max: 4_000 }), away: fc.integer({ min: 0, max: 5_000 }) })
  .map(({ gone, away }): Truth => ({ gone, back: gone + away }));
const slow = fc.array(
  fc.record({
    ms: fc.integer({ min: 5, max: 2_500 }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
  { minLength: 12, maxLength: 12 },
);

describe('the time without a master, where nothing probes the VIP', () => {
  it('is an interval that contains the true one, however slow looks are and whenever they fall', () => {
    fc.assert(
      fc.property(truths, slow, slow, (truth, first, second) => {
        const all = [...looksAt('lvs-1', truth, first), ...looksAt('lvs-2', truth, second)];
        const incident = calm()
          .go(...all.sort((a, b) => endOf(a) - endOf(b)))
          .only();
        const { least, most } = told(factOf(incident, 'Without a master'));
        const length = truth.back - truth.gone;
        expect(least).toBeLessThanOrEqual(length);
        expect(most).toBeGreaterThanOrEqual(length);
      }),
    );
  });

  it('still does so with lines that were some time on their way', () => {
    const delay = fc.integer({ min: 0, max: 2_000 });
    const noted = fc.integer({ min: 0, max: 300 });
    fc.assert(
      fc.property(truths, slow, slow, delay, delay, noted, (truth, first, second, d1, d2, late) => {
        const lines = [
          { node: 'lvs-1', state: 'STOP', at: truth.gone, delay: d1 },
          { node: 'lvs-2', state: 'MASTER', at: truth.back, delay: d2 },
        ] as const;
        const all = [
          ...looksAt('lvs-1', truth, first),
          ...looksAt('lvs-2', truth, second),
          ...lines.map(({ node, state, at, delay: way }) => {
            const said = AFTER + at + late;
            return line(node, 2, state, said + way, { at: said, ageMs: 0 });
          }),
        ];
        const incident = calm()
          .go(...all.sort((a, b) => endOf(a) - endOf(b)))
          .only();
        const { least, most } = told(factOf(incident, 'Without a master'));
        const length = truth.back - truth.gone;
        expect(least).toBeLessThanOrEqual(length);
        expect(most).toBeGreaterThanOrEqual(length);
      }),
    );
  });

  it('is narrower with lines: by them nothing happened until shortly before', () => {
    const incident = calm()
      .go(
        line('lvs-1', 2, 'STOP', AFTER + 1_500),
        line('lvs-2', 2, 'MASTER', AFTER + 4_800),
        lookOf(EDGE, 'lvs-2', AFTER + 5_000, { ...BACKUP, state: 2 }),
      )
      .only();
    expect(factOf(incident, 'Without a master')).toMatch(/^between 2\.8 s and 3\.8 s/);
  });

  it('is not narrowed by a line before which one is missing', () => {
    const incident = calm()
      .go(
        line('lvs-1', 3, 'STOP', AFTER + 1_500),
        line('lvs-2', 2, 'MASTER', AFTER + 2_800),
        lookOf(EDGE, 'lvs-2', AFTER + 3_000, { ...BACKUP, state: 2 }),
      )
      .only();
    expect(told(factOf(incident, 'Without a master')).most).toBe(4_800);
  });
});

describe('a director that answers slowly', () => {
  it('is no split brain because its look began before the other one gave way', () => {
    const look = lookOf(EDGE, 'lvs-2', AFTER, { ...BACKUP, state: 2 });
    const slowLook = look.kind === 'look' ? { ...look, until: AFTER + 3_000 } : look;
    const said = calm().go(
      lookOf(EDGE, 'lvs-1', AFTER + 1_600, MASTER),
      slowLook,
      ...rounds(EDGE, AFTER + 3_100, AFTER + 20_000, (node) =>
        node === 'lvs-2' ? { ...BACKUP, state: 2 } : { ...MASTER, state: 1 },
      ),
    );
    expect(said.kinds()).toEqual(['failover']);
  });
});
