import { type Heard, type Knock, lengthOf, NOTHING_HEARD, withKnock } from './silences.ts';

/** How long the VIP was away, as far as knocks can tell: an interval that contains it. */
export interface Interruption {
  readonly knocks: number;
  readonly lost: number;
  /** From the first lost knock to the last one of the same silence. */
  readonly atLeastMs: number;
  /** From the last answered knock before it to the first one after; absent while nobody answers yet. */
  readonly atMostMs?: number;
}

/** The longest silence among these knocks, in the order in which they began. */
export function interruptionIn(knocks: readonly Knock[]): Interruption {
  return longestIn(knocks.reduce(withKnock, NOTHING_HEARD));
}

/** The longest silence that was heard; one that lasts counts as the longest. */
export function longestIn({ knocks, lost, silences }: Heard): Interruption {
  let longest: { atLeastMs: number; atMostMs?: number } = { atLeastMs: 0, atMostMs: 0 };
  for (const silence of silences) {
    const { leastMs, mostMs } = lengthOf(silence);
    if (mostMs === undefined) longest = { atLeastMs: leastMs };
    else if (leastMs >= longest.atLeastMs) longest = { atLeastMs: leastMs, atMostMs: mostMs };
  }
  return { knocks, lost, ...longest };
}

/** In a sentence, for people. `every` is the time between two knocks, in ms. */
export function interruptionWords(vip: string, every: number, found: Interruption): string {
  const { knocks, lost, atLeastMs, atMostMs } = found;
  if (knocks === 0) return `${vip} was not probed.`;
  if (lost === knocks) return `${vip} cannot be reached from here: nothing was measured.`;
  if (lost === 0) return `${vip} answered all ${knocks} probes, one every ${every} ms.`;
  if (atMostMs === undefined) return `${vip} does not answer from here since the switch.`;
  return `${vip} was away for ${secondsWords(atLeastMs)} to ${secondsWords(atMostMs)} (${lost} of ${knocks} probes lost).`;
}

/** `0.35 s` */
export const secondsWords = (ms: number) => `${(ms / 1_000).toFixed(2)} s`;
