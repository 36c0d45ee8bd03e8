import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  type ApprovedPlan,
  approvedPlan,
  assertGenuineRequest,
  signApproval,
} from '../../src/domain/approval.ts';
import type { Approval, ChangeRecord, ChangeRequest } from '../../src/domain/change.ts';
import { type Plan, planDigest } from '../../src/domain/plan.ts';
import { Secret } from '../../src/domain/secret.ts';
import type { WorkQueue } from '../../src/ports/queue.ts';
import { approval, changeRecord, changeRequest, KEY, plan, step } from '../fakes/samples.ts';

const OTHER_KEY = new Secret('another-signing-key-0123456789abcdefgh');
const agreed = plan();
const genuine = changeRecord('abcd2345', {
  state: 'approved',
  plan: agreed,
  approval: approval('abcd2345', agreed),
});

const withPlan = (over: Partial<Plan>): ChangeRecord => ({
  ...genuine,
  plan: { ...agreed, ...over },
});
const withApproval = (over: Partial<Approval>): ChangeRecord => ({
  ...genuine,
  approval: { ...approval('abcd2345', agreed), ...over },
});

describe('an approved plan', () => {
  it('comes from a genuine approval of exactly these steps', () => {
    expect(approvedPlan(genuine, KEY)).toMatchObject({
      changeId: 'abcd2345',
      plan: agreed,
      approval: { by: 'U0APPROVE' },
    });
  });

  it('is still approved after a way through JSON, with its steps in another order', () => {
    const { steps } = agreed;
    const stored = JSON.parse(
      JSON.stringify({ ...genuine, plan: { ...agreed, steps: [...steps].reverse() } }),
    ) as ChangeRecord;
    expect(approvedPlan(stored, KEY).changeId).toBe('abcd2345');
  });

  const evil = [step(0, { commands: ['disable server shop/w2'] }), step(1)];
  const { approval: _none, ...withoutApproval } = genuine;
  const { plan: _no, ...withoutPlan } = genuine;
  const forged: readonly [string, ChangeRecord][] = [
    ['no approval', withoutApproval],
    ['no plan', withoutPlan],
    ['other steps under the old digest', withPlan({ steps: evil })],
    [
      'other steps with a digest that fits them',
      withPlan({ steps: evil, digest: planDigest({ ...agreed, steps: evil }) }),
    ],
    ['another verb', withPlan({ verb: 'enable' })],
    ['a half that may be kept', withPlan({ ifPairFails: 'keep half' })],
    ['another digest', withPlan({ digest: 'f'.repeat(64) })],
    ['an approval by somebody else', withApproval({ by: 'U0SOMEONE' })],
    ['a later end', withApproval({ notAfter: Number.MAX_SAFE_INTEGER })],
    ['another place among approvals', withApproval({ sequence: 0 })],
    ['another signature', withApproval({ mac: 'a'.repeat(64) })],
    ['no signature', withApproval({ mac: '' })],
    ['a signature that is not hex', withApproval({ mac: 'zz' })],
    ['a signature cut short', withApproval({ mac: approval('abcd2345', agreed).mac.slice(0, 32) })],
    ['an approval of another change', { ...genuine, approval: approval('zzzz2345', agreed) }],
    [
      'an approval signed with another key',
      { ...genuine, approval: approval('abcd2345', agreed, OTHER_KEY) },
    ],
    [
      'an approval of another plan',
      { ...genuine, approval: approval('abcd2345', plan({ steps: evil })) },
    ],
  ];

  it.each(forged)('is refused with %s', (_what, record) => {
    expect(() => approvedPlan(record, KEY)).toThrow(
      expect.objectContaining({ code: 'BAD_SIGNATURE' }),
    );
  });

  it('is refused by a process that has another key', () => {
    expect(() => approvedPlan(genuine, OTHER_KEY)).toThrow(
      expect.objectContaining({ code: 'BAD_SIGNATURE' }),
    );
  });

  it('says which change it is about and never the key', () => {
    expect(() => approvedPlan(withPlan({ verb: 'enable' }), KEY)).toThrow(/abcd2345/);
    expect(() => approvedPlan(withPlan({ verb: 'enable' }), KEY)).not.toThrow(KEY.reveal());
  });

  it('cannot be made by hand, says the compiler', () => {
    type ByHand = { changeId: string; plan: Plan; approval: Approval };
    expectTypeOf<ByHand>().not.toExtend<ApprovedPlan>();
    expectTypeOf<ApprovedPlan>().toExtend<ByHand>();
    const submit = (queue: WorkQueue, byHand: ByHand) =>
      // @ts-expect-error a plain object is not an approved plan
      queue.submitApproved(byHand);
    expect(submit).toBeTypeOf('function');
  });
});

describe('a signed request', () => {
  const request = changeRequest('abcd2345');

  it('is genuine also after a way through JSON', () => {
    expect(() =>
      assertGenuineRequest(JSON.parse(JSON.stringify(request)) as ChangeRequest, KEY),
    ).not.toThrow();
  });

  const forged: readonly [string, ChangeRequest][] = [
    ['another requester', { ...request, actor: { id: 'U0APPROVE', via: 'slack' } }],
    ['another member', { ...request, command: { ...request.command, members: ['w2'] } }],
    ['another service', { ...request, command: { ...request.command, service: 'other' } }],
    ['another verb', { ...request, command: { ...request.command, verb: 'enable' } }],
    ['another id', { ...request, id: 'zzzz2345' }],
    ['a later end', { ...request, notAfter: request.notAfter + 1 }],
    ['another channel', { ...request, origin: { via: 'slack', channel: 'C0EVIL' } }],
    ['a field more', { ...request, extra: 1 } as unknown as ChangeRequest],
    ['no signature', { ...request, mac: '' }],
    ['the signature of another key', changeRequest('abcd2345', {}, OTHER_KEY)],
  ];

  it.each(forged)('is refused with %s', (_what, tampered) => {
    expect(() => assertGenuineRequest(tampered, KEY)).toThrow(
      expect.objectContaining({ code: 'BAD_SIGNATURE' }),
    );
  });

  it('cannot pass for an approval: the same words give another signature', () => {
    const { mac, ...unsigned } = request;
    expect(signApproval(unsigned as unknown as Approval, KEY).mac).not.toBe(mac);
  });
});
