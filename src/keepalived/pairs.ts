import type { Inventory } from '../domain/inventory.ts';
import { parsePool } from '../domain/virtual-service.ts';
import type { VrrpPair } from './roles.ts';

/** The pairs that the inventory gives a VRRP instance, with the addresses that only the MASTER has. */
export function vrrpPairs(inventory: Inventory): ReadonlyMap<string, VrrpPair> {
  const pools = [...inventory.services.values()].flatMap((service) => service.pools);
  return new Map(
    [...inventory.pairs.values()].flatMap(
      ({ name, nodes, vrrp, vips: own = [] }): [string, VrrpPair][] => {
        if (vrrp === undefined) return [];
        const vips = pools
          .filter(({ lane }) => lane === name)
          .map(({ pool }) => parsePool(pool))
          .flatMap((service) => (service?.kind === 'address' ? [service.address] : []));
        return [[name, { instance: vrrp, vips: [...new Set([...own, ...vips])], nodes }]];
      },
    ),
  );
}
