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
  /** Those of them that take clients and that it did not reach, and why. */
  readonly unreached?: ReadonlyMap<string, string>;
  /** Of those, the ones at which it could not even look: nobody knows whether they serve. */
  readonly blind?: ReadonlySet<string>;
  /** Members that other, earlier approved changes take out. */
  readonly claimed: ReadonlySet<string>;
  /** Members this change still takes out. */
  readonly taking: ReadonlySet<string>;
  /** Members this change brings back: shown as capacity, never counted on. */
  readonly giving?: ReadonlySet<string>;
  /** Weights this change gives to members that stay in. */
  readonly weights?: ReadonlyMap<string, number>;
}

/**
 * What others were promised is as good as gone, except where this change takes it itself: until the other one
 * ran, the member is there, and taking it is a real loss.
 */
function isPromised(member: MemberState, pool: GuardedPool): boolean {
  return pool.claimed.has(member.name) && !pool.taking.has(member.name);
}

function isCapacity(member: MemberState, pool: GuardedPool): boolean {
  if (member.backup || !takesClients(member) || isPromised(member, pool)) return false;
  return member.health !== 'unchecked' || pool.reached.has(member.name);
}

function fewest(minimum: MinAvailable, known: number): number {
  const wanted =
    minimum.unit === 'percent' ? Math.ceil((known * minimum.value) / 100) : minimum.value;
  return Math.max(1, wanted);
}

/** A member that takes no client now still weighs what its configuration says. */
const fullWeight = (member: MemberState) => Math.max(member.weight, member.configuredWeight);

const atFullWeight = (member: MemberState) => ({ ...member, weight: fullWeight(member) });

/** Whole numbers until the one division: a share that is just enough must not be rounded below it. */
function weightShare(pool: GuardedPool, kept: readonly MemberState[]): number {
  const regular = pool.members.filter((member) => !member.backup);
  const seen = new Set(pool.members.map((member) => member.name));
  const present = regular.reduce((sum, member) => sum + fullWeight(member), 0);
  const missing = pool.known.filter((name) => !seen.has(name)).length;
  const weightOf = (member: MemberState) => pool.weights?.get(member.name) ?? member.weight;
  const left = kept.reduce((sum, member) => sum + weightOf(member), 0);
  // Who is missing weighs as much as the others do on average.
  const whole = present * (regular.length + missing);
  return whole === 0 ? 0 : Math.floor((left * regular.length * 100) / whole);
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
  const given = pool.members.filter(
    (member) =>
      pool.giving?.has(member.name) === true && !member.backup && !available.includes(member),
  );
  return {
    balancer: pool.balancer,
    pool: pool.pool,
    known: regularNames.size,
    availableBefore: available.length,
    availableAfter: kept.length + given.length,
    needed: fewest(minimum, regularNames.size),
    weightPercentAfter: weightShare(pool, [...kept, ...given.map(atFullWeight)]),
  };
}

/** Members named of those that our own check does not reach. */
const UNREACHED_NAMED_MAX = 3;

function unreachedWords({ unreached = new Map() }: GuardedPool): string {
  if (unreached.size === 0) return '';
  const named = [...unreached].slice(0, UNREACHED_NAMED_MAX).map((each) => each.join(': '));
  const more = unreached.size - named.length;
  return ` (our own check does not reach ${named.join('; ')}${more > 0 ? `; and ${more} more` : ''})`;
}

function refusal(count: GuardCount, minimum: MinAvailable, pool: GuardedPool): string | undefined {
  const takesBlindly = [...pool.taking].some((name) => pool.blind?.has(name));
  if (count.availableAfter >= count.availableBefore && !takesBlindly) return undefined;
  const where = `${count.pool} on ${count.balancer}`;
  const claimed = pool.members.filter((member) => isPromised(member, pool)).length;
  const promised =
    claimed === 0 ? '' : ` (${claimed} more already promised to earlier approved changes)`;
  const others = `${promised}${unreachedWords(pool)}`;
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
  for (const pool of pools) {
    const count = countPool(pool, minimum);
    const reason = refusal(count, minimum, pool);
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
