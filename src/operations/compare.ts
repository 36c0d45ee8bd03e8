import {
  type Comparison,
  differencesOf,
  type ListedPool,
  type Side,
} from '../domain/comparison.ts';
import { faultOf } from '../domain/errors.ts';
import type { PoolState } from '../domain/member.ts';
import type { WorkerContext } from './context.ts';
import { readPool } from './devices.ts';
import { compareReadMs } from './limits.ts';

/** What is to be compared: the balancers that stand in for each other, and the pools that matter. */
export interface Compared {
  /** Name of the pair, or of the balancer. */
  readonly of: string;
  readonly balancers: readonly string[];
  /** The pools of the inventory there; of kinds that show their whole table, what else they have counts as well. */
  readonly pools: readonly string[];
  /** Only these pools, whatever else a device shows. */
  readonly isOnlyThese: boolean;
  /** Pools that whoever asks may not see. */
  readonly hidden: ReadonlySet<string>;
}

function listed({ pool, persistence, members }: PoolState): ListedPool {
  return {
    pool,
    facts: persistence === undefined ? {} : { persistence },
    members: members.map(({ name, admin, weight, address, port, forwarding, backup }) => ({
      member: name,
      facts: {
        admin,
        weight: String(weight),
        address: `${address} port ${port}`,
        ...(forwarding === undefined ? {} : { forwarding }),
        ...(backup ? { backup: 'yes' } : {}),
      },
    })),
  };
}

/** The sides of one balancer: its own listing where its kind has one, else the pools of the inventory as they are read. */
async function sidesOf(
  context: WorkerContext,
  balancer: string,
  pools: readonly string[],
): Promise<readonly Side[]> {
  const signal = AbortSignal.timeout(compareReadMs);
  const adapter = context.adapterOf(balancer);
  if (adapter.sides !== undefined) return adapter.sides({ signal });
  const read = pools.map(async (pool) => {
    try {
      return [listed(await readPool(context, { balancer, pool }, signal))];
    } catch (thrown) {
      if (faultOf(thrown).code === 'NO_SUCH_POOL') return [];
      throw thrown;
    }
  });
  return [{ side: balancer, facts: {}, pools: (await Promise.all(read)).flat() }];
}

function visible(side: Side, { isOnlyThese, hidden, pools }: Compared): Side {
  const isShown = ({ pool }: ListedPool) =>
    !hidden.has(pool) && (!isOnlyThese || pools.includes(pool));
  return { ...side, pools: side.pools.filter(isShown) };
}

/** Reads what stands in for each other, all at once, and tells in what it is not alike. Writes nothing. */
export async function compare(context: WorkerContext, compared: Compared): Promise<Comparison> {
  const { of, balancers, pools } = compared;
  const faults: Comparison['faults'][number][] = [];
  const read = await Promise.all(
    balancers.map(async (balancer) => {
      try {
        return await sidesOf(context, balancer, pools);
      } catch (thrown) {
        faults.push({ balancer, fault: faultOf(thrown) });
        return [];
      }
    }),
  );
  const sides = read.flat().map((side) => visible(side, compared));
  const gaps = (await context.stores.gaps.all()).filter(
    ({ pair, pool }) => pair === of && !compared.hidden.has(pool),
  );
  return {
    of,
    sides: sides.map(({ side }) => side),
    poolCount: Math.max(0, ...sides.map((side) => side.pools.length)),
    memberCount: Math.max(0, ...sides.map((side) => side.pools.flatMap((p) => p.members).length)),
    differences: differencesOf(sides),
    faults,
    gaps,
  };
}

/** The whole of a pair, for whoever must know that its nodes are alike before one takes over from the other. */
export function comparePair(context: WorkerContext, pair: string): Promise<Comparison> {
  const { pairs, services } = context.inventory;
  const targets = [...services.values()].flatMap((service) => service.pools);
  return compare(context, {
    of: pair,
    balancers: pairs.get(pair)?.nodes ?? [pair],
    pools: [...new Set(targets.filter(({ lane }) => lane === pair).map(({ pool }) => pool))],
    isOnlyThese: false,
    hidden: new Set(),
  });
}
