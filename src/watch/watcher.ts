import { randomUUID } from 'node:crypto';
import type { WorkerContext } from '../operations/context.ts';
import { watchEveryMs, watchLeaseMs } from '../operations/limits.ts';
import { startGapWatch } from './gaps.ts';
import { lookQuietly } from './look.ts';

export interface Watcher {
  /** Ends after the look that is under way. */
  stop(): Promise<void>;
}

/** Looks away longer and longer from a balancer that does not answer, up to this many rounds. */
const ROUNDS_SKIPPED_MAX = 8;

/**
 * Watches every balancer that holds a member, each by one watcher of the site. One look a second and balancer; a
 * balancer that is away is looked at less often, and at once again when it answers.
 */
export function startWatcher(context: WorkerContext): Watcher {
  const holder = randomUUID();
  const stopping = new AbortController();
  const failures = new Map<string, { count: number; skip: number }>();

  const isMine = async (balancer: string): Promise<boolean> => {
    const name = `watch.${balancer}`;
    return context.stores.leases.take(name, holder, watchLeaseMs);
  };

  const lookAtBalancer = async (balancer: string, pools: readonly string[]): Promise<void> => {
    const failed = failures.get(balancer);
    if (failed !== undefined && failed.skip > 0) {
      failures.set(balancer, { ...failed, skip: failed.skip - 1 });
      return;
    }
    if (!(await isMine(balancer))) return;
    const looks = await Promise.all(pools.map((pool) => lookQuietly(context, { balancer, pool })));
    if (looks.every(Boolean)) failures.delete(balancer);
    else {
      const count = (failed?.count ?? 0) + 1;
      // A restart takes a moment: the first failures must not delay the restore.
      const skip = count <= 5 ? 0 : Math.min(count - 5, ROUNDS_SKIPPED_MAX);
      failures.set(balancer, { count, skip });
    }
  };

  const round = async (): Promise<void> => {
    const places = await context.stores.holds.pools();
    const byBalancer = new Map<string, string[]>();
    for (const { balancer, pool } of places) {
      byBalancer.set(balancer, [...(byBalancer.get(balancer) ?? []), pool]);
    }
    await Promise.all([...byBalancer].map(([balancer, pools]) => lookAtBalancer(balancer, pools)));
  };

  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const begun = context.clock.now();
      await round().catch((error: unknown) => {
        context.log.warn('A round of watching failed', { error });
      });
      const left = Math.max(50, watchEveryMs - (context.clock.now() - begun));
      await context.clock.sleep(left, stopping.signal);
    }
  };

  const gapWatch = startGapWatch(context, holder);
  const ended = run();
  return {
    async stop() {
      stopping.abort();
      await Promise.all([ended, gapWatch.stop()]);
    },
  };
}
