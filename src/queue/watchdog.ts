import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { QueueLook } from './look.ts';

const EVERY_MS = 5_000;
const STUCK_MS = 60_000;
const LOOK_WITHIN_MS = 10_000;

export interface WatchdogOptions {
  /** How the queues stand now. */
  readonly look: () => Promise<readonly QueueLook[]>;
  /** Called once, with the reason in one sentence: this process must be started anew. */
  readonly onStuck: (reason: string) => void;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Watchdog {
  stop(): Promise<void>;
}

interface Waiting {
  readonly id: string;
  readonly starts: number;
  /** Since when this job was seen to be next without anybody taking it. */
  readonly since: number;
}

/**
 * Workers have been known to stay idle after a break of their connection although jobs waited. When the same job was
 * next for a minute and this process, which could take it, was idle all the time, it says so and asks to be ended:
 * whoever supervises it starts another. A job waits rightly while its lane is at work elsewhere; and while Redis does
 * not answer nothing can be concluded.
 */
export function startWatchdog({ look, onStuck, clock, log }: WatchdogOptions): Watchdog {
  const stopping = new AbortController();
  const seen = new Map<string, Waiting>();

  const stuck = (looks: readonly QueueLook[]): string | undefined => {
    for (const found of looks) {
      const { queue, lane, oldest, busyHere, active } = found;
      const couldTakeIt = busyHere === 0 && (lane === undefined || active === 0);
      if (oldest === undefined || !couldTakeIt) {
        seen.delete(queue);
        continue;
      }
      const known = seen.get(queue);
      if (known?.id !== oldest.id || known.starts !== oldest.starts) {
        seen.set(queue, { id: oldest.id, starts: oldest.starts, since: clock.now() });
        continue;
      }
      const ms = clock.now() - known.since;
      if (ms >= STUCK_MS) {
        return `Job ${oldest.id} is next in ${queue} for ${Math.round(ms / 1_000)} s, and this idle worker does not take it.`;
      }
    }
    return undefined;
  };

  const run = async () => {
    for (;;) {
      await clock.sleep(EVERY_MS, stopping.signal);
      if (stopping.signal.aborted) return;
      const looks = await within(look, clock);
      if (looks === undefined) {
        seen.clear();
        continue;
      }
      const reason = stuck(looks);
      if (reason === undefined || stopping.signal.aborted) continue;
      log.error('A worker is stuck', { reason });
      onStuck(reason);
      return;
    }
  };
  const running = run();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

/** Undefined when it failed or took too long. */
async function within<T>(look: () => Promise<T>, clock: Clock): Promise<T | undefined> {
  const done = new AbortController();
  try {
    return await Promise.race([
      look(),
      clock.sleep(LOOK_WITHIN_MS, done.signal).then(() => undefined),
    ]);
  } catch {
    return undefined;
  } finally {
    done.abort();
  }
}
