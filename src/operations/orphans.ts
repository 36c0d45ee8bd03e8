import type { Service } from '../domain/inventory.ts';
import type { MemberState } from '../domain/member.ts';
import type { WorkerContext } from './context.ts';
import { type PoolAt, type PoolReading, poolsOf, readPools } from './devices.ts';
import { orphanReadsAtOnce, orphansNamedMax } from './limits.ts';
import { channelForService } from './route.ts';

/** Out by somebody's command, as far as the device can tell; not by its configuration or its health. */
function isTakenOut(member: MemberState): boolean {
  if (member.admin === 'enabled') return false;
  return member.causes.length === 0 || member.causes.includes('command');
}

async function readAll(
  context: WorkerContext,
  places: readonly PoolAt[],
): Promise<readonly PoolReading[]> {
  const readings: PoolReading[] = [];
  for (let from = 0; from < places.length; from += orphanReadsAtOnce) {
    readings.push(...(await readPools(context, places.slice(from, from + orphanReadsAtOnce))));
  }
  return readings;
}

/** The members out that no hold knows, by name, with the balancers on which they are. */
async function orphansIn(
  context: WorkerContext,
  readings: readonly PoolReading[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, readonly string[]>();
  for (const reading of readings) {
    if ('fault' in reading) continue;
    const holds = await context.stores.holds.ofPool(reading.balancer, reading.pool);
    const held = new Set(holds.map(({ member }) => member));
    for (const { name } of reading.state.members.filter(isTakenOut)) {
      if (held.has(name)) continue;
      found.set(name, [...(found.get(name) ?? []), reading.balancer]);
    }
  }
  return found;
}

function words(service: Service, orphans: ReadonlyMap<string, readonly string[]>): string {
  const all = [...orphans].map(([name, on]) => `${name} (on ${[...new Set(on)].join(', ')})`);
  const more = all.length - orphansNamedMax;
  const list = `${all.slice(0, orphansNamedMax).join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
  const [first = ''] = orphans.keys();
  return `The records about ${service.name} began anew, and these members are out with no change on record: ${list}. Nothing is done about them. Type \`disable ${service.name} ${first}\` to have one on record as yours (nothing is written to a balancer), or \`enable ${service.name} ${first}\` to bring it back.`;
}

/**
 * Once in every life of the store: finds members that are out and that no record knows, and offers them for adoption
 * in the channel of their service. Changes nothing. A balancer that does not answer is named in the log.
 */
export async function announceOrphans(context: WorkerContext): Promise<void> {
  const life = await context.stores.life.unlooked();
  if (life === undefined) return;
  for (const service of context.inventory.services.values()) {
    const readings = await readAll(context, poolsOf(service));
    const unread = readings.filter((reading) => 'fault' in reading);
    if (unread.length > 0) {
      const balancers = [...new Set(unread.map(({ balancer }) => balancer))];
      context.log.warn('Members out could not be looked for', { service: service.name, balancers });
    }
    const orphans = await orphansIn(context, readings);
    if (orphans.size === 0) continue;
    context.log.warn('Members are out with no change on record', {
      service: service.name,
      members: [...orphans.keys()],
    });
    const channel = channelForService(context.inventory, service.name);
    if (channel === undefined) continue;
    await context.queue.notice({
      id: `orphans.${life}.${service.name}`,
      channel,
      mentions: [],
      text: words(service, orphans),
    });
  }
  await context.stores.life.noteLooked(life);
}
