import { poolText } from '../../domain/virtual-service.ts';
import type { Service } from './parse.ts';

/** So many other services of one host are named. */
const NAMED_MAX = 8;

/** For each of these addresses, the services of the table but this one that send new clients there. */
export function elsewhereOf(
  addresses: ReadonlySet<string>,
  own: Service,
  services: readonly Service[],
): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const other of services) {
    if (other === own) continue;
    const name = poolText(other.service);
    for (const { server, weight } of other.destinations) {
      if (weight === 0 || !addresses.has(server.address)) continue;
      const names = found.get(server.address) ?? [];
      if (names.length < NAMED_MAX && !names.includes(name)) names.push(name);
      found.set(server.address, names);
    }
  }
  return found;
}
