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

async function readAll(context: WorkerContext, places: readonly PoolAt[]): Promise<PoolReading[]> {
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

/** A look takes as long as the slowest balancer, and the next sweep comes sooner. */
const looking = new WeakSet<WorkerContext>();

/**
 * Once in every life of the store: finds members that are out and that no record knows, and offers them for adoption
 * in the channel of their service. Changes nothing. A balancer that does not answer is named in the log. Returns at once
 * while an earlier call still looks.
 */
export async function announceOrphans(context: WorkerContext): Promise<void> {
  if (looking.has(context)) return;
  looking.add(context);
  try {
    const life = await context.stores.life.unlooked();
    if (life === undefined) return;
    const services = [...context.inventory.services.values()];
    const readings = await readAll(
      context,
      services.flatMap((service) => poolsOf(service)),
    );
    for (const service of services) {
      const count = poolsOf(service).length;
      await announceOf(context, service, readings.splice(0, count), life);
    }
    await context.stores.life.noteLooked(life);
  } finally {
    looking.delete(context);
  }
}

async function announceOf(
  context: WorkerContext,
  service: Service,
  readings: readonly PoolReading[],
  life: string,
): Promise<void> {
  const unread = readings.filter((reading) => 'fault' in reading);
  if (unread.length > 0) {
    const balancers = [...new Set(unread.map(({ balancer }) => balancer))];
    context.log.warn('Members out could not be looked for', { service: service.name, balancers });
  }
  const orphans = await orphansIn(context, readings);
  if (orphans.size === 0) return;
  context.log.warn('Members are out with no change on record', {
    service: service.name,
    members: [...orphans.keys()],
  });
  const channel = channelForService(context.inventory, service.name);
  if (channel === undefined) return;
  await context.queue.notice({
    id: `orphans.${life}.${service.name}`,
    channel,
    mentions: [],
    text: words(service, orphans),
  });
}
