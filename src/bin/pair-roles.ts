import { OperationError } from '../domain/errors.ts';
import type { Inventory } from '../domain/inventory.ts';
import { vrrpPairs } from '../keepalived/pairs.ts';
import { vrrpRoles } from '../keepalived/roles.ts';
import type { AdapterOf } from '../ports/adapter.ts';
import type { PairRoles } from '../ports/roles.ts';

/** Roles of the pairs that have some: asked of the nodes themselves, each time. */
export function pairRoles(inventory: Inventory, adapterOf: AdapterOf): PairRoles {
  return vrrpRoles(vrrpPairs(inventory), {
    async ask(node, signal) {
      const testimony = await adapterOf(node).testimony?.({ signal });
      if (testimony !== undefined) return testimony;
      throw new OperationError(
        'UNSUPPORTED',
        `Asking ${node} for its role: it does not say; give it ssh, or take vrrp out of its pair.`,
      );
    },
  });
}
