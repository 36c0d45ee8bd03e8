import { type Fault, faultOf } from '../domain/errors.ts';
import type { Service } from '../domain/inventory.ts';
import { type PoolState, takesClients } from '../domain/member.ts';
import { resolveMembers } from '../domain/resolve-member.ts';
import type { GuardedPool } from '../policy/guard.ts';
import type { WorkerContext } from './context.ts';
import { readDeadlineMs } from './limits.ts';
import { reachMember } from './reach.ts';

/** A pool on one device. */
export interface PoolAt {
  readonly balancer: string;
  readonly pool: string;
}

export type PoolReading =
  | ({ readonly state: PoolState } & PoolAt)
  | ({ readonly fault: Fault } & PoolAt);

/** Where a service lives, device by device, in the order in which it is changed. */
export function poolsOf(service: Service, on?: string): readonly PoolAt[] {
  return service.pools.flatMap(({ balancers, pool }) =>
    balancers
      .filter((balancer) => on === undefined || balancer === on)
      .map((balancer) => ({ balancer, pool })),
  );
}

/** Reads one pool, bounded in time; remembers which members it showed. Throws the adapter's errors. */
export async function readPool(
  context: WorkerContext,
  at: PoolAt,
  signal?: AbortSignal,
): Promise<PoolState> {
  const deadline = AbortSignal.timeout(readDeadlineMs);
  const state = await context
    .adapterOf(at.balancer)
    .read(at.pool, {
      signal: signal === undefined ? deadline : AbortSignal.any([deadline, signal]),
    })
    .catch(async (thrown: unknown) => {
      // A worker that was told to stop says nothing about the device.
      if (signal?.aborted !== true) await noteSighting(context, at.balancer, faultOf(thrown));
      throw thrown;
    });
  const names = state.members.filter((member) => !member.backup).map((member) => member.name);
  await Promise.all([
    context.stores.seen.note(at.balancer, at.pool, names, context.clock.now()),
    noteSighting(context, at.balancer),
  ]);
  return state;
}

/** A courtesy for the Home tab: no read fails because of it. */
async function noteSighting(context: WorkerContext, balancer: string, fault?: Fault) {
  try {
    await context.stores.sightings.note(balancer, context.clock.now(), fault);
  } catch (error) {
    context.log.debug('Noting that a device was seen failed', { balancer, error });
  }
}

/** Reads pools side by side; a device that does not answer is a fault beside the others. */
export function readPools(
  context: WorkerContext,
  places: readonly PoolAt[],
  signal?: AbortSignal,
): Promise<readonly PoolReading[]> {
  return Promise.all(
    places.map(async (place) => {
      try {
        return { ...place, state: await readPool(context, place, signal) };
      } catch (thrown) {
        return { ...place, fault: faultOf(thrown) };
      }
    }),
  );
}

async function knownMembers(
  context: WorkerContext,
  service: Service,
  state: PoolState,
): Promise<readonly string[]> {
  const { balancer } = state.device;
  if (service.members === undefined) {
    return context.stores.seen.largest(balancer, state.pool, context.clock.now());
  }
  return service.members.map((listed) => {
    const found = resolveMembers([listed], state.members);
    return 'resolved' in found ? (found.resolved[0]?.name ?? listed) : listed;
  });
}

async function reachedMembers(
  context: WorkerContext,
  service: Service,
  { device: { balancer }, pool, members }: PoolState,
): Promise<Pick<GuardedPool, 'reached' | 'unreached' | 'blind'>> {
  // Who takes no clients is no capacity, whether it is reached or not.
  const unchecked = members.filter(
    (member) => member.health === 'unchecked' && takesClients(member) && !member.backup,
  );
  const results = await Promise.all(
    unchecked.map((member) => reachMember(context, service, { balancer, pool }, member)),
  );
  const reached = new Set<string>();
  const unreached = new Map<string, string>();
  const blind = new Set<string>();
  for (const [index, { name }] of unchecked.entries()) {
    const result = results[index];
    if (result?.reached === true) reached.add(name);
    else unreached.set(name, result?.reason ?? '');
    if (result?.reached === false && result.blind === true) blind.add(name);
  }
  return { reached, unreached, blind };
}

/**
 * A pool as the guard must see it: live members, the members it should have, what earlier approved changes
 * take, and what our own check reached where the device checks nothing.
 * `sequence` is the asking change's place among approvals; without one every claim counts.
 */
export async function guardedPool(
  context: WorkerContext,
  service: Service,
  state: PoolState,
  moves: Pick<GuardedPool, 'taking' | 'giving' | 'weights'>,
  asking: { readonly changeId: string; readonly sequence?: number },
): Promise<GuardedPool> {
  const { balancer } = state.device;
  const [known, claims, looked] = await Promise.all([
    knownMembers(context, service, state),
    context.stores.claims.ofPool(balancer, state.pool),
    reachedMembers(context, service, state),
  ]);
  const counting = claims.filter(
    (claim) =>
      claim.changeId !== asking.changeId &&
      (asking.sequence === undefined || claim.sequence < asking.sequence),
  );
  return {
    balancer,
    pool: state.pool,
    members: state.members,
    known,
    ...looked,
    claimed: new Set(counting.map((claim) => claim.member)),
    ...moves,
  };
}
