import fc from 'fast-check';
import type { ChangeRecord, ChangeState, StepResult } from '../../src/domain/change.ts';
import { ERRORS, type ErrorCode, type Fault } from '../../src/domain/errors.ts';
import type { AdminState, Health, MemberState, PoolState } from '../../src/domain/member.ts';
import { type Plan, planDigest } from '../../src/domain/plan.ts';
import type { Stage } from '../../src/domain/stage.ts';
import type { CardContext } from '../../src/ports/announcer.ts';
import { hostile, hostileLong } from './hostile.ts';

/** Ids that may be mentioned. */
export const PEOPLE: ReadonlySet<string> = new Set(['U0OPS', 'U0LEAD', 'W0GRID', 'S0LBAPPR']);

export const id = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...PEOPLE) },
  // Nothing that is an id by chance: so a stranger's can only come out of text.
  { weight: 1, arbitrary: hostile.filter((text) => !/^[UWSCG][A-Z0-9]+$/.test(text)) },
);
const NOON = Date.UTC(2026, 10, 20, 5);
export const at = fc.integer({ min: NOON, max: NOON + 1e9 });
const count = fc.oneof(fc.nat(3), fc.nat(100_000));
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

/** Without the fields that are undefined, as records are. */
function withoutNothing<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined)) as T;
}

const member: fc.Arbitrary<MemberState> = fc
  .record({
    name: hostile,
    address: hostile,
    port: fc.nat(70_000),
    admin: fc.constantFrom<AdminState>('enabled', 'drained', 'disabled'),
    health: fc.constantFrom<Health>('up', 'down', 'suspended', 'unknown', 'unchecked'),
    status: hostile,
    causes: fc.constantFrom([], ['command' as const], ['tracking' as const]),
    weight: fc.nat(256),
    configuredWeight: fc.nat(256),
    backup: fc.boolean(),
    sessions: count,
    sessionsTotal: count,
    stickyTotal: maybe(count),
  })
  .map(withoutNothing) as fc.Arbitrary<MemberState>;

export const pool: fc.Arbitrary<PoolState> = fc
  .record({
    device: fc.record({
      balancer: hostile,
      kind: fc.constant('haproxy'),
      version: hostile,
      incarnation: hostile,
      uptimeSeconds: count,
    }),
    pool: hostile,
    members: fc.array(member, { maxLength: 4 }),
    persistence: maybe(hostile),
    readAt: at,
  })
  .map(withoutNothing) as fc.Arbitrary<PoolState>;

export const fault: fc.Arbitrary<Fault> = fc.record({
  code: fc.constantFrom(...(Object.keys(ERRORS) as ErrorCode[])),
  message: hostileLong,
});

const setting = fc.record({
  admin: fc.constantFrom<AdminState>('enabled', 'drained', 'disabled'),
  weight: fc.nat(256),
});

const stages = fc.constantFrom<readonly Stage[]>(
  [{ kind: 'write', purpose: 'change' }],
  [
    { kind: 'write', purpose: 'drain' },
    { kind: 'wait for idle', quietMs: 1_000, withinMs: 60_000, ifNotIdle: 'stay' },
    { kind: 'write', purpose: 'then' },
  ],
  [
    { kind: 'write', purpose: 'change' },
    { kind: 'hold', forMs: 600_000 },
    { kind: 'write', purpose: 'return' },
  ],
);

const steps = fc
  .array(
    fc.record({
      stage: fc.nat(2),
      lane: hostile,
      balancer: hostile,
      pool: hostile,
      member: hostile,
      address: hostile,
      port: fc.nat(70_000),
      commands: fc.oneof(
        { weight: 3, arbitrary: fc.array(hostileLong, { maxLength: 2 }) },
        // As long as a device takes them, so that a card is full.
        {
          weight: 1,
          arbitrary: fc.array(
            hostile.map((text) => `set ${text}`.repeat(200).slice(0, 1_024)),
            { minLength: 2, maxLength: 5 },
          ),
        },
      ),
      before: setting,
      after: setting,
    }),
    { maxLength: 3 },
  )
  .map((all) => all.map((step, index) => ({ index, ...step })));

const plan: fc.Arbitrary<Plan> = fc
  .record({
    service: hostile,
    environment: hostile,
    verb: fc.constantFrom('disable', 'enable', 'drain', 'offline', 'weight'),
    members: fc.array(hostile, { maxLength: 4 }),
    stages,
    steps,
    before: fc.array(pool, { maxLength: 2 }),
    guard: fc.record({
      allowed: fc.boolean(),
      reason: hostileLong,
      pools: fc.array(
        fc.record({
          balancer: hostile,
          pool: hostile,
          known: fc.nat(9),
          availableBefore: fc.nat(9),
          availableAfter: fc.nat(9),
          needed: fc.nat(9),
          weightPercentAfter: fc.nat(100),
        }),
        { maxLength: 2 },
      ),
    }),
    warnings: fc.array(fc.record({ text: hostileLong, asks: fc.boolean() }), { maxLength: 3 }),
    ifPairFails: fc.constantFrom('put back', 'keep half'),
    orderNote: maybe(hostileLong),
    plannedAt: at,
  })
  .map((body) => {
    const whole = withoutNothing(body) as Omit<Plan, 'digest'>;
    return { ...whole, digest: planDigest(whole) };
  });

export const STATES: readonly ChangeState[] = [
  ...(['planning', 'waiting', 'approved', 'running', 'unknown', 'draining', 'holding'] as const),
  ...(['done', 'failed', 'refused', 'half-done', 'denied', 'cancelled', 'expired'] as const),
];
const RESULTS: readonly StepResult[] = [
  ...(['verified', 'not serving yet', 'already so', 'put back'] as const),
  ...(['not started', 'failed', 'unknown'] as const),
];

const outcome = fc.record({
  steps: fc.array(
    fc.record({ index: fc.nat(3), result: fc.constantFrom(...RESULTS), fault, member }),
    { maxLength: 3 },
  ),
  after: fc.array(pool, { maxLength: 2 }),
  at,
  fault,
  remarks: fc.array(hostileLong, { maxLength: 4 }),
});

const approval = fc.record({
  changeId: hostile,
  digest: hostile,
  kind: fc.constantFrom('people', 'nobody needed', 'break glass', 'restore'),
  by: id,
  votes: fc.array(id, { maxLength: 3 }),
  at,
  notAfter: at,
  sequence: fc.nat(9),
  mac: hostile,
});

/** A change that somebody wrote who wishes the reader no good. */
export const record: fc.Arbitrary<ChangeRecord> = fc
  .record({
    v: fc.constant(1),
    id: hostile,
    revision: fc.nat(99),
    state: fc.constantFrom(...STATES),
    request: fc.record({
      id: hostile,
      command: fc
        .record({
          verb: fc.constantFrom('disable', 'enable', 'drain', 'offline', 'weight'),
          service: hostile,
          members: fc.array(hostile, { minLength: 1, maxLength: 5 }),
          on: maybe(hostile),
          reason: maybe(hostileLong),
          ifPairFails: fc.constantFrom('put back', 'keep half'),
          forMs: maybe(fc.nat(1e7)),
        })
        .map(withoutNothing),
      actor: fc.record({ id, via: fc.constantFrom('slack', 'shell'), shellUser: hostile }),
      origin: fc.record({ via: fc.constant('slack'), channel: hostile }),
      acceptedAt: at,
      notAfter: at,
      mac: hostile,
    }),
    plan: maybe(plan),
    asks: maybe(fc.constantFrom('approver', 'operator')),
    expiresAt: maybe(at),
    approval: maybe(approval),
    decidedBy: maybe(id),
    fault: maybe(fault),
    outcome: maybe(outcome),
    stage: fc.nat(2),
    idleWait: maybe(
      fc.record({
        since: at,
        until: at,
        sessions: count,
        arrived: count,
        totals: fc.constant({}),
        obstacle: hostileLong,
      }),
    ),
    hold: maybe(
      fc.record({ until: at, remindAt: at, reminded: fc.boolean(), obstacle: hostileLong }),
    ),
    runs: fc.nat(3),
    updatedAt: at,
  })
  .map(withoutNothing) as fc.Arbitrary<ChangeRecord>;

export const cardContext: fc.Arbitrary<CardContext> = fc.record({
  record,
  approvers: fc.array(id, { maxLength: 3 }),
  required: fc.nat(3),
  byHand: fc.array(hostileLong, { maxLength: 3 }),
  maybeCopy: fc.boolean(),
});
