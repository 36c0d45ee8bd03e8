/** One request that reached a member, or failed on its way to it. */
export interface TrafficHit {
  readonly member: string;
  readonly ok: boolean;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Where the strip at the top of the page gets its figures. */
export interface TrafficSource {
  subscribe(listener: (hit: TrafficHit) => void): () => void;
  /** One lane each, in this order. */
  readonly members: readonly string[];
}

/** Figures since the start; what the page shows after a reload. */
export interface TrafficTotals {
  readonly members: readonly { readonly name: string; readonly total: number }[];
  readonly total: number;
  readonly failed: number;
}

/** What came since the last flush: `[lane, answered, failed]`; lane -1 is a member without a lane. */
export interface TrafficBatch {
  readonly hits: readonly (readonly [lane: number, answered: number, failed: number])[];
  readonly total: number;
  readonly failed: number;
}

const FLUSH_MS = 100;

/** Counts hits and hands them on in batches, so that a thousand requests per second stay ten events. */
export class TrafficMeter {
  readonly #lanes: Map<string, number>;
  readonly #totals: number[];
  #pending = new Map<number, { answered: number; failed: number }>();
  #total = 0;
  #failed = 0;
  readonly #unsubscribe: () => void;
  readonly #timer: NodeJS.Timeout;

  constructor(source: TrafficSource, publish: (batch: TrafficBatch) => void) {
    this.#lanes = new Map(source.members.map((name, lane) => [name, lane]));
    this.#totals = source.members.map(() => 0);
    this.#unsubscribe = source.subscribe((hit) => this.#count(hit));
    this.#timer = setInterval(() => {
      if (this.#pending.size > 0) publish(this.#take());
    }, FLUSH_MS);
    this.#timer.unref();
  }

  totals(): TrafficTotals {
    const members = [...this.#lanes].map(([name, lane]) => ({
      name,
      total: this.#totals[lane] ?? 0,
    }));
    return { members, total: this.#total, failed: this.#failed };
  }

  close(): void {
    clearInterval(this.#timer);
    this.#unsubscribe();
  }

  #count(hit: TrafficHit): void {
    const lane = this.#lanes.get(hit.member) ?? -1;
    const pending = this.#pending.get(lane) ?? { answered: 0, failed: 0 };
    this.#pending.set(lane, pending);
    this.#total += 1;
    if (hit.ok) {
      pending.answered += 1;
      if (lane >= 0) this.#totals[lane] = (this.#totals[lane] ?? 0) + 1;
    } else {
      pending.failed += 1;
      this.#failed += 1;
    }
  }

  #take(): TrafficBatch {
    const hits = [...this.#pending].map(
      ([lane, { answered, failed }]) => [lane, answered, failed] as const,
    );
    this.#pending = new Map();
    return { hits, total: this.#total, failed: this.#failed };
  }
}
