import type { Outcome } from '../domain/change.ts';
import type { Inventory, Service } from '../domain/inventory.ts';
import type { PoolState } from '../domain/member.ts';
import type { PlanTarget } from './reach.ts';

interface Elsewhere {
  readonly balancer: string;
  /** The other pool, as the device names it. */
  readonly pool: string;
  readonly address: string;
}

function isOf(service: Service, { balancer, pool }: Pick<Elsewhere, 'balancer' | 'pool'>): boolean {
  return service.pools.some((at) => at.pool === pool && at.balancers.includes(balancer));
}

/** Where a host gets new clients beside this service, as its balancer's own table says. */
function elsewhere(service: Service, targets: readonly PlanTarget[]): readonly Elsewhere[] {
  return targets
    .flatMap(({ balancer, member: { alsoIn = [], address } }) =>
      alsoIn.map((pool) => ({ balancer, pool, address })),
    )
    .filter((each) => !isOf(service, each));
}

const words = ({ balancer, pool, address }: Elsewhere) =>
  `${pool} on ${balancer} still sends clients to ${address}`;

/** The same before a change, without those that the inventory knows as services: these are looked at by name. */
export function unknownElsewhere(
  inventory: Inventory,
  service: Service,
  targets: readonly PlanTarget[],
): readonly string[] {
  const unnamed = elsewhere(service, targets).filter(
    (each) => ![...inventory.services.values()].some((other) => isOf(other, each)),
  );
  return [...new Set(unnamed.map((each) => `${words(each)}; the inventory has no service there.`))];
}

/** After members were taken out: where their hosts get clients all the same. */
export function stillElsewhere(
  service: Service,
  members: readonly string[],
  { after }: Pick<Outcome, 'after'>,
): readonly string[] {
  const out = (state: PoolState): readonly PlanTarget[] =>
    state.members
      .filter(({ name, admin }) => admin !== 'enabled' && members.includes(name))
      .map((member) => ({ balancer: state.device.balancer, pool: state.pool, member }));
  return [...new Set(elsewhere(service, after.flatMap(out)).map((each) => `${words(each)}.`))];
}
