import type { MinAvailable } from '../domain/inventory.ts';
import { type MemberState, takesClients } from '../domain/member.ts';
import type { GuardCount, GuardVerdict } from '../domain/plan.ts';

/** One pool on one device, as the guard must see it. */
export interface GuardedPool {
  readonly balancer: string;
  readonly pool: string;
  /** Read now, not at plan time. */
  readonly members: readonly MemberState[];
  /** Names of the members the pool should have: a table that shrank must not lower the bar. */
  readonly known: readonly string[];
  /** Members without health information that our own check reached. */
  readonly reached: ReadonlySet<string>;
  /** Members that other, earlier approved changes take out. */
  readonly claimed: ReadonlySet<string>;
  /** Members this change still takes out. */
  readonly taking: ReadonlySet<string>;
}

function isCapacity(member: MemberState, pool: GuardedPool): boolean {
  if (member.backup || !takesClients(member) || pool.claimed.has(member.name)) return false;
  return member.health !== 'unchecked' || pool.reached.has(member.name);
}

function fewest(minimum: MinAvailable, known: number): number {
  const wanted =
    minimum.unit === 'percent' ? Math.ceil((known * minimum.value) / 100) : minimum.value;
  return Math.max(1, wanted);
}

/** A member that takes no client now still weighs what its configuration says. */
const fullWeight = (member: MemberState) => Math.max(member.weight, member.configuredWeight);

function weightShare(pool: GuardedPool, kept: readonly MemberState[]): number {
  const regular = pool.members.filter((member) => !member.backup);
  const seen = new Set(regular.map((member) => member.name));
  const weights = regular.map(fullWeight);
  const mean =
    weights.length === 0 ? 1 : weights.reduce((sum, weight) => sum + weight, 0) / weights.length;
  const missing = pool.known.filter((name) => !seen.has(name)).length;
  const whole = weights.reduce((sum, weight) => sum + weight, 0) + missing * mean;
  const left = kept.reduce((sum, member) => sum + member.weight, 0);
  return whole === 0 ? 0 : Math.floor((left / whole) * 100);
}

/** The numbers of one pool: what is available now, what stays, what must stay. */
export function countPool(pool: GuardedPool, minimum: MinAvailable): GuardCount {
  const backups = new Set(
    pool.members.filter((member) => member.backup).map((member) => member.name),
  );
  const regularNames = new Set([
    ...pool.known.filter((name) => !backups.has(name)),
    ...pool.members.filter((member) => !member.backup).map((member) => member.name),
  ]);
  const available = pool.members.filter((member) => isCapacity(member, pool));
  const kept = available.filter((member) => !pool.taking.has(member.name));
  return {
    balancer: pool.balancer,
    pool: pool.pool,
    known: regularNames.size,
    availableBefore: available.length,
    availableAfter: kept.length,
    needed: fewest(minimum, regularNames.size),
    weightPercentAfter: weightShare(pool, kept),
  };
}

function refusal(count: GuardCount, minimum: MinAvailable, claimed: number): string | undefined {
  const takesNothing = count.availableAfter === count.availableBefore;
  if (takesNothing) return undefined;
  const where = `${count.pool} on ${count.balancer}`;
  const others =
    claimed === 0 ? '' : ` (${claimed} more already promised to earlier approved changes)`;
  if (count.availableAfter === 0) {
    return `No member of ${where} would be left to take clients${others}.`;
  }
  if (count.availableAfter < count.needed) {
    return `Only ${count.availableAfter} of ${count.known} members of ${where} would stay available${others}; at least ${count.needed} are needed.`;
  }
  if (minimum.unit === 'percent' && count.weightPercentAfter < minimum.value) {
    return `Only ${count.weightPercentAfter}% of the weight of ${where} would stay${others}; at least ${minimum.value}% are needed.`;
  }
  return undefined;
}

/**
 * Decides whether members may be taken out, on live state: never below `minimum`, never the last available
 * member; each device counts for itself, so the worst view decides. A change that takes no capacity
 * away (everything it touches is out or sick already) is allowed even where the pool is below its minimum.
 */
export function guard(pools: readonly GuardedPool[], minimum: MinAvailable): GuardVerdict {
  const counts = pools.map((pool) => countPool(pool, minimum));
  for (const [index, count] of counts.entries()) {
    const reason = refusal(count, minimum, pools[index]?.claimed.size ?? 0);
    if (reason !== undefined) return { allowed: false, reason, pools: counts };
  }
  const low = counts.find((count) => count.availableAfter < count.needed);
  if (low === undefined) return { allowed: true, pools: counts };
  return {
    allowed: true,
    reason: `${low.pool} on ${low.balancer} has ${low.availableAfter} of ${low.needed} needed members available; this change takes none of them away.`,
    pools: counts,
  };
}
