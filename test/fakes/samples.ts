import { signApproval, signRequest } from '../../src/domain/approval.ts';
import type { Approval, ChangeRecord, ChangeRequest } from '../../src/domain/change.ts';
import type { ChangeCommand } from '../../src/domain/command.ts';
import type { MemberState, PoolState } from '../../src/domain/member.ts';
import { type Plan, planDigest, type Step } from '../../src/domain/plan.ts';
import { Secret } from '../../src/domain/secret.ts';

export const KEY = new Secret('a-signing-key-for-tests-0123456789abcdef');
export const NOW = Date.UTC(2026, 0, 5, 9);

export function memberState(name: string, over: Partial<MemberState> = {}): MemberState {
  return {
    name,
    address: '10.0.0.1',
    port: 80,
    admin: 'enabled',
    health: 'up',
    status: 'UP',
    causes: [],
    weight: 10,
    configuredWeight: 10,
    backup: false,
    sessions: 0,
    sessionsTotal: 0,
    ...over,
  };
}

export function poolState(
  balancer: string,
  members: readonly MemberState[],
  over: Partial<PoolState> = {},
): PoolState {
  return {
    device: { balancer, kind: 'haproxy', version: '2.6.12', incarnation: '1', uptimeSeconds: 60 },
    pool: 'shop',
    members,
    readAt: NOW,
    ...over,
  };
}

export function step(index: number, over: Partial<Step> = {}): Step {
  return {
    index,
    stage: 0,
    lane: 'web',
    balancer: `ha-${index + 1}`,
    pool: 'shop',
    member: 'w1',
    address: '10.0.0.1',
    port: 80,
    commands: ['disable server shop/w1'],
    before: { admin: 'enabled', weight: 10 },
    after: { admin: 'disabled', weight: 10 },
    ...over,
  };
}

export function plan(over: Partial<Plan> = {}): Plan {
  const body = {
    service: 'shop',
    environment: 'production',
    verb: 'disable' as const,
    members: ['w1'],
    stages: [{ kind: 'write', purpose: 'change' }] as const,
    steps: [step(0), step(1)],
    before: [poolState('ha-1', [memberState('w1')]), poolState('ha-2', [memberState('w1')])],
    guard: { allowed: true, pools: [] },
    warnings: [],
    ifPairFails: 'put back' as const,
    plannedAt: NOW,
    ...over,
  };
  return { ...body, digest: over.digest ?? planDigest(body) };
}

export function changeRequest(
  id: string,
  over: Partial<Omit<ChangeRequest, 'mac' | 'command'>> & {
    command?: Partial<ChangeCommand>;
  } = {},
  key = KEY,
): ChangeRequest {
  const { command, ...rest } = over;
  return signRequest(
    {
      id,
      command: {
        verb: 'disable',
        service: 'shop',
        members: ['w1'],
        ifPairFails: 'put back',
        ...command,
      },
      actor: { id: 'U0OPERATE', via: 'slack' },
      origin: { via: 'slack', channel: 'C0OPS' },
      acceptedAt: NOW,
      notAfter: NOW + 60_000,
      ...rest,
    },
    key,
  );
}

export function approval(changeId: string, agreed: Plan, key = KEY): Approval {
  return signApproval(
    {
      changeId,
      digest: agreed.digest,
      kind: 'people',
      by: 'U0APPROVE',
      votes: ['U0APPROVE'],
      at: NOW,
      notAfter: NOW + 900_000,
      sequence: 1,
    },
    key,
  );
}

export function changeRecord(id: string, over: Partial<ChangeRecord> = {}): ChangeRecord {
  return {
    v: 1,
    id,
    revision: 0,
    state: 'planning',
    request: changeRequest(id),
    stage: 0,
    runs: 0,
    updatedAt: NOW,
    ...over,
  };
}
