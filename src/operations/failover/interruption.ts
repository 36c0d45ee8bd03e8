/** One try to reach the VIP. */
export interface Knock {
  /** When it was begun, in ms of any clock that only goes on. */
  readonly at: number;
  /** Answered, and at once: a connection whose first packet was lost arrives a second later, and counts as lost. */
  readonly isAnswered: boolean;
}

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
  const lost = knocks.filter(({ isAnswered }) => !isAnswered).length;
  let longest: { atLeastMs: number; atMostMs?: number } = { atLeastMs: 0, atMostMs: 0 };
  let first: number | undefined;
  let answeredAt: number | undefined;
  let lastLost = 0;
  const note = (found: { atLeastMs: number; atMostMs?: number }) => {
    const isEndless = found.atMostMs === undefined;
    if (isEndless || found.atLeastMs >= longest.atLeastMs) longest = found;
  };
  for (const { at, isAnswered } of knocks) {
    if (!isAnswered) {
      first ??= at;
      lastLost = at;
      continue;
    }
    if (first !== undefined) {
      note({ atLeastMs: lastLost - first, atMostMs: at - (answeredAt ?? first) });
      first = undefined;
    }
    answeredAt = at;
  }
  if (first !== undefined) note({ atLeastMs: lastLost - first });
  return { knocks: knocks.length, lost, ...longest };
}

/** In a sentence, for people. `every` is the time between two knocks, in ms. */
export function interruptionWords(vip: string, every: number, found: Interruption): string {
  const { knocks, lost, atLeastMs, atMostMs } = found;
  if (knocks === 0) return `${vip} was not probed.`;
  if (lost === knocks) return `${vip} cannot be reached from here: nothing was measured.`;
  if (lost === 0) return `${vip} answered all ${knocks} probes, one every ${every} ms.`;
  if (atMostMs === undefined) return `${vip} does not answer from here since the switch.`;
  return `${vip} was away for ${seconds(atLeastMs)} to ${seconds(atMostMs)} (${lost} of ${knocks} probes lost).`;
}

const seconds = (ms: number) => `${(ms / 1_000).toFixed(2)} s`;
