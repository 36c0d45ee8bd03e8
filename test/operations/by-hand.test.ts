import { describe, expect, it } from 'vitest';
import type { ChangeRecord, ChangeState } from '../../src/domain/change.ts';
import type { Stage } from '../../src/domain/stage.ts';
import { leftByHand, linesByHand } from '../../src/operations/by-hand.ts';
import type { LoadBalancerAdapter } from '../../src/ports/adapter.ts';
import { fakeDevice } from '../fakes/fake-device.ts';
import { changeRecord, plan, step } from '../fakes/samples.ts';

const stages: readonly Stage[] = [
  { kind: 'write', purpose: 'drain' },
  { kind: 'wait for idle', quietMs: 30_000, withinMs: 60_000, ifNotIdle: 'go on' },
  { kind: 'write', purpose: 'change' },
  { kind: 'hold', forMs: 1_800_000 },
  { kind: 'write', purpose: 'return' },
];
const steps = [0, 2, 4].flatMap((stage, row) =>
  [0, 1].map((node) => ({
    ...step(row * 2 + node),
    stage,
    balancer: `ha-${node + 1}`,
    commands: [`word ${stage}`],
  })),
);
const staged = plan({ stages, steps });

/** Only what these lines need of a balancer: how a command is typed, or that nobody knows. */
const adapterOf = (name: string): LoadBalancerAdapter => {
  const { adapter } = fakeDevice(name, 'shop', ['w1'], { now: () => 0 });
  return name === 'ha-1' ? { ...adapter, byHand: (command) => `type "${command}"` } : adapter;
};

const WAIT = '# wait until no session is open and none began for 30 s, at most 1 min';
const BACK = ['# after 30 min:', 'type "word 4"', 'ha-2: word 4'];

function left(state: ChangeState, over: Partial<ChangeRecord> = {}): readonly string[] {
  return leftByHand({ ...changeRecord('abcd2345'), state, plan: staged, ...over }, adapterOf);
}

const shown = (results: readonly ('verified' | 'failed' | 'unknown')[]) => ({
  outcome: {
    steps: results.map((result, index) => ({ index, result })),
    after: [],
    at: 0,
    remarks: [],
  },
});

describe('what to type by hand', () => {
  it('is every command in order, with what to wait for between them', () => {
    expect(linesByHand(staged, adapterOf)).toEqual([
      'type "word 0"',
      'ha-2: word 0',
      WAIT,
      'type "word 2"',
      'ha-2: word 2',
      ...BACK,
    ]);
    expect(left('waiting')).toEqual(linesByHand(staged, adapterOf));
  });

  it('is only what is left: the wait under way and what comes after it', () => {
    const draining = left('draining', { stage: 1, ...shown(['verified', 'verified']) });
    expect(draining).toEqual([WAIT, 'type "word 2"', 'ha-2: word 2', ...BACK]);
    const results = ['verified', 'verified', 'verified', 'verified'] as const;
    expect(left('holding', { stage: 3, ...shown(results) })).toEqual(BACK);
  });

  it('leaves out of a stage what was verified, and keeps what failed or is not known', () => {
    expect(left('unknown', { stage: 0, ...shown(['verified', 'unknown']) })[0]).toBe(
      'ha-2: word 0',
    );
    expect(left('failed', { stage: 0, ...shown(['failed']) }).slice(0, 2)).toEqual([
      'type "word 0"',
      'ha-2: word 0',
    ]);
  });

  it('names no wait that nothing follows', () => {
    const kept = plan({ stages: stages.slice(0, 2), steps: steps.slice(0, 2) });
    expect(linesByHand(kept, adapterOf)).toEqual(['type "word 0"', 'ha-2: word 0']);
  });

  it.each(['done', 'refused', 'denied', 'cancelled', 'expired', 'planning'] as const)(
    'is nothing for a change that is %s',
    (state) => {
      expect(left(state)).toEqual([]);
    },
  );
});
