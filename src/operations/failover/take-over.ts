import { isSwitch } from '../../domain/command.ts';
import { faultOf, OperationError } from '../../domain/errors.ts';
import { probedVip, vipWords } from '../../domain/probed-vip.ts';
import { interruptionWords, longestIn } from '../probe/interruption.ts';
import { startKnocking } from '../probe/knocking.ts';
import { NOTHING_HEARD, withKnock } from '../probe/silences.ts';
import { assertGoingOn, type Run } from '../run.ts';

const KNOCK_EVERY_MS = 50;
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
  const knocking = knockOn(run);
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

/** Knocks at the VIP from now on, and says in the end how long it was away. */
function knockOn({ context, lane }: Run) {
  const vip = probedVip(context.inventory, lane);
  let heard = NOTHING_HEARD;
  const knocking =
    vip === undefined
      ? undefined
      : startKnocking(context, vip, {
          everyMs: KNOCK_EVERY_MS,
          heard: (knock) => {
            heard = withKnock(heard, knock);
          },
        });
  return {
    stop: () => knocking?.stop(),
    words(): readonly string[] {
      knocking?.stop();
      if (vip === undefined) return [];
      return [interruptionWords(vipWords(vip), KNOCK_EVERY_MS, longestIn(heard))];
    },
  };
}
