import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { ChangeState } from '../domain/change.ts';
import type { WriteVerb } from '../domain/command.ts';
import { ERRORS, type ErrorCode } from '../domain/errors.ts';
import type { EventKind } from '../domain/event.ts';
import type { IncidentKind } from '../domain/incident.ts';

/** How things stand at the moment of a scrape. */
export interface Standing {
  readonly queues: readonly {
    readonly queue: string;
    readonly lane?: string;
    readonly waiting: number;
    readonly active: number;
    readonly delayed: number;
    readonly failed: number;
    readonly oldest?: { readonly at: number };
  }[];
  readonly membersOut: readonly { readonly service: string; readonly members: number }[];
  /** When each balancer last answered any process of the site, ms since the epoch. */
  readonly seen: readonly { readonly balancer: string; readonly at: number }[];
}

export interface MetricsOptions {
  readonly version: string;
  /** What may stand in labels; anything else is counted as `other`, so that nobody can fill the memory with names. */
  readonly environments: Iterable<string>;
  readonly balancers: Iterable<string>;
  /** Asked at each scrape; a failure means that Redis is away. */
  readonly standing: () => Promise<Standing>;
  readonly now: () => number;
  readonly standingWithinMs?: number;
}

type ApprovalEnd = 'given' | 'denied' | 'cancelled' | 'expired' | 'asked again' | 'refused';

/** Same shape as the port `Metrics`, which this folder may not import; a test holds the two together. */
export interface ProductMetrics {
  planned(environment: string, ms: number): void;
  applied(environment: string, ms: number): void;
  changeEnded(change: {
    readonly environment: string;
    readonly verb: WriteVerb;
    readonly state: ChangeState;
  }): void;
  guardRefused(environment: string): void;
  approval(environment: string, end: ApprovalEnd): void;
  deviceFault(balancer: string, code: ErrorCode): void;
  drifted(balancer: string): void;
  /** What became of a post of a director's reader; without its name where nobody knows who sent it. */
  notifyPost(result: string, balancer?: string): void;
  happened(kind: EventKind): void;
  incident(kind: IncidentKind): void;
  /** Everything, in the text format of Prometheus. Never rejects because Redis is away. */
  scrape(): Promise<{ readonly contentType: string; readonly text: string }>;
}

const OTHER = 'other';
const SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900];
const STANDING_WITHIN_MS = 2_000;

export function createMetrics(options: MetricsOptions): ProductMetrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, prefix: 'lb_' });
  const environmentOf = among(options.environments);
  const balancerOf = among(options.balancers);
  const codeOf = among(Object.keys(ERRORS));
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
    new Counter({ name, help, labelNames, registers });
  const gauge = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
    new Gauge({ name, help, labelNames, registers });
  const seconds = (name: string, help: string) =>
    new Histogram({ name, help, labelNames: ['environment'], buckets: SECONDS, registers });

  const changes = counter('lb_changes_total', 'Changes that ended.', [
    'environment',
    'verb',
    'state',
  ]);
  const planSeconds = seconds('lb_plan_seconds', 'From the command to its plan or refusal.');
  const applySeconds = seconds(
    'lb_apply_seconds',
    'From the approval to the end of the first stage, the wait in the lane included.',
  );
  const guardRefusals = counter('lb_guard_refusals_total', 'Changes the guard refused.', [
    'environment',
  ]);
  const approvals = counter('lb_approvals_total', 'What became of questions for approval.', [
    'environment',
    'result',
  ]);
  const deviceFaults = counter('lb_device_faults_total', 'Reads and writes that failed.', [
    'balancer',
    'code',
  ]);
  const drift = counter('lb_drift_total', 'Held members that were changed by hand.', ['balancer']);
  const notifyPosts = counter('lb_notify_posts_total', 'Posts of readers on directors.', [
    'balancer',
    'result',
  ]);
  const events = counter('lb_events_total', 'What happened on watched balancers.', ['kind']);
  const incidents = counter('lb_incidents_total', 'Incidents, by what they turned out to be.', [
    'kind',
  ]);
  const seenAge = gauge(
    'lb_device_seen_age_seconds',
    'Since the balancer last answered any process; absent before the first time.',
    ['balancer'],
  );
  const build = gauge('lb_build_info', 'Always 1.', ['version', 'node']);
  const redisUp = gauge('lb_redis_up', '1 when Redis answered this scrape.', []);
  const waiting = gauge('lb_queue_waiting', 'Jobs that wait.', ['queue']);
  const active = gauge('lb_queue_active', 'Jobs at work in any process.', ['queue']);
  const delayed = gauge('lb_queue_delayed', 'Jobs whose time has not come.', ['queue']);
  const failed = gauge('lb_queue_failed', 'Jobs that failed for good and are kept.', ['queue']);
  const oldest = gauge('lb_queue_oldest_seconds', 'Age of the job that is next; 0 when none.', [
    'queue',
  ]);
  const laneAge = gauge('lb_lane_oldest_seconds', 'Age of the change that is next; 0 when none.', [
    'lane',
  ]);
  const membersOut = gauge(
    'lb_members_out',
    'Members held out of a service by changes on record.',
    ['service'],
  );
  build.set({ version: options.version, node: process.version }, 1);

  const setStanding = ({ queues, membersOut: out, seen }: Standing) => {
    for (const { queue, lane, ...now } of queues) {
      const age = now.oldest === undefined ? 0 : ageSeconds(now.oldest.at, options.now());
      waiting.set({ queue }, now.waiting);
      active.set({ queue }, now.active);
      delayed.set({ queue }, now.delayed);
      failed.set({ queue }, now.failed);
      oldest.set({ queue }, age);
      if (lane !== undefined) laneAge.set({ lane }, age);
    }
    for (const { service, members } of out) membersOut.set({ service }, members);
    for (const { balancer, at } of seen) {
      seenAge.set({ balancer: balancerOf(balancer) }, ageSeconds(at, options.now()));
    }
  };

  return {
    planned: (environment, ms) =>
      planSeconds.observe({ environment: environmentOf(environment) }, positive(ms) / 1_000),
    applied: (environment, ms) =>
      applySeconds.observe({ environment: environmentOf(environment) }, positive(ms) / 1_000),
    changeEnded: ({ environment, verb, state }) =>
      changes.inc({ environment: environmentOf(environment), verb, state }),
    guardRefused: (environment) => guardRefusals.inc({ environment: environmentOf(environment) }),
    approval: (environment, result) =>
      approvals.inc({ environment: environmentOf(environment), result }),
    deviceFault: (balancer, code) =>
      deviceFaults.inc({ balancer: balancerOf(balancer), code: codeOf(code) }),
    happened: (kind) => events.inc({ kind }),
    incident: (kind) => incidents.inc({ kind }),
    drifted: (balancer) => drift.inc({ balancer: balancerOf(balancer) }),
    notifyPost: (result, balancer) =>
      notifyPosts.inc({ balancer: balancerOf(balancer ?? OTHER), result }),

    async scrape() {
      // What is not known now is not shown as it was: a gauge that stands still looks healthy.
      for (const stale of [waiting, active, delayed, failed, oldest, laneAge, membersOut, seenAge])
        stale.reset();
      const within = options.standingWithinMs ?? STANDING_WITHIN_MS;
      const standing = await inTime(options.standing, within);
      redisUp.set(standing === undefined ? 0 : 1);
      if (standing !== undefined) setStanding(standing);
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
}

function among(values: Iterable<string>): (value: string) => string {
  const known = new Set(values);
  return (value) => (known.has(value) ? value : OTHER);
}

const positive = (ms: number) => Math.max(0, ms);

const ageSeconds = (at: number, now: number) => positive(now - at) / 1_000;

async function inTime<T>(ask: () => Promise<T>, ms: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  try {
    return await Promise.race([ask(), late]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
