/** A token bucket per key: `burst` at once, then `perSecond`. */
export class RateLimit {
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #now: () => number;
  readonly #buckets = new Map<string, { tokens: number; at: number }>();

  constructor(limit: { perSecond: number; burst: number; now: () => number }) {
    this.#perSecond = limit.perSecond;
    this.#burst = limit.burst;
    this.#now = limit.now;
  }

  /** Seconds to wait, as in `Retry-After`; 0 when it may go ahead (and then takes a token). */
  take(key: string): number {
    if (this.#perSecond <= 0) return 0;
    const now = this.#now();
    const bucket = this.#buckets.get(key) ?? { tokens: this.#burst, at: now };
    this.#buckets.set(key, bucket);
    const earned = ((now - bucket.at) / 1000) * this.#perSecond;
    bucket.tokens = Math.min(this.#burst, bucket.tokens + earned);
    bucket.at = now;
    if (bucket.tokens >= 1) {
      bucket.tokens -= 1;
      return 0;
    }
    return Math.max(1, Math.ceil((1 - bucket.tokens) / this.#perSecond));
  }
}
