import type { ChangeRecord, ChangeState, Outcome, StepResult } from '../../src/domain/change.ts';
import type { ChangeCommand, WriteVerb } from '../../src/domain/command.ts';
import type { MemberState, PoolState } from '../../src/domain/member.ts';
import { type Plan, planDigest, type Step } from '../../src/domain/plan.ts';
import type { CardContext } from '../../src/ports/announcer.ts';

/** 2026-11-20 05:00 UTC. */
export const noon = Date.UTC(2026, 10, 20, 5, 0, 0);
export const requester = 'U0OPS';
export const approver = 'U0LEAD';

export function member(name: string, over: Partial<MemberState> = {}): MemberState {
  return {
    name,
    address: `192.168.100.${name.replace(/\D/g, '') || '1'}`,
    port: 80,
    admin: 'enabled',
    health: 'up',
    status: 'UP',
    causes: [],
    weight: 100,
    configuredWeight: 100,
    backup: false,
    sessions: 12,
    sessionsTotal: 1000,
    stickyTotal: 820,
    ...over,
  };
}

export function pool(
  balancer: string,
  members: readonly MemberState[],
  over: Partial<PoolState> = {},
): PoolState {
  return {
    device: {
      balancer,
      kind: 'haproxy',
      version: '2.6.12',
      incarnation: '4711',
      uptimeSeconds: 3600,
    },
    pool: 'test.tianya.cn',
    members,
    persistence: 'cookie',
    readAt: noon,
    ...over,
  };
}

export const web = ['www75', 'www76', 'www77', 'www78', 'www79'].map((name) => member(name));

export interface PlanOptions {
  readonly verb?: WriteVerb;
  readonly members?: readonly string[];
  readonly balancers?: readonly string[];
  readonly pool?: readonly MemberState[];
  readonly over?: Partial<Plan>;
}

export function plan(options: PlanOptions = {}): Plan {
  const { verb = 'disable', members = ['www78'], balancers = ['ha-2', 'ha-1'] } = options;
  const before = balancers.map((balancer) => pool(balancer, options.pool ?? web));
  const state = verb === 'disable' ? 'maint' : 'ready';
  const steps = before.flatMap((one) =>
    one.members
      .filter((candidate) => members.includes(candidate.name))
      .map((target) => ({ one, target })),
  );
  const known = before[0]?.members.length ?? 0;
  const unfinished = {
    service: 'test.tianya.cn',
    environment: 'production',
    verb,
    members,
    stages: [{ kind: 'write', purpose: 'change' }] as const,
    steps: steps.map(
      ({ one, target }, index): Step => ({
        index,
        stage: 0,
        lane: 'web',
        balancer: one.device.balancer,
        pool: one.pool,
        member: target.name,
        address: target.address,
        port: target.port,
        commands: [`set server ${one.pool}/${target.name} state ${state}`],
        before: { admin: target.admin, weight: target.weight },
        after: { admin: verb === 'disable' ? 'disabled' : 'enabled', weight: 100 },
      }),
    ),
    before,
    guard: {
      allowed: true,
      pools: balancers.map((balancer) => ({
        balancer,
        pool: 'test.tianya.cn',
        known,
        availableBefore: verb === 'disable' ? known : known - members.length,
        availableAfter: verb === 'disable' ? known - members.length : known,
        needed: Math.ceil(known / 2),
        weightPercentAfter: 80,
      })),
    },
    warnings: [],
    ifPairFails: 'put back' as const,
    plannedAt: noon + 1000,
    ...options.over,
  };
  return { ...unfinished, digest: planDigest(unfinished) };
}

/** What the devices say when every step ended with its result; one result stands for all. */
export function outcome(
  of: Plan,
  results: StepResult | readonly StepResult[],
  over: Partial<Outcome> = {},
): Outcome {
  const resultOf = (index: number) =>
    typeof results === 'string' ? results : (results[index] ?? 'not started');
  const changed = (one: PoolState): PoolState => ({
    ...one,
    members: one.members.map((candidate) => {
      const step = of.steps.find(
        (each) => each.balancer === one.device.balancer && each.member === candidate.name,
      );
      return step === undefined || resultOf(step.index) !== 'verified'
        ? candidate
        : { ...candidate, ...step.after, sessions: 0 };
    }),
  });
  return {
    steps: of.steps.map(({ index }) => ({ index, result: resultOf(index) })),
    after: of.before.map(changed),
    at: noon + 5000,
    remarks: [],
    ...over,
  };
}

export interface RecordOptions {
  readonly command?: Partial<ChangeCommand>;
  readonly over?: Partial<ChangeRecord>;
}

export function record(state: ChangeState, options: RecordOptions = {}): ChangeRecord {
  const planned = plan();
  const decided = ['approved', 'running', 'unknown', 'done', 'failed', 'half-done'].includes(state);
  return {
    v: 1,
    id: 'q7k2m9xt',
    revision: 3,
    state,
    request: {
      id: 'q7k2m9xt',
      command: {
        verb: 'disable',
        service: 'test.tianya.cn',
        members: ['192.168.100.78'],
        ifPairFails: 'put back',
        ...options.command,
      },
      actor: { id: requester, via: 'slack' },
      origin: { via: 'slack', channel: 'C0OPS' },
      acceptedAt: noon,
      notAfter: noon + 60_000,
      mac: 'ab',
    },
    ...(state === 'planning' ? {} : { plan: planned }),
    ...(state === 'waiting' ? { asks: 'approver' as const, expiresAt: noon + 900_000 } : {}),
    ...(decided
      ? {
          approval: {
            changeId: 'q7k2m9xt',
            digest: planned.digest,
            kind: 'people' as const,
            by: approver,
            votes: [approver],
            at: noon + 3000,
            notAfter: noon + 60_000,
            sequence: 1,
            mac: 'cd',
          },
        }
      : {}),
    stage: 0,
    runs: 0,
    updatedAt: noon + 4000,
    ...options.over,
  };
}

export function cardContext(of: ChangeRecord, over: Partial<CardContext> = {}): CardContext {
  return { record: of, approvers: ['S0LBAPPR', approver], maybeCopy: false, ...over };
}
