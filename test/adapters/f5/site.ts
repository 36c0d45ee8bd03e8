import { createAdapter } from '../../../src/adapters/registry.ts';
import type { F5Balancer, F5UnitPlace } from '../../../src/domain/inventory.ts';
import { Secret } from '../../../src/domain/secret.ts';
import type { LoadBalancerAdapter } from '../../../src/ports/adapter.ts';
import type { F5SimOptions } from '../../../src/sandbox/f5/options.ts';
import { type F5Sim, type SimUnit, startF5Sim } from '../../../src/sandbox/f5/start.ts';
import type { ExchangeLimits } from '../../../src/transports/stream-socket.ts';

export const PASSWORD = 'pass-word-7f3a';
export const POOL = 'test.tianya.cn';
export const MEMBER = '192.168.100.42:80';

export interface F5Site {
  readonly sim: F5Sim;
  /** Milliseconds since the epoch, for the adapters: set by hand. */
  readonly clock: { now(): number; advance(ms: number): void };
  adapter(over?: AdapterSettings): LoadBalancerAdapter;
  /** `METHOD /path` of what the units were asked since the log was last emptied. */
  asked(): readonly string[];
  close(): Promise<void>;
}

export interface AdapterSettings extends Partial<F5Balancer> {
  readonly secret?: string;
  readonly limits?: Partial<ExchangeLimits>;
}

export function placeOf({
  url,
  fingerprint256,
}: Pick<SimUnit, 'url' | 'fingerprint256'>): F5UnitPlace {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port), proof: { fingerprint: fingerprint256 } };
}

/** A simulator and adapters to it. All are closed with it. */
export async function f5Site({
  isClockStill = false,
  ...options
}: F5SimOptions & { readonly isClockStill?: boolean } = {}): Promise<F5Site> {
  const sim = await startF5Sim({
    password: PASSWORD,
    accounts: [
      { username: 'admin', password: PASSWORD, role: 'admin' },
      { username: 'lbops', password: PASSWORD, role: 'operator' },
      { username: 'looker', password: PASSWORD, role: 'guest' },
    ],
    drainSeconds: 0,
    ...options,
  });
  const made: LoadBalancerAdapter[] = [];
  const start = Date.now();
  let offset = 0;
  const clock = {
    now: () => (isClockStill ? start : Date.now()) + offset,
    advance: (ms: number) => {
      offset += ms;
    },
  };
  return {
    sim,
    clock,
    adapter({ secret = PASSWORD, limits, ...over } = {}) {
      const balancer: F5Balancer = {
        name: 'f5',
        kind: 'f5',
        units: sim.units.map(placeOf),
        username: 'admin',
        password: { env: 'F5_PASSWORD' },
        sync: 'warn',
        api: 'rest',
        ...over,
      };
      const adapter = createAdapter(balancer, {
        clock,
        secretOf: () => new Secret(secret),
        limits: {
          exchangeMsMax: 3_000,
          replyBytesMax: 4 * 1024 * 1024,
          connectionsMax: 4,
          ...limits,
        },
      });
      made.push(adapter);
      return adapter;
    },
    asked: () => sim.control.log().map(({ method, url }) => `${method} ${url}`),
    async close() {
      await Promise.all(made.map((adapter) => adapter.close()));
      await sim.close();
    },
  };
}
