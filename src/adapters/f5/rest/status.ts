import { z } from 'zod';
import type { Failover, SyncState } from '../unit.ts';

/**
 * Statistics are objects in objects, under keys that differ between versions and repeat parts of themselves. So the
 * keys are not built but walked: every `{ name: { description } }`, in the unit's order.
 */
function* described(data: unknown): Generator<readonly [string, string]> {
  if (typeof data !== 'object' || data === null) return;
  for (const [key, value] of Object.entries(data)) {
    if (typeof value !== 'object' || value === null) continue;
    const text = 'description' in value ? value.description : undefined;
    if (typeof text === 'string') yield [key, text];
    else yield* described(value);
  }
}

/** Of `/mgmt/tm/cm/failover-status`. */
export function parseFailover(data: unknown): Failover {
  const found = [...described(data)];
  const status = found.find(([key]) => key === 'status')?.[1] ?? '';
  const activeFor = found.flatMap(([, text]) => /active for (\S+)/.exec(text)?.[1] ?? []);
  return { status: status.toUpperCase(), activeFor };
}

const RECOMMENDED = /Recommended action:\s*(?<action>.+)/;

/** Of `/mgmt/tm/cm/sync-status`. */
export function parseSyncState(data: unknown): SyncState {
  const found = [...described(data)];
  const status = found.find(([key]) => key === 'status')?.[1] ?? 'unknown';
  const action = found
    .map(([, text]) => RECOMMENDED.exec(text)?.groups?.action)
    .find((text) => text !== undefined);
  return { status, ...(action === undefined ? {} : { action }) };
}

const collection = z.looseObject({ items: z.array(z.unknown()).default([]) });
const device = z.looseObject({
  hostname: z.string().catch(''),
  name: z.string().catch(''),
  managementIp: z.string().catch(''),
  selfDevice: z.unknown().optional(),
});

/** Of `/mgmt/tm/cm/device`: every device but the one that answered. */
export function parsePeers(data: unknown): readonly string[] {
  const parsed = collection.safeParse(data);
  if (!parsed.success) return [];
  return parsed.data.items.flatMap((item) => {
    const found = device.safeParse(item);
    if (!found.success || String(found.data.selfDevice) === 'true') return [];
    const { hostname, name, managementIp } = found.data;
    return [`${hostname || name} (${managementIp})`];
  });
}

const group = z.looseObject({ fullPath: z.string(), type: z.string().catch('') });

/** Of `/mgmt/tm/cm/device-group`: those whose configuration is copied as a whole and that fail over. */
export function parseFailoverGroups(data: unknown): readonly string[] {
  const parsed = collection.safeParse(data);
  if (!parsed.success) return [];
  return parsed.data.items.flatMap((item) => {
    const found = group.safeParse(item);
    return found.success && found.data.type === 'sync-failover' ? [found.data.fullPath] : [];
  });
}
