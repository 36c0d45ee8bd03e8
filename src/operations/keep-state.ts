import { faultOf } from '../domain/errors.ts';
import type { KeptMember } from '../ports/adapter.ts';
import type { WorkerContext } from './context.ts';
import { writeDeadlineMs } from './limits.ts';

/** The members of a balancer that must stay as they were left; those that somebody changed by hand are theirs. */
async function keptOn(context: WorkerContext, balancer: string): Promise<readonly KeptMember[]> {
  const { holds } = context.stores;
  const pools = (await holds.pools()).filter((place) => place.balancer === balancer);
  const held = await Promise.all(pools.map(({ pool }) => holds.ofPool(balancer, pool)));
  return held
    .flat()
    .filter(({ suspended }) => suspended === undefined)
    .map(({ pool, member }) => ({ pool, member }));
}

/**
 * Has balancers that can start from what they were left with do so with the members held now, and with nothing from
 * before. Best effort: never throws; returns a sentence for each balancer where it failed.
 */
export async function keepStates(
  context: WorkerContext,
  balancers: Iterable<string>,
): Promise<readonly string[]> {
  const remarks = [...new Set(balancers)].map(async (balancer): Promise<readonly string[]> => {
    const adapter = context.adapterOf(balancer);
    if (adapter.keepState === undefined) return [];
    try {
      const kept = await keptOn(context, balancer);
      await adapter.keepState(kept, { signal: AbortSignal.timeout(writeDeadlineMs) });
      return [];
    } catch (thrown) {
      const fault = faultOf(thrown);
      context.log.warn('The state for the next start was not kept', { balancer, fault });
      return [`The next reload of ${balancer} may bring back an older state. ${fault.message}`];
    }
  });
  return (await Promise.all(remarks)).flat();
}
