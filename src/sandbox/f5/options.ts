import { randomBytes } from 'node:crypto';
import type { Account } from './accounts.ts';
import type { LogEntry } from './request-log.ts';
import { DEFAULT_SEED, type Seed } from './seed.ts';
import type { Latency } from './site.ts';

export interface F5SimOptions {
  /** Two units, the first active. */
  readonly pair?: boolean;
  /** Address to listen on; 127.0.0.1 when absent. */
  readonly listen?: string;
  /** Of the first unit; the second takes the next one. 0, or nothing: free ones. */
  readonly port?: number;
  /** Of the control API, which always listens on 127.0.0.1. */
  readonly controlPort?: number;
  /** Pools at the start; `DEFAULT_SEED` when absent. */
  readonly seed?: Seed;
  /** Of both users; made at random when absent. */
  readonly password?: string;
  /** Instead of `admin` and `lbops`. */
  readonly accounts?: readonly Account[];
  /** Version the units say they are; 17.1.1 when absent. */
  readonly version?: string;
  /** Half-life of connections in the traffic model, in s; 30 when absent, 0 keeps all numbers still. */
  readonly drainSeconds?: number;
  /** `realistic` is a guess, not measured on a device. */
  readonly latency?: 'none' | 'realistic' | Latency;
  /** Called for every request, once it was answered. */
  readonly onRequest?: (entry: LogEntry) => void;
}

const LATENCIES = {
  none: { baseMs: 0, writeMs: 0, jitterMs: 0 },
  realistic: { baseMs: 40, writeMs: 120, jitterMs: 40 },
} as const;

/** The options with all defaults filled in. */
export function withDefaults(options: F5SimOptions) {
  const password = options.password ?? randomBytes(9).toString('base64url');
  const accounts: readonly Account[] = options.accounts ?? [
    { username: 'admin', password, role: 'admin' },
    { username: 'lbops', password, role: 'operator' },
  ];
  const latency = options.latency ?? 'none';
  return {
    pair: options.pair ?? false,
    listen: options.listen ?? '127.0.0.1',
    port: options.port ?? 0,
    controlPort: options.controlPort ?? 0,
    seed: options.seed ?? DEFAULT_SEED,
    accounts,
    version: options.version ?? '17.1.1',
    drainSeconds: options.drainSeconds ?? 30,
    latency: typeof latency === 'string' ? LATENCIES[latency] : latency,
    ...(options.onRequest === undefined ? {} : { onRequest: options.onRequest }),
  };
}
