import { describe, expect, it } from 'vitest';
import type { ApprovalKind, ChangeState } from '../../src/domain/change.ts';
import type { Environment } from '../../src/domain/inventory.ts';
import type { Role } from '../../src/policy/access.ts';
import {
  approvalNeed,
  approvalSuffices,
  mayApprove,
  mayDeny,
  whyNotWaiting,
} from '../../src/policy/approval-rule.ts';
import { approval, changeRecord, plan } from '../fakes/samples.ts';

function environment(required: number): Environment {
  return {
    name: 'x',
    roles: { viewers: [], operators: [], approvers: [], breakGlass: [] },
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

describe('who may decide', () => {
  const strict = environment(1);
  const easy = environment(0);
  const waiting = changeRecord('abcd2345', { state: 'waiting', asks: 'approver' });
  const confirming = changeRecord('abcd2345', { state: 'waiting', asks: 'operator' });
  const { asks: _none, ...unsaid } = waiting;
  const requester = waiting.request.actor.id;

  it.each<[string, typeof unsaid, Environment, string, readonly Role[], true | RegExp]>([
    ['another person with the role', waiting, strict, 'U0A', ['approver'], true],
    ['another with all roles', waiting, strict, 'U0A', ['operator', 'approver'], true],
    ['an operator', waiting, strict, 'U0A', ['operator', 'viewer'], /role approver/],
    ['a viewer', waiting, strict, 'U0A', ['viewer'], /role approver/],
    ['nobody in particular', waiting, strict, 'U0A', [], /role approver/],
    ['the requester, an approver', waiting, strict, requester, ['approver'], /somebody else/],
    ['the requester without the role', waiting, strict, requester, ['operator'], /somebody else/],
    ['the requester, to confirm a warning', confirming, easy, requester, ['operator'], true],
    ['an operator, to confirm a warning', confirming, easy, 'U0A', ['operator'], true],
    ['an approver, to confirm a warning', confirming, easy, 'U0A', ['approver'], true],
    ['a viewer, to confirm a warning', confirming, easy, 'U0A', ['viewer'], /role operator/],
    ['whoever lowered the bar in Redis', confirming, strict, requester, ['operator'], /else must/],
    ['the requester of what asks nobody', unsaid, easy, requester, ['approver'], /else must/],
  ])('approves, or does not: %s', (_who, record, env, userId, roles, expected) => {
    const verdict = mayApprove(record, env, userId, new Set(roles));
    if (expected === true) expect(verdict).toEqual({ allowed: true });
    else expect(verdict).toEqual({ allowed: false, reason: expect.stringMatching(expected) });
  });

  it.each<[string, typeof unsaid, Environment, readonly Role[], boolean]>([
    ['an approver', waiting, strict, ['approver'], true],
    ['an operator', waiting, strict, ['operator', 'viewer'], false],
    ['a viewer', waiting, strict, ['viewer'], false],
    ['an operator, of what operators confirm', confirming, easy, ['operator'], true],
    ['an approver, of what operators confirm', confirming, easy, ['approver'], true],
    ['a viewer, of what operators confirm', confirming, easy, ['viewer'], false],
    ['an operator where the bar was lowered in Redis', confirming, strict, ['operator'], false],
  ])('denies: %s: %s', (_who, record, env, roles, expected) => {
    expect(mayDeny(record, env, new Set(roles)).allowed).toBe(expected);
  });
});

describe('whether an approval suffices', () => {
  const agreed = plan();
  const given = (kind: ApprovalKind, ...votes: readonly string[]) =>
    changeRecord('abcd2345', {
      plan: agreed,
      approval: { ...approval('abcd2345', agreed), kind, votes },
    });
  const requester = changeRecord('abcd2345').request.actor.id;

  it.each<[string, ReturnType<typeof given>, Environment, boolean]>([
    ['of nobody, where none is needed', changeRecord('abcd2345'), environment(0), false],
    ['of one, where one is needed', given('people', 'U0A'), environment(1), true],
    ['of one, where two are needed', given('people', 'U0A'), environment(2), false],
    ['of two, where two are needed', given('people', 'U0A', 'U0B'), environment(2), true],
    ['of one twice, where two are needed', given('people', 'U0A', 'U0A'), environment(2), false],
    ['of the requester', given('people', requester), environment(1), false],
    ['of the requester and one', given('people', requester, 'U0A'), environment(2), false],
    ['of the requester who confirms', given('people', requester), environment(0), true],
    ['without people, where one is needed', given('people'), environment(1), false],
    ['that was not needed where one is', given('nobody needed'), environment(1), false],
    ['that was not needed where none is', given('nobody needed'), environment(0), true],
  ])('%s', (_what, record, env, suffices) => {
    const verdict = approvalSuffices(record, env);
    expect(verdict.allowed).toBe(suffices);
    if (!verdict.allowed) expect(verdict.reason).toMatch(/^[A-Za-z].*\.$/);
  });
});

const SAID: Partial<Record<ChangeState, RegExp>> = {
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
