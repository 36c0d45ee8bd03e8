import { describe, expect, it } from 'vitest';
import {
  checkLines,
  checksWhenBack,
  checksWhenOut,
  type Observed,
} from '../../src/bin/demo/checks.ts';

const MEMBERS = ['a', 'b', 'c'];
const IN = { admin: 0, weight: 10, isOut: false };
const OUT = { admin: 1, weight: 10, isOut: true };

function observed(c: typeof IN, answered: readonly number[], failed = 0): Observed {
  const servers = new Map([
    ['a', IN],
    ['b', IN],
    ['c', c],
  ]);
  return {
    nodes: new Map([
      ['ha-1', servers],
      ['ha-2', servers],
    ]),
    answered: new Map(MEMBERS.map((name, index) => [name, answered[index] ?? 0])),
    failed,
  };
}

const broken = (checks: ReturnType<typeof checksWhenOut>) =>
  checks.filter(({ holds }) => !holds).map(({ expected, seen }) => `${expected}: ${seen}`);

describe('what must hold while a member is out', () => {
  it('holds when it gets nothing and the others work on', () => {
    expect(broken(checksWhenOut('c', MEMBERS, observed(OUT, [5, 5, 0])))).toEqual([]);
  });

  it.each([
    ['one request to it', observed(OUT, [5, 5, 1]), 'c gets no request: 1 requests answered'],
    ['another member idle', observed(OUT, [5, 0, 0]), 'b answers requests: 0 requests answered'],
    ['a failed request', observed(OUT, [5, 5, 0], 2), 'requests failed: 0: requests failed: 2'],
  ])('does not hold with %s', (_case, now, fault) => {
    expect(broken(checksWhenOut('c', MEMBERS, now))).toEqual([fault]);
  });

  it('does not hold when one node has it in service', () => {
    const now = observed(OUT, [5, 5, 0]);
    const nodes = new Map([...now.nodes, ['ha-2', new Map([['c', IN]])]]);
    expect(broken(checksWhenOut('c', MEMBERS, { ...now, nodes }))).toEqual([
      'ha-2 has c in maintenance: administrative state 0',
    ]);
  });
});

describe('what must hold when a member is back', () => {
  const before = observed(IN, []).nodes;

  it('holds with its weight and its share of the requests', () => {
    expect(broken(checksWhenBack('c', before, observed(IN, [5, 5, 5]), MEMBERS))).toEqual([]);
  });

  it.each([
    ['another weight', observed({ ...IN, weight: 1 }, [5, 5, 5]), 'has the weights it had'],
    ['no request to it', observed(IN, [5, 5, 0]), 'c answers requests'],
    ['maintenance', observed(OUT, [5, 5, 5]), 'has c in service'],
  ])('does not hold with %s', (_case, now, words) => {
    const faults = broken(checksWhenBack('c', before, now, MEMBERS));
    expect(faults.length).toBeGreaterThan(0);
    for (const fault of faults) expect(fault).toContain(words);
  });
});

it('prints what was expected and what was seen of a check that failed', () => {
  const text = checkLines([
    { expected: 'all is well', holds: true, seen: 'it is' },
    { expected: 'no request', holds: false, seen: '3 requests' },
  ]);
  expect(text).toBe(
    'ok      all is well\nFAILED  expected: no request\n        seen:     3 requests',
  );
});
