import { OperationError } from '../domain/errors.ts';
import type { PoolTarget, Service } from '../domain/inventory.ts';
import type { PairRoles } from '../ports/roles.ts';
import type { PoolAt } from './devices.ts';

export interface NodeOrder {
  /** Pools device by device, in the order in which they are written. */
  readonly places: readonly (PoolAt & { readonly lane: string })[];
  /** How roles chose the order; absent where the inventory's order stands. */
  readonly note?: string;
  /** Which nodes were asked in vain, where one may be changed without them. */
  readonly silence?: string;
}

type TargetOrder = Pick<NodeOrder, 'note' | 'silence'> & { readonly balancers: readonly string[] };

async function orderOf(target: PoolTarget, roles: PairRoles): Promise<TargetOrder> {
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

/** One node alone: there is no order to choose, but a pair in disorder is not written to either. */
async function aloneOf(target: PoolTarget, on: string, roles: PairRoles): Promise<TargetOrder> {
  if (!target.balancers.includes(on)) return { balancers: [] };
  if (target.balancers.length < 2) return { balancers: target.balancers };
  const found = await roles.of(target.lane, on);
  if (found === 'none') return { balancers: [on] };
  const silent = target.balancers.filter((each) => each !== on && found.get(each) === 'UNKNOWN');
  if (silent.length === 0) return { balancers: [on] };
  const role = found.get(on) ?? 'UNKNOWN';
  return {
    balancers: [on],
    silence: `${silent.join(', ')} does not answer; that ${on} is ${role} of ${target.lane} is its own word alone.`,
  };
}

/** Two pools of one pair are put in order by one answer. */
function askedOnce(roles: PairRoles): PairRoles {
  const answers = new Map<string, ReturnType<PairRoles['of']>>();
  return {
    of(pair, only) {
      const known = answers.get(pair) ?? roles.of(pair, only);
      answers.set(pair, known);
      return known;
    },
  };
}

/**
 * The order of writing: pools as the inventory lists them; within a pair with roles, BACKUP first, then MASTER.
 * Throws ROLES_UNKNOWN when a pair has no master or more than one. With `on`, that one balancer alone.
 */
export async function orderNodes(
  service: Service,
  on: string | undefined,
  roles: PairRoles,
): Promise<NodeOrder> {
  const places: (PoolAt & { lane: string })[] = [];
  const notes = new Set<string>();
  const silences = new Set<string>();
  const asked = askedOnce(roles);
  for (const target of service.pools) {
    const order = on === undefined ? orderOf(target, asked) : aloneOf(target, on, asked);
    const { balancers, note, silence } = await order;
    if (note !== undefined) notes.add(note);
    if (silence !== undefined) silences.add(silence);
    for (const balancer of balancers) {
      places.push({ balancer, pool: target.pool, lane: target.lane });
    }
  }
  return {
    places,
    ...(notes.size === 0 ? {} : { note: [...notes].join(' ') }),
    ...(silences.size === 0 ? {} : { silence: [...silences].join(' ') }),
  };
}
