/** One try to reach the VIP. */
export interface Knock {
  /** When it was begun, in ms of any clock that only goes on. */
  readonly at: number;
  /** Answered, and at once: a connection whose first packet was lost arrives a second later, and counts as lost. */
  readonly isAnswered: boolean;
}

/** A time in which no knock was answered. */
export interface Silence {
  /** The first lost knock, and the last of the same silence so far. */
  readonly from: number;
  readonly to: number;
  readonly lost: number;
  /** The last answered knock before it; absent where nothing was ever answered. */
  readonly before?: number;
  /** The first answered one after it; absent while it lasts. */
  readonly until?: number;
}

/** What the knocks so far say. */
export interface Heard {
  readonly knocks: number;
  readonly lost: number;
  readonly answeredAt?: number;
  /** In order; only the last may still last. */
  readonly silences: readonly Silence[];
}

export const NOTHING_HEARD: Heard = { knocks: 0, lost: 0, silences: [] };

/** One knock further; they are given in the order in which they began. Pure. */
export function withKnock(heard: Heard, { at, isAnswered }: Knock): Heard {
  const knocks = heard.knocks + 1;
  const last = heard.silences.at(-1);
  const open = last?.until === undefined ? last : undefined;
  const closed = open === undefined ? heard.silences : heard.silences.slice(0, -1);
  if (isAnswered) {
    const silences = open === undefined ? closed : [...closed, { ...open, until: at }];
    return { ...heard, knocks, answeredAt: at, silences };
  }
  const { answeredAt: before } = heard;
  const begun = { from: at, lost: 0, ...(before === undefined ? {} : { before }) };
  const silence = { ...(open ?? begun), to: at };
  const silences = [...closed, { ...silence, lost: silence.lost + 1 }];
  return { ...heard, knocks, lost: heard.lost + 1, silences };
}

/** An interval that contains how long it lasted, in ms; `mostMs` is absent while it lasts. */
export function lengthOf({ from, to, before, until }: Silence): {
  readonly leastMs: number;
  readonly mostMs?: number;
} {
  const leastMs = to - from;
  return until === undefined ? { leastMs } : { leastMs, mostMs: until - (before ?? from) };
}
