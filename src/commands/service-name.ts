import { findService, type Inventory, type Service } from '../domain/inventory.ts';
import { quoted, suggestion, UsageProblem } from './usage.ts';

/** The service of this name or alias. Throws UsageProblem with the nearest name. */
export function readService(typed: string | undefined, inventory: Inventory): Service {
  if (typed === undefined || typed === '') throw new UsageProblem('The service is missing.');
  const service = findService(inventory, typed);
  if (service !== undefined) return service;
  const names = [...inventory.services.values()].flatMap(({ name, aliases }) => [name, ...aliases]);
  const near = suggestion(typed, names, 'The services are listed by "pools".');
  throw new UsageProblem(`Unknown service ${quoted(typed)}.${near}`);
}

/** A service, else a pair of that name. Throws UsageProblem with the nearest of both. */
export function readServiceOrPair(
  typed: string | undefined,
  inventory: Inventory,
): { readonly service: string } | { readonly pair: string } {
  if (typed === undefined || typed === '') {
    throw new UsageProblem('The service or pair is missing.');
  }
  const service = findService(inventory, typed);
  if (service !== undefined) return { service: service.name };
  const pair = inventory.pairs.get(typed);
  if (pair !== undefined) return { pair: pair.name };
  const services = [...inventory.services.values()].map(({ name }) => name);
  const near = suggestion(
    typed,
    [...services, ...inventory.pairs.keys()],
    'Services and pairs are listed by "pools".',
  );
  throw new UsageProblem(`Unknown service or pair ${quoted(typed)}.${near}`);
}
