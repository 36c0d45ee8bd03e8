import type { WorkerContext } from '../operations/context.ts';
import type { PoolAt } from '../operations/devices.ts';

/** Asked once for all balancers that are looked at within this time. */
const FRESH_MS = 500;

/** Pools with members that must stay as they were left, as Redis last said. */
export interface HeldPools {
  has(place: PoolAt): Promise<boolean>;
  /** `false` also while Redis does not answer: nothing could be restored then. */
  any(balancer: string): Promise<boolean>;
}

export function heldPools({ stores, clock }: Pick<WorkerContext, 'stores' | 'clock'>): HeldPools {
  let asked: { readonly at: number; readonly pools: Promise<readonly PoolAt[]> } | undefined;

  const pools = (): Promise<readonly PoolAt[]> => {
    const now = clock.now();
    if (asked === undefined || now - asked.at >= FRESH_MS) {
      asked = { at: now, pools: stores.holds.pools() };
    }
    return asked.pools;
  };

  return {
    async has({ balancer, pool }) {
      return (await pools()).some((each) => each.balancer === balancer && each.pool === pool);
    },
    async any(balancer) {
      const known = await pools().catch(() => []);
      return known.some((each) => each.balancer === balancer);
    },
  };
}
