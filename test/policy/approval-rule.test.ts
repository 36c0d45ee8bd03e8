import { describe, expect, it } from 'vitest';
import type { ChangeState } from '../../src/domain/change.ts';
import type { Environment } from '../../src/domain/inventory.ts';
import type { Role } from '../../src/policy/access.ts';
import { approvalNeed, mayApprove, whyNotWaiting } from '../../src/policy/approval-rule.ts';
import { approval, changeRecord, plan } from '../fakes/samples.ts';

function environment(required: 0 | 1): Environment {
  return {
    name: 'x',
    roles: { viewers: [], operators: [], approvers: [] },
    approval: { required, expiresMs: 900_000 },
    minAvailable: { unit: 'members', value: 1 },
  };
}

const allowed = { allowed: true, pools: [] };
const refused = { allowed: false, reason: 'no', pools: [] };
const remark = { text: 'neighbours', asks: false };
const question = { text: 'not reached', asks: true };

describe('what a plan needs', () => {
  it.each([
    ['a second person where approval is required', environment(1), [], allowed, 'approver'],
    ['a second person also when something asks', environment(1), [question], allowed, 'approver'],
    ['nobody where none is required', environment(0), [], allowed, 'nothing'],
    ['nobody for a remark', environment(0), [remark], allowed, 'nothing'],
    ['an operator when something asks', environment(0), [remark, question], allowed, 'operator'],
    ['to be refused when the guard says no', environment(0), [], refused, 'refuse'],
    ['to be refused whoever would agree', environment(1), [question], refused, 'refuse'],
  ] as const)('is %s', (_what, env, warnings, verdict, expected) => {
    expect(approvalNeed(env, warnings, verdict)).toBe(expected);
  });
});

describe('who may approve', () => {
  const asksApprover = changeRecord('abcd2345', { state: 'waiting', asks: 'approver' });
  const asksOperator = changeRecord('abcd2345', { state: 'waiting', asks: 'operator' });
  const requester = asksApprover.request.actor.id;

  it.each<[string, typeof asksApprover, string, readonly Role[], true | RegExp]>([
    ['another person with the role', asksApprover, 'U0A', ['approver'], true],
    ['another person with all roles', asksApprover, 'U0A', ['operator', 'approver'], true],
    ['an operator', asksApprover, 'U0A', ['operator', 'viewer'], /role approver/],
    ['a viewer', asksApprover, 'U0A', ['viewer'], /role approver/],
    ['nobody in particular', asksApprover, 'U0A', [], /role approver/],
    ['the requester, who is an approver', asksApprover, requester, ['approver'], /somebody else/],
    ['the requester without the role', asksApprover, requester, ['operator'], /somebody else/],
    ['the requester, to confirm a warning', asksOperator, requester, ['operator'], true],
    ['another operator, to confirm a warning', asksOperator, 'U0A', ['operator'], true],
    ['an approver, to confirm a warning', asksOperator, 'U0A', ['approver'], true],
    ['a viewer, to confirm a warning', asksOperator, 'U0A', ['viewer'], /role operator/],
  ])('%s', (_who, record, userId, roles, expected) => {
    const verdict = mayApprove(record, userId, new Set(roles));
    if (expected === true) expect(verdict).toEqual({ allowed: true });
    else expect(verdict).toEqual({ allowed: false, reason: expect.stringMatching(expected) });
  });

  it('asks for a second person when the record does not say whom it asks', () => {
    const { asks: _none, ...record } = asksApprover;
    expect(mayApprove(record, requester, new Set(['operator', 'approver'])).allowed).toBe(false);
  });
});

const SAID: Record<ChangeState, RegExp> = {
  planning: /still being planned/,
  waiting: /waits for a decision/,
  approved: /approved already by U0APPROVE and is being carried out/,
  running: /approved already by U0APPROVE and is being carried out/,
  unknown: /approved already by U0APPROVE and is being carried out/,
  done: /approved already by U0APPROVE and is over \(done\)/,
  failed: /over \(failed\)/,
  'half-done': /over \(half-done\)/,
  refused: /refused; nothing will be changed/,
  denied: /denied by U0DECIDE/,
  cancelled: /cancelled by U0DECIDE/,
  expired: /approved already by U0APPROVE and waited too long for its turn; nothing was changed/,
};

describe('why a decision comes too late', () => {
  it.each(Object.entries(SAID))('is said of a change that is %s', (state, said) => {
    const agreed = plan();
    const record = changeRecord('abcd2345', {
      state: state as ChangeState,
      plan: agreed,
      approval: approval('abcd2345', agreed),
      decidedBy: 'U0DECIDE',
    });
    expect(whyNotWaiting(record)).toMatch(said);
  });

  it('is said of a change that nobody agreed to in time', () => {
    expect(whyNotWaiting(changeRecord('abcd2345', { state: 'expired' }))).toMatch(
      /expired before anybody agreed; nothing was changed/,
    );
  });
});
