import type { ProbedVip } from '../../domain/probed-vip.ts';
import type { WorkerContext } from '../context.ts';
import type { Knock } from './silences.ts';

/** An answer within a site is there sooner; the first repetition of a lost packet comes after 1 s. */
export const KNOCK_MS_MAX = 500;
/** Begun and not over at once; at the shortest pause it never comes to that many. */
const OPEN_MAX = 16;
/** Where nobody has answered for so long, one knock a second is enough. */
const AWAY_AFTER_MS = 30_000;
const AWAY_EVERY_MS = 1_000;
/** A process that wakes so much later than it wanted was busy: it cannot say when answers came meanwhile. */
const BUSY_MS = 200;

interface Begun {
  readonly at: number;
  end?: 'answered' | 'lost';
  isVoid: boolean;
}

/**
 * Tries the VIP every so often until `stop`, whether or not the try before is over, and tells each one when its end is
 * known, in the order in which they began.
 */
export function startKnocking(
  context: Pick<WorkerContext, 'check' | 'clock'>,
  { address, port }: ProbedVip,
  asked: { readonly everyMs: number; readonly heard: (knock: Knock) => void },
): { readonly stop: () => void } {
  const { check, clock } = context;
  const ended = new AbortController();
  const begun: Begun[] = [];
  let answeredAt = clock.now();

  const tell = () => {
    for (let first = begun[0]; first?.end !== undefined; first = begun[0]) {
      begun.shift();
      const isAnswered = first.end === 'answered';
      if (isAnswered) answeredAt = first.at;
      if (!first.isVoid && !ended.signal.aborted) asked.heard({ at: first.at, isAnswered });
    }
  };
  const knock = async () => {
    const mine: Begun = { at: clock.now(), isVoid: false };
    begun.push(mine);
    const result = await check.reach(address, port, KNOCK_MS_MAX);
    mine.end = result.reached && result.ms <= KNOCK_MS_MAX ? 'answered' : 'lost';
    tell();
  };
  const go = async () => {
    while (!ended.signal.aborted) {
      const now = clock.now();
      if (begun.length < OPEN_MAX) void knock();
      const isAway = now - answeredAt > AWAY_AFTER_MS;
      const pauseMs = isAway ? Math.max(asked.everyMs, AWAY_EVERY_MS) : asked.everyMs;
      await clock.sleep(pauseMs, ended.signal);
      if (clock.now() - now > pauseMs + BUSY_MS) for (const each of begun) each.isVoid = true;
    }
  };
  void go();
  return { stop: () => ended.abort() };
}
