import { isSwitch } from '../../domain/command.ts';
import { faultOf, OperationError } from '../../domain/errors.ts';
import { servicesOnPair } from '../../domain/inventory.ts';
import { parsePool } from '../../domain/virtual-service.ts';
import type { WorkerContext } from '../context.ts';
import { assertGoingOn, type Run } from '../run.ts';
import {
  type Interruption,
  interruptionIn,
  interruptionWords,
  type Knock,
} from './interruption.ts';

const KNOCK_EVERY_MS = 50;
/** A connection within this machine's network is there sooner; the first repetition of a lost packet comes after 1 s. */
const KNOCK_MS_MAX = 500;
const KNOCKS_MAX = 5_000;
const ASK_EVERY_MS = 200;
/** Three adverts of up to ten seconds, and the rest of the way. */
const TAKEN_OVER_WITHIN_MS = 45_000;
/** After the new MASTER has the VIP, its neighbours still learn where that is. */
const SETTLE_MS = 1_000;

/** Watches one switch from before its write. */
export interface TakeOver {
  /** Resolves with what people are told when the other node is MASTER; throws NOT_VERIFIED when it does not become it. */
  seen(): Promise<readonly string[]>;
  stop(): void;
}

/** Begins to watch when this run is a failover or failback; undefined for all else. */
export function beginTakeOver(run: Run): TakeOver | undefined {
  const { verb, before, steps } = run.approved.plan;
  if (!isSwitch(verb)) return undefined;
  const written = steps[0]?.balancer;
  const nodes = before.map(({ device }) => device.balancer);
  const next = verb === 'failback' ? written : nodes.find((node) => node !== written);
  const knocking = knockOn(run.context, vipOf(run.context, run.lane));
  return {
    async seen() {
      const { clock, roles } = run.context;
      const began = clock.now();
      let said = 'nobody said who is MASTER';
      for (;;) {
        assertGoingOn(run);
        try {
          const found = await roles.of(run.lane);
          if (found !== 'none' && next !== undefined && found.get(next) === 'MASTER') break;
          said = `${next} is still ${(found !== 'none' && found.get(next ?? '')) || 'UNKNOWN'}`;
        } catch (thrown) {
          // While they change, both or none may say so; a node that is away is asked again.
          said = faultOf(thrown).message;
        }
        if (clock.now() - began > TAKEN_OVER_WITHIN_MS) {
          const late = `${next} did not become MASTER of ${run.lane} within ${TAKEN_OVER_WITHIN_MS / 1_000} s: ${said}`;
          throw new OperationError('NOT_VERIFIED', late);
        }
        await clock.sleep(ASK_EVERY_MS, run.signal);
      }
      const tookMs = clock.now() - began;
      await clock.sleep(SETTLE_MS, run.signal);
      const how = `${next} is MASTER of ${run.lane}, ${(tookMs / 1_000).toFixed(1)} s after the command.`;
      return [how, ...knocking.words()];
    },
    stop: knocking.stop,
  };
}

interface Vip {
  readonly address: string;
  readonly port: number;
}

/** The first virtual service by TCP on the pair. */
function vipOf({ inventory }: WorkerContext, pair: string): Vip | undefined {
  for (const service of servicesOnPair(inventory, pair)) {
    for (const { lane, pool } of service.pools) {
      const found = lane === pair ? parsePool(pool) : undefined;
      if (found?.kind === 'address' && found.protocol === 'tcp' && found.port > 0) return found;
    }
  }
  return undefined;
}

/** Knocks from now on, whether or not the one before was answered yet. */
function knockOn(context: WorkerContext, vip: Vip | undefined) {
  const ended = new AbortController();
  const knocks: { at: number; isAnswered: boolean; isOver: boolean }[] = [];
  const knock = (address: string, port: number) => {
    const mine = { at: performance.now(), isAnswered: false, isOver: false };
    knocks.push(mine);
    void context.check.reach(address, port).then((result) => {
      mine.isAnswered = result.reached && result.ms <= KNOCK_MS_MAX;
      mine.isOver = true;
    });
  };
  const go = async () => {
    while (vip !== undefined && !ended.signal.aborted && knocks.length < KNOCKS_MAX) {
      knock(vip.address, vip.port);
      await context.clock.sleep(KNOCK_EVERY_MS, ended.signal);
    }
  };
  void go();
  return {
    stop: () => ended.abort(),
    words(): readonly string[] {
      if (vip === undefined) return [];
      ended.abort();
      const now = performance.now();
      // Those that were begun just now had no time to be answered.
      const told: readonly Knock[] = knocks.filter(
        ({ at, isOver }) => isOver || now - at > KNOCK_MS_MAX,
      );
      const found: Interruption = interruptionIn(told);
      return [interruptionWords(`${vip.address} port ${vip.port}`, KNOCK_EVERY_MS, found)];
    },
  };
}
