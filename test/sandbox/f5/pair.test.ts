import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type F5Sim, startF5Sim } from '../../../src/sandbox/f5/start.ts';
import { ask, MEMBER, plainEntries, tokenFor } from './unit-client.ts';

let sim: F5Sim;
beforeAll(async () => {
  sim = await startF5Sim({ pair: true });
});
beforeEach(() => sim.control.reset());
afterAll(() => sim.close());

const A = 0;
const B = 1;
const out = { session: 'user-disabled', state: 'user-up' };
const disable = (unit: number) => ask(sim, 'PATCH', MEMBER, { unit, body: out });
const session = async (unit: number) => (await ask(sim, 'GET', MEMBER, { unit })).json.session;

/** The one entry of a status page, with its lines of details. */
async function statusOf(unit: number, page: 'failover-status' | 'sync-status') {
  const { entries } = (await ask(sim, 'GET', `/mgmt/tm/cm/${page}`, { unit })).json;
  const entry = entries[`https://localhost/mgmt/tm/cm/${page}/0`];
  const spelled = page === 'failover-status' ? 'failoverStatus' : 'syncStatus';
  const base = `https://localhost/mgmt/tm/cm/${spelled}/0/details`;
  const lines: string[] = [];
  const details = entry.nestedStats.entries[base]?.nestedStats.entries ?? {};
  for (let line = 0; details[`${base}/${line}`] !== undefined; line += 1) {
    lines.push(String(plainEntries(details[`${base}/${line}`]).details));
  }
  return { ...plainEntries(entry), lines };
}

const sync = (unit: number, args = 'config-sync to-group failover_dg ') =>
  ask(sim, 'POST', '/mgmt/tm/cm', { unit, body: { command: 'run', utilCmdArgs: args } });

describe('roles', () => {
  it('are one active and one standby unit, on every page that shows them', async () => {
    expect(sim.units.map(({ role }) => role)).toEqual(['active', 'standby']);
    expect(await statusOf(A, 'failover-status')).toMatchObject({
      color: 'green',
      status: 'ACTIVE',
      summary: '1/1 active',
      lines: ['active for /Common/traffic-group-1'],
    });
    expect(await statusOf(B, 'failover-status')).toMatchObject({
      status: 'STANDBY',
      summary: '1/1 standby',
      lines: [],
    });
    const { items } = (await ask(sim, 'GET', '/mgmt/tm/cm/device', { unit: B })).json;
    expect(
      items.map((item: Record<string, string>) => [
        item.hostname,
        item.failoverState,
        item.selfDevice,
      ]),
    ).toEqual([
      ['bigip-a.example.net', 'active', 'false'],
      ['bigip-b.example.net', 'standby', 'true'],
    ]);
  });

  it('change by failover; also two active, none, and one for each traffic group', async () => {
    const both = async () => [
      (await statusOf(A, 'failover-status')) as Record<string, unknown>,
      (await statusOf(B, 'failover-status')) as Record<string, unknown>,
    ];
    const words = async () => (await both()).map(({ status }) => status);
    sim.control.failOver();
    expect(await words()).toEqual(['STANDBY', 'ACTIVE']);
    sim.control.failOver({ to: 'bigip-a' });
    expect(await words()).toEqual(['ACTIVE', 'STANDBY']);
    sim.control.failOver({ active: ['bigip-a', 'bigip-b'] });
    expect(await words()).toEqual(['ACTIVE', 'ACTIVE']);
    sim.control.failOver({ active: [] });
    expect(await words()).toEqual(['STANDBY', 'STANDBY']);
    sim.control.failOver({ offline: 'bigip-b' });
    expect(await words()).toEqual(['STANDBY', 'FORCED OFFLINE']);
    sim.control.reset();
    sim.control.failOver({ trafficGroup: 'traffic-group-2', to: 'bigip-b' });
    expect((await both()).map(({ status, summary, lines }) => [status, summary, lines])).toEqual([
      ['ACTIVE', '1/2 active', ['active for /Common/traffic-group-1']],
      ['ACTIVE', '1/2 active', ['active for /Common/traffic-group-2']],
    ]);
  });
});

describe('config-sync', () => {
  it('is due after a write, and the page says which way', async () => {
    expect(await statusOf(A, 'sync-status')).toMatchObject({
      color: 'green',
      mode: 'high-availability',
      status: 'In Sync',
    });
    await disable(A);
    expect(await session(B)).toBe('monitor-enabled');
    for (const unit of [A, B]) {
      const status = await statusOf(unit, 'sync-status');
      expect(status).toMatchObject({ color: 'yellow', status: 'Changes Pending' });
      expect(status.lines.join('\n')).toContain(
        'Recommended action: Synchronize bigip-a.example.net to group failover_dg',
      );
    }
    expect((await sync(A)).status).toBe(200);
    expect(await session(B)).toBe('user-disabled');
    expect(await statusOf(B, 'sync-status')).toMatchObject({ status: 'In Sync' });
  });

  it('from the wrong unit loses the change', async () => {
    await disable(A);
    await sync(B);
    expect(await session(A)).toBe('monitor-enabled');
  });

  it('shows a conflict when both units were changed', async () => {
    await disable(A);
    await disable(B);
    expect((await statusOf(A, 'sync-status')) as Record<string, unknown>).toMatchObject({
      status: 'Changes Pending',
      summary:
        'There is a possible change conflict between bigip-a.example.net and bigip-b.example.net.',
    });
  });

  it('takes its time, and goes by itself where that is set', async () => {
    sim.control.sync({ autoSync: true, delayMs: 2_000 });
    await disable(A);
    expect(await statusOf(A, 'sync-status')).toMatchObject({ status: 'Syncing' });
    expect(await session(B)).toBe('monitor-enabled');
    sim.control.advance(2_000);
    expect(await statusOf(A, 'sync-status')).toMatchObject({ status: 'In Sync' });
    expect(await session(B)).toBe('user-disabled');
  });

  it('does nothing without a connection, and words nobody knows can be shown', async () => {
    sim.control.sync({ disconnected: true });
    await disable(A);
    await sync(A);
    expect(await statusOf(A, 'sync-status')).toMatchObject({
      status: 'Disconnected',
      color: 'red',
    });
    expect(await session(B)).toBe('monitor-enabled');
    sim.control.sync({ disconnected: false, shown: { status: 'offline', color: 'green' } });
    expect(await statusOf(A, 'sync-status')).toMatchObject({ status: 'offline', color: 'green' });
    sim.control.sync({ shown: null });
    expect(await statusOf(A, 'sync-status')).toMatchObject({ status: 'Changes Pending' });
  });

  it('is nothing for a unit that stands alone', async () => {
    const alone = await startF5Sim();
    const { entries } = (await ask(alone, 'GET', '/mgmt/tm/cm/sync-status')).json;
    const [entry = {}] = Object.values<object>(entries);
    expect(plainEntries(entry)).toMatchObject({ mode: 'standalone', status: 'Standalone' });
    await alone.close();
  });
});

describe('what was not saved', () => {
  const save = (unit: number) =>
    ask(sim, 'POST', '/mgmt/tm/sys/config', { unit, body: { command: 'save' } });

  it('is lost by a restart, and tokens are lost by every restart', async () => {
    const token = await tokenFor(sim, 'admin');
    await disable(A);
    expect(sim.control.state()[0]).toMatchObject({ unsaved: true });
    sim.control.restart('bigip-a');
    expect(await session(A)).toBe('monitor-enabled');
    expect((await ask(sim, 'GET', MEMBER, { token })).status).toBe(401);
  });

  it.each([
    ['REST', () => save(A)],
    [
      'tmsh',
      () =>
        ask(sim, 'POST', '/mgmt/tm/util/bash', {
          body: { command: 'run', utilCmdArgs: '-c "tmsh save sys config"' },
        }),
    ],
  ])('stays once it is saved by %s', async (_case, saveIt) => {
    await disable(A);
    expect((await saveIt()).status).toBe(200);
    sim.control.restart();
    expect(await session(A)).toBe('user-disabled');
    expect(await session(B)).toBe('monitor-enabled');
  });
});
