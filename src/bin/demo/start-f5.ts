import { type F5Sim, startF5Sim } from '../../sandbox/f5/start.ts';
import { F5_MEMBERS, F5_POOL } from './f5-names.ts';

/** Half-life of connections that nobody replaces, in s: short, because somebody watches. */
const DRAIN_SECONDS = 2;
const SYNC_DELAY_MS = 200;
/** Least rights that do: role Operator. */
const USERNAME = 'lbops';

export interface DemoF5 {
  readonly sim: F5Sim;
  readonly urls: readonly [string, string];
  readonly username: string;
}

/** A simulated pair of BIG-IPs, one active and one standby, whose monitor finds every member up. */
export async function startDemoF5(): Promise<DemoF5> {
  const sim = await startF5Sim({
    pair: true,
    drainSeconds: DRAIN_SECONDS,
    seed: {
      pools: [{ pool: F5_POOL, monitor: '/Common/http', members: [...F5_MEMBERS] }],
    },
  });
  // As most pairs are set up: the units copy by themselves what the active one was told.
  sim.control.sync({ autoSync: true, delayMs: SYNC_DELAY_MS });
  const [first, second] = sim.units;
  if (first === undefined || second === undefined) throw new Error('A pair has two units.');
  return { sim, urls: [first.url, second.url], username: USERNAME };
}
