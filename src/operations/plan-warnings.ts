import type { ChangeCommand } from '../domain/command.ts';
import type { Service } from '../domain/inventory.ts';
import type { MemberState } from '../domain/member.ts';
import type { PlanWarning } from '../domain/plan.ts';
import type { WorkerContext } from './context.ts';
import { type PoolAt, poolsOf, readPools } from './devices.ts';
import { unknownElsewhere } from './elsewhere.ts';
import { neighbourReadMs, neighboursMax, restoresPerHourMax } from './limits.ts';
import { checkedPort, lookouts, type PlanTarget, reachMember } from './reach.ts';

/**
 * Before a member takes clients again our own check must reach it. Where it does not, the plan says so and
 * asks; it is not refused, because the service may listen only later.
 */
async function unreachedWarnings(
  context: WorkerContext,
  service: Service,
  targets: readonly PlanTarget[],
): Promise<readonly PlanWarning[]> {
  const warnings = await Promise.all(
    lookouts(context, targets).map(async (target): Promise<PlanWarning[]> => {
      const { member } = target;
      const result = await reachMember(context, service, target, member);
      if (result.reached) return [];
      return [
        {
          text: `Our own check does not reach ${member.name} at ${member.address} port ${checkedPort(service, member)}: ${result.reason}`,
          asks: true,
        },
      ];
    }),
  );
  return warnings.flat();
}

const isLoopback = (address: string) => address === '::1' || address.startsWith('127.');

function sameHost(a: MemberState, b: MemberState): boolean {
  if (a.address !== b.address) return false;
  return !isLoopback(a.address) || a.port === b.port;
}

/** Addresses a pool had when it was last looked at; so old that a new member there may be missed for a minute. */
const HOSTS_VALID_MS = 60_000;
const hostsSeen = new WeakMap<
  WorkerContext,
  Map<string, { readonly at: number; readonly addresses: ReadonlySet<string> }>
>();

/** Pools that cannot share a host with these members, by what was seen there within the last minute, are left out. */
async function sharingPools<Place extends PoolAt>(
  context: WorkerContext,
  places: readonly Place[],
  members: readonly MemberState[],
  signal: AbortSignal,
) {
  const seen = hostsSeen.get(context) ?? new Map();
  hostsSeen.set(context, seen);
  const now = context.clock.now();
  const worthwhile = places.filter(({ balancer, pool }) => {
    const known = seen.get(`${balancer}/${pool}`);
    if (known === undefined || now - known.at > HOSTS_VALID_MS) return true;
    return members.some((member) => known.addresses.has(member.address));
  });
  const readings = await readPools(context, worthwhile, signal);
  for (const reading of readings) {
    if ('fault' in reading) continue;
    const addresses = new Set(reading.state.members.map(({ address }) => address));
    seen.set(`${reading.balancer}/${reading.pool}`, { at: now, addresses });
  }
  return { worthwhile, readings };
}

/** Other services that still send clients to a host that is being taken out. */
async function neighbourWarnings(
  context: WorkerContext,
  service: Service,
  targets: readonly PlanTarget[],
): Promise<readonly PlanWarning[]> {
  const members = targets.map(({ member }) => member);
  const others = [...context.inventory.services.values()].filter(
    (other) => other.name !== service.name,
  );
  const all = others.flatMap((other) => poolsOf(other).map((place) => ({ ...place, other })));
  // A balancer that shows its whole table has said already where else the members are.
  const told = new Set(
    targets
      .map(({ balancer }) => balancer)
      .filter((balancer) => context.adapterOf(balancer).sides !== undefined),
  );
  const places = all.filter(({ balancer }) => !told.has(balancer));
  const looked = places.slice(0, neighboursMax);
  // The lane of another balancer: when it is silent, this plan does not wait for it.
  const { worthwhile, readings } = await sharingPools(
    context,
    looked,
    members,
    AbortSignal.timeout(neighbourReadMs),
  );
  const warnings = new Map<string, PlanWarning>();
  for (const { balancer, pool, other } of all.filter((place) => told.has(place.balancer))) {
    for (const target of targets) {
      if (target.balancer !== balancer || target.member.alsoIn?.includes(pool) !== true) continue;
      const text = `${other.name} still sends clients to ${target.member.address} (${pool} on ${balancer}).`;
      warnings.set(text, { text, asks: false });
    }
  }
  for (const [index, reading] of readings.entries()) {
    const place = worthwhile[index];
    if (place === undefined) continue;
    if ('fault' in reading) {
      const text = `${place.other.name} could not be looked at for members on the same host: ${place.balancer} did not answer.`;
      warnings.set(text, { text, asks: false });
      continue;
    }
    for (const member of members) {
      const still = reading.state.members.find(
        (candidate) => candidate.admin === 'enabled' && sameHost(candidate, member),
      );
      if (still === undefined) continue;
      const text = `${place.other.name} still sends clients to ${member.address} (${still.name} in ${place.pool}).`;
      warnings.set(text, { text, asks: false });
    }
  }
  const unlooked = places.length - looked.length;
  if (unlooked > 0) {
    const text = `${unlooked} more pools of other services were not looked at for members on the same host.`;
    warnings.set(text, { text, asks: false });
  }
  return [...warnings.values()];
}

/** The device may refuse the weight, and does not say so beforehand. */
function doubtWarnings(members: readonly MemberState[]): readonly PlanWarning[] {
  const doubts = new Set(members.flatMap(({ weightDoubt }) => weightDoubt ?? []));
  return [...doubts].map((text) => ({ text, asks: false }));
}

/** Where another program keeps the table: how long a change lasts there, and by what. */
function lastingNotes(members: readonly MemberState[]): readonly PlanWarning[] {
  const notes = members.flatMap(({ name, keptIn, undoneBy }): readonly string[] => {
    if (keptIn !== undefined) {
      return [
        `${name} is changed in ${keptIn.file}, which the configuration includes: it is tested, reloaded and read back, and lasts over checks, reloads and restarts.`,
      ];
    }
    if (undoneBy === undefined) return [];
    return [
      `${undoneBy}. When that happens it is taken out again, at most ${restoresPerHourMax} times an hour, and some clients get there before.`,
    ];
  });
  return [...new Set(notes)].map((text) => ({ text, asks: false }));
}

/** Everything a reader must know about this command on these members, beside what the guard says. */
export async function warningsFor(
  context: WorkerContext,
  service: Service,
  command: ChangeCommand,
  targets: readonly PlanTarget[],
): Promise<readonly PlanWarning[]> {
  const members = targets.map(({ member }) => member);
  return [...(await ownWarnings(context, service, command, targets)), ...lastingNotes(members)];
}

async function ownWarnings(
  context: WorkerContext,
  service: Service,
  command: ChangeCommand,
  targets: readonly PlanTarget[],
): Promise<readonly PlanWarning[]> {
  const members = targets.map(({ member }) => member);
  switch (command.verb) {
    case 'enable':
      return unreachedWarnings(context, service, targets);
    case 'disable':
    case 'drain':
    case 'offline':
      return [
        ...(await neighbourWarnings(context, service, targets)),
        ...unknownElsewhere(context.inventory, service, targets).map((text) => ({
          text,
          asks: false,
        })),
      ];
    case 'weight':
      return doubtWarnings(members);
    case 'failover':
    case 'failback':
      return [];
  }
}
