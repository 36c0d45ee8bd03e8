import { describe, expect, it } from 'vitest';
import type { Metrics } from '../../src/ports/metrics.ts';
import { startHealthServer } from '../../src/telemetry/health.ts';
import { createMetrics, type MetricsOptions, type Standing } from '../../src/telemetry/metrics.ts';
import { handClock } from '../fakes/hand-clock.ts';
import { NOW } from '../fakes/samples.ts';

const clock = handClock(NOW);
const empty: Standing = { queues: [], membersOut: [], seen: [] };

const open = (over: Partial<MetricsOptions> = {}) =>
  createMetrics({
    version: '1.2.3',
    environments: ['production'],
    balancers: ['ha-1'],
    standing: async () => empty,
    now: () => clock.now(),
    ...over,
  });

/** The lines of our own metrics that have a value. */
async function lines(metrics: ReturnType<typeof open>, name: string): Promise<readonly string[]> {
  const { text } = await metrics.scrape();
  return text.split('\n').filter((line) => line.startsWith(name));
}

describe('the metrics', () => {
  it('are what the core counts with', () => {
    const metrics: Metrics = open();
    expect(metrics).toBeDefined();
  });

  it('count what ends, by environment, verb and state', async () => {
    const metrics = open();
    for (const state of ['done', 'done', 'refused'] as const) {
      metrics.changeEnded({ environment: 'production', verb: 'disable', state });
    }
    expect(await lines(metrics, 'lb_changes_total')).toEqual([
      'lb_changes_total{environment="production",verb="disable",state="done"} 2',
      'lb_changes_total{environment="production",verb="disable",state="refused"} 1',
    ]);
  });

  it('measure plans and changes in seconds', async () => {
    const metrics = open();
    metrics.planned('production', 180);
    metrics.planned('production', -5);
    metrics.applied('production', 2_000);
    const all = await lines(metrics, 'lb_plan_seconds');
    expect(all).toContain('lb_plan_seconds_bucket{le="0.05",environment="production"} 1');
    expect(all).toContain('lb_plan_seconds_bucket{le="0.25",environment="production"} 2');
    expect(all).toContain('lb_plan_seconds_sum{environment="production"} 0.18');
    expect(await lines(metrics, 'lb_apply_seconds_sum')).toEqual([
      'lb_apply_seconds_sum{environment="production"} 2',
    ]);
  });

  it('take no label that nobody knows, however many are tried', async () => {
    const metrics = open();
    for (let n = 0; n < 1_000; n += 1) {
      metrics.guardRefused(`env-${n}`);
      metrics.deviceFault(`lb-${n}`, 'TIMEOUT');
      metrics.deviceFault('ha-1', `CODE-${n}` as 'TIMEOUT');
      metrics.drifted(`lb-${n}`);
      metrics.approval(`env-${n}`, 'given');
      metrics.planned(`env-${n}`, 1);
      metrics.changeEnded({ environment: `env-${n}`, verb: 'enable', state: 'done' });
    }
    const { text } = await metrics.scrape();
    expect(text).not.toMatch(/env-\d|lb-\d|CODE-/);
    expect(text).toContain('lb_guard_refusals_total{environment="other"} 1000');
    expect(text).toContain('lb_device_faults_total{balancer="ha-1",code="other"} 1000');
    expect(text.length).toBeLessThan(30_000);
  });

  it('say how the queues stand at this moment, and how old what is next is', async () => {
    let standing: Standing = {
      queues: [
        {
          queue: 'q-lane-web',
          lane: 'web',
          waiting: 3,
          active: 1,
          delayed: 0,
          failed: 2,
          oldest: { at: NOW - 4_500 },
        },
      ],
      membersOut: [
        { service: 'shop', members: 2 },
        { service: 'blog', members: 0 },
      ],
      seen: [],
    };
    const metrics = open({ standing: async () => standing });
    const { text } = await metrics.scrape();
    expect(text).toContain('lb_queue_waiting{queue="q-lane-web"} 3');
    expect(text).toContain('lb_queue_failed{queue="q-lane-web"} 2');
    expect(text).toContain('lb_lane_oldest_seconds{lane="web"} 4.5');
    expect(text).toContain('lb_members_out{service="shop"} 2');
    expect(text).toContain('lb_members_out{service="blog"} 0');
    expect(text).toContain('lb_redis_up 1');
    standing = { ...standing, queues: [{ ...standing.queues[0], queue: 'q-plan' }] as never };
    expect((await metrics.scrape()).text).not.toContain('q-lane-web');
  });

  it.each([
    ['fails', () => Promise.reject(new Error('away'))],
    ['is silent', () => new Promise<never>(() => {})],
  ])('show no old figures while Redis %s', async (_how, away) => {
    let standing: () => Promise<Standing> = async () => ({
      ...empty,
      membersOut: [{ service: 'shop', members: 2 }],
    });
    const metrics = open({ standing: () => standing(), standingWithinMs: 50 });
    expect((await metrics.scrape()).text).toContain('lb_members_out{service="shop"} 2');
    standing = away;
    const { text } = await metrics.scrape();
    expect(text).toContain('lb_redis_up 0');
    expect(text).not.toContain('lb_members_out{');
  });

  it('say how long ago each balancer answered', async () => {
    const seen = [
      { balancer: 'ha-1', at: NOW - 3_000 },
      { balancer: 'taken-out-of-the-inventory', at: NOW - 9_000 },
    ];
    const metrics = open({ standing: async () => ({ ...empty, seen }) });
    expect(await lines(metrics, 'lb_device_seen_age_seconds')).toEqual([
      'lb_device_seen_age_seconds{balancer="ha-1"} 3',
      'lb_device_seen_age_seconds{balancer="other"} 9',
    ]);
    expect(await lines(open(), 'lb_device_seen_age_seconds')).toEqual([]);
  });

  it('name the version that runs', async () => {
    expect(await lines(open(), 'lb_build_info')).toEqual([
      `lb_build_info{version="1.2.3",node="${process.version}"} 1`,
    ]);
  });
});

describe('/metrics', () => {
  const server = { host: '127.0.0.1', port: 0, live: () => true, ready: async () => [] };

  it('is served beside the health pages, as text', async () => {
    const metrics = open();
    const { port, close } = await startHealthServer({ ...server, scrape: () => metrics.scrape() });
    const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
    expect(answer.headers.get('content-type')).toContain('text/plain; version=0.0.4');
    expect(await answer.text()).toContain('# HELP lb_changes_total Changes that ended.');
    const unknown = await fetch(`http://127.0.0.1:${port}/`);
    expect(await unknown.json()).toEqual({
      ok: false,
      reasons: ['There is /healthz, /readyz and /metrics.'],
    });
    expect((await fetch(`http://127.0.0.1:${port}/metrics`, { method: 'POST' })).status).toBe(405);
    await close();
  });

  it('says so when it cannot be made', async () => {
    const scrape = () => Promise.reject(new Error('no figures'));
    const { port, close } = await startHealthServer({ ...server, scrape });
    const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
    expect([answer.status, await answer.json()]).toEqual([
      503,
      { ok: false, reasons: ['no figures'] },
    ]);
    await close();
  });
});
