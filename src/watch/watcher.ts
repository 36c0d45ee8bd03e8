import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { type Fault, faultOf } from '../domain/errors.ts';
import type { WorkerContext } from '../operations/context.ts';
import { watchLeaseMs } from '../operations/limits.ts';
import type { MemberHold } from '../ports/records.ts';
import type { Advance } from './advance.ts';
import { type Desk, openDesk } from './desk.ts';
import { type Looked, lookAtDevice } from './device-look.ts';
import { startGapWatch } from './gaps.ts';
import { heldPools } from './held-pools.ts';
import { lookQuietly } from './look.ts';
import { noteSeen } from './note-seen.ts';
import { startProbing } from './probing.ts';
import { RULES, type WatchRules } from './rules.ts';
import { type LaneSite, lanesOf } from './site.ts';

export interface Watcher {
  /** Ends after the looks that are under way. */
  stop(): Promise<void>;
}

/** A device that is slow to answer is left alone this many times as long as it took: others want to know things too. */
const REST = 2;

/** A restart takes a moment: the first failures must not delay what is restored after it. */
const FAILURES_AT_ONCE = 5;

/**
 * Watches every balancer of the inventory on which a service lives, each by one watcher of the site. What a look shows
 * is judged twice: against what must stay so, and against what was there before.
 */
export function startWatcher(
  context: WorkerContext,
  desk: Desk = openDesk(context),
  rules: WatchRules = RULES,
): Watcher {
  const holder = randomUUID();
  const stopping = new AbortController();
  // The look after each balancer listens to it, and there may be many.
  setMaxListeners(0, stopping.signal);
  const { signal } = stopping;
  const held = heldPools(context);
  const seen = noteSeen(context);
  const failures = new Map<string, number>();
  const looking = new Set<string>();
  const lanes = lanesOf(context.inventory);

  /** What must stay so on a device, by pool; nothing while Redis does not answer. */
  const heldOn = async (balancer: string, pools: readonly string[]) => {
    const found = new Map<string, readonly MemberHold[]>();
    for (const pool of pools) {
      if (!(await held.has({ balancer, pool }).catch(() => false))) continue;
      found.set(pool, await context.stores.holds.ofPool(balancer, pool).catch(() => []));
    }
    return found;
  };

  const observed = async (site: LaneSite, balancer: string): Promise<Advance> => {
    const pools = site.pools
      .filter(({ balancers }) => balancers.includes(balancer))
      .map(({ pool }) => pool);
    // A change that ends while the device is read must not be held against what was read before.
    const known = await heldOn(balancer, pools);
    const at = context.clock.now();
    let looked: Looked | { readonly fault: Fault };
    try {
      const asked = { isVrrp: site.vrrp !== undefined, msMax: rules.lookMsMax, signal };
      looked = await lookAtDevice(context, balancer, pools, asked);
    } catch (thrown) {
      const fault = faultOf(thrown);
      // Held up by Redis: that says nothing about the device.
      if (fault.code === 'STORE_UNAVAILABLE') throw thrown;
      looked = { fault };
    }
    if (!('look' in looked)) {
      // Nor does being told to stop.
      signal.throwIfAborted();
      failures.set(balancer, (failures.get(balancer) ?? 0) + 1);
      await seen.silent(balancer, looked.fault);
      const until = context.clock.now();
      return desk.observe(site, { kind: 'silence', balancer, at, until, ...looked });
    }
    const { look } = looked;
    const until = context.clock.now();
    failures.delete(balancer);
    await seen.answered(balancer, look);
    // What must stay so waits for nothing that is only told.
    const [advance] = await Promise.all([
      desk.observe(site, { kind: 'look', balancer, at, until, look }),
      ...look.pools.map(async (each) => {
        const holds = known.get(each.pool);
        if ('state' in each && holds !== undefined) {
          await lookQuietly(context, { balancer, pool: each.pool }, each.state, holds);
        }
      }),
    ]);
    return advance;
  };

  const look = async (site: LaneSite, balancer: string): Promise<void> => {
    if (looking.has(balancer) || signal.aborted) return;
    if (!(await context.stores.leases.take(`watch.${balancer}`, holder, watchLeaseMs))) return;
    looking.add(balancer);
    let advance: Advance | undefined;
    try {
      advance = await observed(site, balancer);
    } finally {
      looking.delete(balancer);
    }
    // What its peers have become is half of the story, and is asked at once.
    if (!advance.incidents.some(({ revision }) => revision === 1)) return;
    const peers = site.nodes.filter((node) => node !== balancer);
    await Promise.all(peers.map((peer) => lookOrLog(site, peer)));
  };

  const lookOrLog = async (site: LaneSite, balancer: string): Promise<void> => {
    try {
      await look(site, balancer);
    } catch (error) {
      if (!signal.aborted) context.log.warn('A look at a balancer failed', { balancer, error });
    }
  };

  const pauseMs = async (site: LaneSite, balancer: string): Promise<number> => {
    const count = failures.get(balancer) ?? 0;
    if (count > FAILURES_AT_ONCE) {
      // One that comes back may have forgotten what must stay so, and takes clients soon.
      const most = (await held.any(balancer)) ? rules.everyMs : rules.awayEveryMs;
      return Math.min(rules.heldEveryMs * (count - FAILURES_AT_ONCE + 1), most);
    }
    if (count > 0 || desk.isUneasy(site.lane)) return rules.heldEveryMs;
    return (await held.any(balancer)) ? rules.heldEveryMs : rules.everyMs;
  };

  const run = async (site: LaneSite, balancer: string): Promise<void> => {
    while (!signal.aborted) {
      const begun = context.clock.now();
      await lookOrLog(site, balancer);
      const pause = await pauseMs(site, balancer);
      const took = context.clock.now() - begun;
      const rest = failures.has(balancer) ? 0 : took * REST;
      await context.clock.sleep(Math.max(50, pause - took, rest), signal);
    }
  };

  const ended = Promise.all(
    lanes.flatMap((site) => site.nodes.map((balancer) => run(site, balancer))),
  );
  const gaps = startGapWatch(context, holder);
  const probing = startProbing(context, desk, lanes, holder);
  return {
    async stop() {
      stopping.abort();
      await probing.stop();
      await gaps.stop();
      await ended;
    },
  };
}
