import type { Inventory, MinAvailable, Service } from '../domain/inventory.ts';
import { type ProbedVip, probedVip } from '../domain/probed-vip.ts';
import { parsePool } from '../domain/virtual-service.ts';

/** A pool of a lane, and what its service asks of it. */
export interface LanePool {
  readonly pool: string;
  readonly balancers: readonly string[];
  readonly service: string;
  readonly minAvailable: MinAvailable;
  /** How many members the inventory lists. */
  readonly known?: number;
}

/** What the inventory says about one pair, or one balancer that stands alone. */
export interface LaneSite {
  readonly lane: string;
  readonly nodes: readonly string[];
  readonly pools: readonly LanePool[];
  /** Where its nodes stand in for each other by VRRP. */
  readonly vrrp?: { readonly instance: string; readonly vips: readonly string[] };
  /** Where its VIP is to be tried, and how often. */
  readonly probe?: ProbedVip & { readonly everyMs: number };
}

function poolsOn(lane: string, services: readonly Service[]): readonly LanePool[] {
  return services.flatMap(({ name, pools, minAvailable, members }) =>
    pools
      .filter((target) => target.lane === lane)
      .map(({ pool, balancers }) => ({
        pool,
        balancers,
        service: name,
        minAvailable,
        ...(members === undefined ? {} : { known: members.length }),
      })),
  );
}

/** Every lane on which a service lives. */
export function lanesOf(inventory: Inventory): readonly LaneSite[] {
  const services = [...inventory.services.values()];
  const names = services.flatMap(({ pools }) => pools.map(({ lane }) => lane));
  return [...new Set(names)].map((lane): LaneSite => {
    const pair = inventory.pairs.get(lane);
    const pools = poolsOn(lane, services);
    const vips = pools.flatMap(({ pool }) => {
      const service = parsePool(pool);
      return service?.kind === 'address' ? [service.address] : [];
    });
    return {
      lane,
      nodes: pair?.nodes ?? [lane],
      pools,
      ...(pair?.vrrp === undefined
        ? {}
        : { vrrp: { instance: pair.vrrp, vips: [...new Set([...(pair.vips ?? []), ...vips])] } }),
      ...probeOf(inventory, lane),
    };
  });
}

function probeOf(inventory: Inventory, lane: string): Pick<LaneSite, 'probe'> {
  const everyMs = inventory.pairs.get(lane)?.probeEveryMs;
  const vip = everyMs === undefined ? undefined : probedVip(inventory, lane);
  return everyMs === undefined || vip === undefined ? {} : { probe: { ...vip, everyMs } };
}
