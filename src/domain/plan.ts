import { digestOf } from './canonical.ts';
import type { WriteVerb } from './command.ts';
import type { MemberSetting, PoolState } from './member.ts';
import type { Stage } from './stage.ts';

/** One write to one member on one device. The commands are the exact device words, in order. */
export interface Step {
  readonly index: number;
  /** Which of the plan's stages takes it. */
  readonly stage: number;
  readonly lane: string;
  readonly balancer: string;
  readonly pool: string;
  readonly member: string;
  readonly address: string;
  readonly port: number;
  readonly commands: readonly string[];
  readonly before: MemberSetting;
  readonly after: MemberSetting;
}

/** What the guard found on live state, in numbers a person can check. */
export interface GuardVerdict {
  readonly allowed: boolean;
  /** One sentence. Present when refused; may be present as a remark when allowed. */
  readonly reason?: string;
  readonly pools: readonly GuardCount[];
}

/** The worst view of one pool over all its devices. */
export interface GuardCount {
  readonly balancer: string;
  readonly pool: string;
  /** Number of members the pool should have. */
  readonly known: number;
  readonly availableBefore: number;
  readonly availableAfter: number;
  /** Fewest members that must stay available. */
  readonly needed: number;
  /** Share of the pool's weight that stays, 0 to 100; rounded down. */
  readonly weightPercentAfter: number;
}

/** A thing the reader must know before agreeing. `asks` makes the plan wait for a person even where none is required. */
export interface PlanWarning {
  readonly text: string;
  readonly asks: boolean;
}

/** What will be done, to what, as the devices were when it was planned. */
export interface Plan {
  readonly service: string;
  readonly environment: string;
  readonly verb: WriteVerb;
  /** Device names of the members, resolved. */
  readonly members: readonly string[];
  readonly stages: readonly Stage[];
  readonly steps: readonly Step[];
  readonly before: readonly PoolState[];
  readonly guard: GuardVerdict;
  readonly warnings: readonly PlanWarning[];
  readonly ifPairFails: 'put back' | 'keep half';
  /** How the order of the nodes was chosen, when roles decided it; one sentence. */
  readonly orderNote?: string;
  readonly plannedAt: number;
  /** What an approval is bound to, see `planDigest`. */
  readonly digest: string;
}

/**
 * The digest an approval is bound to: the stages with their times, the steps word for word, which devices they go to, and the target
 * members' administrative state, weight and forwarding. Not counters, health, roles or other members:
 * those are the guard's. Steps are sorted, because a role swap only re-orders them.
 */
export function planDigest(
  plan: Pick<Plan, 'service' | 'verb' | 'stages' | 'steps' | 'ifPairFails'>,
): string {
  const steps = plan.steps
    .map(({ stage, balancer, pool, member, address, port, commands, before, after }) => ({
      stage,
      balancer,
      pool,
      member,
      address,
      port,
      commands,
      before,
      after,
    }))
    .sort((a, b) => (digestOf(a) < digestOf(b) ? -1 : 1));
  return digestOf({
    service: plan.service,
    verb: plan.verb,
    stages: plan.stages,
    ifPairFails: plan.ifPairFails,
    steps,
  });
}
