import { type Incident, SEVERITIES, type Severity } from '../domain/incident.ts';
import { findService, type Inventory } from '../domain/inventory.ts';

/** Where word about a service goes that nobody asked for; undefined when the inventory names no channel for it. */
export function channelForService(
  inventory: Pick<Inventory, 'services' | 'announce'>,
  name: string,
): string | undefined {
  return inventory.services.get(name)?.channel ?? inventory.announce?.channel;
}

/**
 * Where an incident is told. What concerns one service goes to its channel; what concerns a pair goes to the pair's,
 * then to the default one, then to that of the first service that lives there.
 */
export function channelForIncident(
  inventory: Inventory,
  { lane, services, topic }: Pick<Incident, 'lane' | 'services' | 'topic'>,
): string | undefined {
  const own = services.flatMap((name) => findService(inventory, name)?.channel ?? []);
  const isOfPool = /^(?:members|table|drift):/.test(topic);
  if (isOfPool && own[0] !== undefined) return own[0];
  return inventory.pairs.get(lane)?.channel ?? inventory.announce?.channel ?? own[0];
}

/** Who is mentioned; ids stand in the inventory alone. */
export function mentionsFor(inventory: Inventory, severity: Severity): readonly string[] {
  return inventory.announce?.mention[severity] ?? [];
}

/** False for what is only recorded. */
export function isPosted(inventory: Inventory, worst: Severity): boolean {
  const from = inventory.announce?.from ?? 'info';
  return SEVERITIES.indexOf(worst) >= SEVERITIES.indexOf(from);
}
