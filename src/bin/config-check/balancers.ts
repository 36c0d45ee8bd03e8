import { createAdapter } from '../../adapters/registry.ts';
import type { Balancer, Inventory, Service } from '../../domain/inventory.ts';
import { takesClients } from '../../domain/member.ts';
import type { Secret } from '../../domain/secret.ts';
import { keepalivedOwner } from '../../keepalived/owner.ts';
import type { LoadBalancerAdapter } from '../../ports/adapter.ts';
import { secretsOf } from '../secrets-of.ts';
import { systemClock } from '../system-clock.ts';
import { type Finding, fail, finding, ok, warn } from './finding.ts';

const READ_MS_MAX = 10_000;

/** Reads every pool of every balancer, as `status` would. Changes nothing. */
export async function* checkBalancers(
  inventory: Inventory,
  secrets: ReadonlyMap<string, Secret>,
): AsyncGenerator<Finding> {
  for (const balancer of inventory.balancers.values()) {
    const pools = poolsOn(inventory, balancer);
    if (pools.length === 0) {
      yield warn(
        `No service has a pool on ${balancer.name}`,
        'Nothing was asked of it; take it out of the inventory, or add the pool.',
      );
      continue;
    }
    const adapter = createAdapter(balancer, {
      clock: systemClock,
      tableOwner: keepalivedOwner,
      secretOf: secretsOf(secrets),
    });
    try {
      for (const { service, pool } of pools) {
        yield finding(() => checkPool(adapter, service, pool));
      }
    } finally {
      await adapter.close();
    }
  }
}

async function checkPool(
  adapter: LoadBalancerAdapter,
  service: Service,
  pool: string,
): Promise<Finding> {
  const state = await adapter.read(pool, { signal: AbortSignal.timeout(READ_MS_MAX) });
  const { kind, version } = state.device;
  const where = `Pool ${pool} on ${adapter.balancer} (${kind} ${version})`;
  const names = state.members.map(({ name }) => name);
  const missing = (service.members ?? []).filter((name) => !names.includes(name));
  if (missing.length > 0) {
    return fail(
      `${where} has no ${missing.join(', ')}; it has ${names.join(', ') || 'no members'}`,
      `Compare the members of ${service.name} in the inventory with the balancer.`,
    );
  }
  const serving = state.members.filter(takesClients).length;
  return ok(`${where}: ${serving} of ${names.length} members take clients`);
}

function poolsOn(inventory: Inventory, balancer: Balancer) {
  return [...inventory.services.values()].flatMap((service) =>
    service.pools
      .filter(({ balancers }) => balancers.includes(balancer.name))
      .map(({ pool }) => ({ service, pool })),
  );
}
