import type { Fault } from './errors.ts';
import type { PairGap } from './pair-gap.ts';

/** What a device says of one thing, by the device's own words: `scheduler` is `rr`. */
export type Facts = Readonly<Record<string, string>>;

export interface ListedPool {
  readonly pool: string;
  readonly facts: Facts;
  readonly members: readonly { readonly member: string; readonly facts: Facts }[];
}

/** What one device has that must be alike on those that stand in for it. */
export interface Side {
  /** Name of the balancer, or of one unit of it. */
  readonly side: string;
  /** Of the device as a whole. */
  readonly facts: Facts;
  readonly pools: readonly ListedPool[];
}

/** One thing that is not the same on all sides. */
export interface Difference {
  /** Absent where it is one of the device as a whole. */
  readonly pool?: string;
  readonly member?: string;
  /** Name of the fact; `is there` where a pool or member is missing on a side. */
  readonly fact: string;
  /** In the order of the sides; absent facts read `-`. */
  readonly values: readonly string[];
}

/** What stands in for each other, side by side. */
export interface Comparison {
  /** Name of the pair, or of the balancer. */
  readonly of: string;
  readonly sides: readonly string[];
  /** Of the side that has most. */
  readonly poolCount: number;
  readonly memberCount: number;
  readonly differences: readonly Difference[];
  /** Balancers that could not be read. */
  readonly faults: readonly { readonly balancer: string; readonly fault: Fault }[];
  /** Changes that are known to have left a node out. */
  readonly gaps: readonly PairGap[];
}

export const IS_THERE = 'is there';

type Place = Pick<Difference, 'pool' | 'member'>;

function factsThatDiffer(place: Place, all: readonly Facts[]): readonly Difference[] {
  const names = [...new Set(all.flatMap((facts) => Object.keys(facts)))].sort();
  return names.flatMap((fact) => {
    const values = all.map((facts) => facts[fact] ?? '-');
    return new Set(values).size > 1 ? [{ ...place, fact, values }] : [];
  });
}

/** Things that a side lacks are one difference; only those that all have are looked into. */
function each<Thing extends { readonly facts: Facts }>(
  all: readonly ReadonlyMap<string, Thing>[],
  placeOf: (name: string) => Place,
  inside: (name: string, things: readonly Thing[]) => readonly Difference[],
): readonly Difference[] {
  const names = [...new Set(all.flatMap((things) => [...things.keys()]))].sort();
  return names.flatMap((name) => {
    const found = all.flatMap((things) => things.get(name) ?? []);
    const place = placeOf(name);
    if (found.length === all.length) {
      return [
        ...factsThatDiffer(
          place,
          found.map(({ facts }) => facts),
        ),
        ...inside(name, found),
      ];
    }
    const values = all.map((things) => (things.has(name) ? 'yes' : 'no'));
    return [{ ...place, fact: IS_THERE, values }];
  });
}

/** Everything in which these sides are not alike; none for fewer than two. */
export function differencesOf(sides: readonly Side[]): readonly Difference[] {
  if (sides.length < 2) return [];
  const whole = factsThatDiffer(
    {},
    sides.map(({ facts }) => facts),
  );
  const pools = sides.map((side) => new Map(side.pools.map((pool) => [pool.pool, pool])));
  const inPools = each(
    pools,
    (pool) => ({ pool }),
    (pool, found) =>
      each(
        found.map(({ members }) => new Map(members.map((member) => [member.member, member]))),
        (member) => ({ pool, member }),
        () => [],
      ),
  );
  return [...whole, ...inPools];
}

/** True when all sides could be read and are the same. */
export function isAlike({ sides, differences, faults }: Comparison): boolean {
  return sides.length > 1 && differences.length === 0 && faults.length === 0;
}
