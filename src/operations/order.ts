import { OperationError } from '../domain/errors.ts';
import type { PoolTarget, Service } from '../domain/inventory.ts';
import type { PairRoles } from '../ports/roles.ts';
import type { PoolAt } from './devices.ts';

export interface NodeOrder {
  /** Pools device by device, in the order in which they are written. */
  readonly places: readonly (PoolAt & { readonly lane: string })[];
  /** How roles chose the order; absent where the inventory's order stands. */
  readonly note?: string;
}

async function orderOf(
  target: PoolTarget,
  roles: PairRoles,
): Promise<{ balancers: readonly string[]; note?: string }> {
  if (target.balancers.length < 2) return { balancers: target.balancers };
  const found = await roles.of(target.lane);
  if (found === 'none') return { balancers: target.balancers };
  const masters = target.balancers.filter((balancer) => found.get(balancer) === 'MASTER');
  const [master] = masters;
  if (master === undefined || masters.length > 1) {
    const what = master === undefined ? 'No node' : `More than one node (${masters.join(', ')})`;
    throw new OperationError('ROLES_UNKNOWN', `${what} of pair ${target.lane} is MASTER now.`);
  }
  const others = target.balancers.filter((balancer) => balancer !== master);
  return {
    balancers: [...others, master],
    note: `${master} is MASTER of ${target.lane} and is changed last.`,
  };
}

/**
 * The order of writing: pools as the inventory lists them; within a pair with roles, BACKUP first, then MASTER.
 * Throws ROLES_UNKNOWN when a pair has no master or more than one.
 */
export async function orderNodes(
  service: Service,
  on: string | undefined,
  roles: PairRoles,
): Promise<NodeOrder> {
  const places: (PoolAt & { lane: string })[] = [];
  const notes: string[] = [];
  for (const target of service.pools) {
    const { balancers, note } = await orderOf(target, roles);
    if (note !== undefined) notes.push(note);
    for (const balancer of balancers) {
      if (on === undefined || balancer === on) {
        places.push({ balancer, pool: target.pool, lane: target.lane });
      }
    }
  }
  return notes.length === 0 ? { places } : { places, note: notes.join(' ') };
}
