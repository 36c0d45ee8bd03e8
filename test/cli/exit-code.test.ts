import { describe, expect, it } from 'vitest';
import { exitCodeOf } from '../../src/cli/exit-code.ts';
import type { ChangeState } from '../../src/domain/change.ts';
import type { ErrorCode } from '../../src/domain/errors.ts';
import { NOON, waiting } from './records.ts';

describe('the exit code', () => {
  it.each<[ChangeState, number]>([
    ['done', 0],
    ['failed', 1],
    ['half-done', 1],
    ['unknown', 1],
    ['planning', 1],
    ['approved', 1],
    ['running', 1],
    ['refused', 3],
    ['denied', 3],
    ['cancelled', 3],
    ['expired', 3],
    ['waiting', 4],
    ['draining', 4],
    ['holding', 0],
  ])('of a change that is %s is %i', (state, code) => {
    expect(exitCodeOf({ ...waiting, state })).toBe(code);
  });

  it.each<[ErrorCode, number]>([
    ['USAGE', 2],
    ['NOT_ALLOWED', 3],
    ['GUARD', 3],
    ['TOO_MANY_OPEN', 3],
    ['FROZEN', 3],
    ['CLAIMED', 3],
    ['RATE_LIMITED', 3],
    ['STORE_UNAVAILABLE', 1],
    ['TIMEOUT', 1],
    ['INTERNAL', 1],
  ])('of the fault %s is %i, wherever it comes from', (code, expected) => {
    const fault = { code, message: '' };
    expect(exitCodeOf({ kind: 'refused', fault })).toBe(expected);
    expect(exitCodeOf({ kind: 'fault', fault })).toBe(expected);
  });

  it('is 0 for what was taken, 1 for what is not known', () => {
    expect(exitCodeOf({ kind: 'accepted', id: 'a', again: false })).toBe(0);
    expect(exitCodeOf({ kind: 'taken', changeId: 'a', state: 'cancelled' })).toBe(0);
    expect(exitCodeOf({ kind: 'unknown', id: 'a' })).toBe(1);
  });

  it('is 1 for a status in which a balancer could not be read', () => {
    const service = { service: 's', environment: 'e', pools: [], out: [] };
    const fault = { code: 'TIMEOUT' as const, message: '' };
    const status = (faults: readonly { balancer: string; fault: typeof fault }[]) =>
      exitCodeOf({ kind: 'status', at: NOON, services: [{ ...service, faults }] });
    expect(status([])).toBe(0);
    expect(status([{ balancer: 'ha-1', fault }])).toBe(1);
  });
});
