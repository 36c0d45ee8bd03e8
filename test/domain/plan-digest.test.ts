import { describe, expect, it } from 'vitest';
import { type Plan, planDigest, type Step } from '../../src/domain/plan.ts';
import { memberState, NOW, plan, poolState, step } from '../fakes/samples.ts';

const base = plan();
const withStep = (over: Partial<Step>): Plan => plan({ steps: [step(0, over), step(1)] });

describe('the digest an approval is bound to', () => {
  const bound: readonly [string, Plan][] = [
    ['the service', plan({ service: 'other' })],
    ['the verb', plan({ verb: 'enable' })],
    ['what becomes of a half', plan({ ifPairFails: 'keep half' })],
    ['the stage of a step', withStep({ stage: 1 })],
    ['a stage more', plan({ stages: [...base.stages, { kind: 'hold', forMs: 60_000 }] })],
    ['the time of a stage', plan({ stages: [{ kind: 'hold', forMs: 60_001 }] })],
    ['what a stage is for', plan({ stages: [{ kind: 'write', purpose: 'drain' }] })],
    ['the device', withStep({ balancer: 'ha-9' })],
    ['the pool', withStep({ pool: 'other' })],
    ['the member', withStep({ member: 'w2' })],
    ['the address', withStep({ address: '10.0.0.2' })],
    ['the port', withStep({ port: 81 })],
    ['a word of a command', withStep({ commands: ['disable server shop/w2'] })],
    ['a further command', withStep({ commands: ['disable server shop/w1', 'x'] })],
    ['the state before', withStep({ before: { admin: 'drained', weight: 10 } })],
    ['the weight before', withStep({ before: { admin: 'enabled', weight: 9 } })],
    ['the forwarding before', withStep({ before: { ...step(0).before, forwarding: 'Route' } })],
    ['the state after', withStep({ after: { admin: 'drained', weight: 10 } })],
    ['the weight after', withStep({ after: { admin: 'disabled', weight: 1 } })],
    ['a step that is not there', plan({ steps: [step(0)] })],
    ['a step more', plan({ steps: [step(0), step(1), step(2)] })],
  ];

  it.each(bound)('changes with %s', (_what, changed) => {
    expect(changed.digest).not.toBe(base.digest);
  });

  it('is another one for each of these', () => {
    expect(new Set(bound.map(([, changed]) => changed.digest)).size).toBe(bound.length);
  });

  const notBound: readonly [string, Plan][] = [
    [
      'counters, health and other members',
      plan({
        before: [
          poolState('ha-1', [
            memberState('w1', { health: 'down', sessions: 7, sessionsTotal: 900, status: 'DOWN' }),
            memberState('w2', { admin: 'disabled' }),
          ]),
        ],
      }),
    ],
    ['what the guard counted', plan({ guard: { allowed: false, reason: 'no', pools: [] } })],
    ['warnings', plan({ warnings: [{ text: 'mind the gap', asks: true }] })],
    ['the time of planning', plan({ plannedAt: NOW + 5 })],
    ['which node is MASTER', plan({ orderNote: 'ha-2 is MASTER of web and is changed last.' })],
  ];

  it.each(notBound)('does not change with %s', (_what, changed) => {
    expect(changed.digest).toBe(base.digest);
  });

  it('does not change when a role swap re-orders the steps', () => {
    const swapped = [step(1, { index: 0 }), step(0, { index: 1 })];
    expect(planDigest({ ...base, steps: swapped })).toBe(base.digest);
  });
});
