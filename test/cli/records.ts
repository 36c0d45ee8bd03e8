import type { ChangeRecord } from '../../src/domain/change.ts';
import type { MemberState, PoolState } from '../../src/domain/member.ts';
import type { Plan } from '../../src/domain/plan.ts';

/** 2026-11-20 12:00:00 UTC. */
export const NOON = Date.UTC(2026, 10, 20, 12);

export function member(name: string, more: Partial<MemberState> = {}): MemberState {
  return {
    name,
    address: '10.0.0.1',
    port: 80,
    admin: 'enabled',
    health: 'up',
    status: 'UP',
    causes: [],
    weight: 100,
    configuredWeight: 100,
    backup: false,
    sessions: 3,
    sessionsTotal: 30,
    ...more,
  };
}

export function pool(balancer: string, members: readonly MemberState[]): PoolState {
  return {
    device: { balancer, kind: 'haproxy', version: '2.6.12', incarnation: '77', uptimeSeconds: 9 },
    pool: 'shop',
    members,
    readAt: NOON,
  };
}

const before = pool('ha-1', [member('web-1'), member('web-2')]);

export const plan: Plan = {
  service: 'shop',
  environment: 'production',
  verb: 'disable',
  members: ['web-1'],
  stages: [{ kind: 'write', purpose: 'change' }],
  steps: [
    {
      index: 0,
      stage: 0,
      lane: 'web',
      balancer: 'ha-1',
      pool: 'shop',
      member: 'web-1',
      address: '10.0.0.1',
      port: 80,
      commands: ['set server shop/web-1 state maint'],
      before: { admin: 'enabled', weight: 100 },
      after: { admin: 'disabled', weight: 100 },
    },
  ],
  before: [before],
  guard: {
    allowed: true,
    pools: [
      {
        balancer: 'ha-1',
        pool: 'shop',
        known: 2,
        availableBefore: 2,
        availableAfter: 1,
        needed: 1,
        weightPercentAfter: 50,
      },
    ],
  },
  warnings: [{ text: '12 sticky clients will be moved.', asks: false }],
  ifPairFails: 'put back',
  plannedAt: NOON,
  digest: '3f9a000000000000000000000000000000000000000000000000000000000000',
};

export const waiting: ChangeRecord = {
  v: 1,
  id: 'q7k2m9xt',
  revision: 2,
  state: 'waiting',
  request: {
    id: 'q7k2m9xt',
    command: {
      verb: 'disable',
      service: 'shop',
      members: ['web-1'],
      reason: 'new disk',
      ifPairFails: 'put back',
    },
    actor: { id: 'U0OPS', via: 'slack' },
    origin: { via: 'slack', channel: 'C0OPS' },
    acceptedAt: NOON,
    notAfter: NOON + 60_000,
    mac: 'feedfacecafe',
  },
  plan,
  asks: 'approver',
  expiresAt: NOON + 900_000,
  stage: 0,
  runs: 0,
  updatedAt: NOON,
};

export const done: ChangeRecord = {
  ...waiting,
  state: 'done',
  approval: {
    changeId: 'q7k2m9xt',
    digest: plan.digest,
    kind: 'people',
    by: 'U0LEAD',
    votes: ['U0LEAD'],
    at: NOON + 5_000,
    notAfter: NOON + 60_000,
    sequence: 1,
    mac: 'feedfacecafe',
  },
  outcome: {
    steps: [{ index: 0, result: 'verified' }],
    after: [
      pool('ha-1', [
        member('web-1', {
          admin: 'disabled',
          health: 'suspended',
          status: 'MAINT',
          causes: ['command'],
          sessions: 0,
        }),
        member('web-2'),
      ]),
    ],
    at: NOON + 6_000,
    remarks: ['Sticky clients were moved.'],
  },
  runs: 1,
};
