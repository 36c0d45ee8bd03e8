import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { interruptionIn, interruptionWords } from '../../../src/operations/probe/interruption.ts';
import type { Knock } from '../../../src/operations/probe/silences.ts';

const knocks = (pattern: string): readonly Knock[] =>
  [...pattern].map((sign, index) => ({ at: index * 50, isAnswered: sign === '+' }));

describe('what probes say of an interruption', () => {
  it.each([
    ['++++++', { knocks: 6, lost: 0, atLeastMs: 0, atMostMs: 0 }],
    ['++---++', { knocks: 7, lost: 3, atLeastMs: 100, atMostMs: 200 }],
    ['+-+----+-+', { knocks: 10, lost: 6, atLeastMs: 150, atMostMs: 250 }],
    ['++--', { knocks: 4, lost: 2, atLeastMs: 50 }],
  ])('%s', (pattern, found) => {
    expect(interruptionIn(knocks(pattern))).toEqual(found);
  });

  it('is an interval that contains the true one, whenever the probes fell', () => {
    const times = fc.tuple(
      fc.integer({ min: 200, max: 5_000 }),
      fc.integer({ min: 1, max: 4_000 }),
      fc.integer({ min: 1, max: 49 }),
    );
    fc.assert(
      fc.property(times, ([from, length, offset]) => {
        const all = Array.from({ length: 220 }, (_, index) => {
          const at = index * 50 + offset;
          return { at, isAnswered: at < from || at >= from + length };
        });
        const { atLeastMs, atMostMs = 0, lost } = interruptionIn(all);
        if (lost === 0) return length <= 50;
        return atLeastMs <= length && length <= atMostMs;
      }),
    );
  });

  it('says nothing that was not measured', () => {
    const say = (pattern: string) =>
      interruptionWords('192.168.100.11 port 80', 50, interruptionIn(knocks(pattern)));
    expect(say('')).toBe('192.168.100.11 port 80 was not probed.');
    expect(say('----')).toContain('cannot be reached from here: nothing was measured');
    expect(say('++--')).toContain('does not answer from here since the switch');
    expect(say('++++')).toContain('answered all 4 probes, one every 50 ms');
    expect(say('+--+')).toContain('was away for 0.05 s to 0.15 s (2 of 4 probes lost)');
  });
});
