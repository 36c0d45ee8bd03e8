/** Times of one thing done many times, in milliseconds. */
export interface Spread {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/**
 * The value below which a share (0 to 1) of the samples lies: the nearest rank, never one that was not measured.
 * Throws RangeError without samples, because a row without samples is no row.
 */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const rank = Math.max(1, Math.ceil(share * sorted.length));
  const value = sorted[rank - 1];
  if (value === undefined) throw new RangeError('There are no samples.');
  return value;
}

export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}

export function spread(samples: readonly number[]): Spread {
  return {
    count: samples.length,
    p50: median(samples),
    p99: quantile(samples, 0.99),
    max: quantile(samples, 1),
  };
}

/** A span of time in milliseconds, on any clock. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * How many of these had to come one after another: the most spans of which no two overlap. What ran side by side
 * counts once.
 */
export function oneAfterAnother(spans: readonly Span[]): number {
  let count = 0;
  let free = Number.NEGATIVE_INFINITY;
  for (const { from, to } of [...spans].sort((a, b) => a.to - b.to)) {
    if (from < free) continue;
    count += 1;
    free = to;
  }
  return count;
}
