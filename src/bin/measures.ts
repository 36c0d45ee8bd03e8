import { readFileSync } from 'node:fs';
import type { Inventory } from '../domain/inventory.ts';
import type { Stores } from '../ports/records.ts';
import type { Consumers } from '../queue/consumers.ts';
import { createMetrics, type ProductMetrics, type Standing } from '../telemetry/metrics.ts';

/** The version of this package; it stands beside `src` and `dist`. */
export function productVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return String((JSON.parse(text) as { version?: unknown }).version ?? 'unknown');
}

/** The metrics of one process. Queues are looked at by workers alone: one of them is enough to see the site. */
export function productMetrics(
  inventory: Inventory,
  stores: Pick<Stores, 'holds' | 'sightings'>,
  consumers: () => Consumers | undefined,
): ProductMetrics {
  return createMetrics({
    version: productVersion(),
    environments: inventory.environments.keys(),
    balancers: inventory.balancers.keys(),
    now: () => Date.now(),
    async standing(): Promise<Standing> {
      const [queues, membersOut, sightings] = await Promise.all([
        consumers()?.look() ?? [],
        membersHeld(inventory, stores),
        stores.sightings.all(),
      ]);
      const seen = sightings.flatMap(({ balancer, answeredAt: at }) =>
        at === undefined ? [] : [{ balancer, at }],
      );
      return { queues, membersOut, seen };
    },
  });
}

/** Different members held out of each service, 0 included. */
async function membersHeld(
  inventory: Inventory,
  { holds }: Pick<Stores, 'holds'>,
): Promise<Standing['membersOut']> {
  const places = await holds.pools();
  const all = await Promise.all(
    places.map(async ({ balancer, pool }) => ({
      place: `${balancer}/${pool}`,
      members: (await holds.ofPool(balancer, pool)).map(({ member }) => member),
    })),
  );
  const byPlace = new Map(all.map(({ place, members }) => [place, members]));
  return [...inventory.services.values()].map(({ name, pools }) => {
    const members = pools.flatMap(({ pool, balancers }) =>
      balancers.flatMap((balancer) => byPlace.get(`${balancer}/${pool}`) ?? []),
    );
    return { service: name, members: new Set(members).size };
  });
}
