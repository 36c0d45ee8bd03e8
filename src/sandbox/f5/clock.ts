/** Wall time that can be moved forward, so that a token's 1200 s need no waiting. */
export interface SimClock {
  /** Milliseconds since the epoch. */
  now(): number;
  advance(ms: number): void;
}

export function simClock(wall: () => number = Date.now): SimClock {
  let aheadMs = 0;
  return {
    now: () => wall() + aheadMs,
    advance(ms) {
      aheadMs += ms;
    },
  };
}
