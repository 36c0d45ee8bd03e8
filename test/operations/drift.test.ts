import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Incident } from '../../src/domain/incident.ts';
import { readPool } from '../../src/operations/devices.ts';
import type { DriftReply } from '../../src/operations/operations.ts';
import { planChange } from '../../src/operations/plan.ts';
import { createOperations } from '../../src/operations/request.ts';
import { lookAt } from '../../src/watch/look.ts';
import { handClock } from '../fakes/hand-clock.ts';
import { type StageRedis, startRedis } from '../stage/redis.ts';
import { APPROVER, asker, OPERATOR, openSite, SECOND_OPERATOR, type Site, VIEWER } from './site.ts';

const FIRST = 'aaaa2222';
let redis: StageRedis;
let site: Site;
beforeAll(async () => {
  redis = await startRedis();
});
beforeEach(async () => {
  await redis.client.flushall();
  site = openSite(redis);
});
afterAll(() => redis.stop());

const place = { balancer: 'ha-1', pool: 'shop' };
const look = async () => lookAt(site.context, place, await readPool(site.context, place));
const holds = () => site.context.stores.holds.ofPool('ha-1', 'shop');
const putIn = () =>
  site.devices['ha-1'].set('w1', { admin: 'enabled', health: 'up', causes: [], weight: 7 });

async function incident(): Promise<Incident> {
  const id = site.queue.incidents[0] ?? '';
  const found = await site.context.stores.watched.incident(id);
  if (found === undefined) throw new Error(`There is no incident ${id}.`);
  return found;
}

async function choose(verb: 'restore' | 'accept', user = OPERATOR): Promise<DriftReply> {
  const { id } = await incident();
  // The front waits for what it asks; time that jumps would end that at once.
  const clock = handClock(site.clock.now());
  const operations = createOperations({ ...site.context, clock });
  return operations.chooseDrift({ verb, incidentId: id }, asker(user));
}

/** Plans what a click queued, as a worker does; the id of its change. */
async function planned(): Promise<string> {
  const request = site.queue.plans.at(-1);
  if (request === undefined) throw new Error('Nothing was queued.');
  await planChange(site.context, request);
  return request.id;
}

async function touched(): Promise<void> {
  expect((await site.change(FIRST)).state).toBe('done');
  putIn();
  await look();
}

describe('a look that began before a change ended', () => {
  it('does not take what it saw for the work of a hand', async () => {
    const before = await readPool(site.context, place);
    const known = await holds();
    expect((await site.change(FIRST)).state).toBe('done');
    await lookAt(site.context, place, before, known);
    expect(site.queue.incidents).toEqual([]);
    expect((await holds())[0]?.suspended).toBeUndefined();
    // The next one does.
    await lookAt(site.context, place, before, await holds());
    expect(site.queue.incidents).toHaveLength(1);
  });
});

describe('a held member that was changed by hand', () => {
  it('is one incident, however often it is looked at and whoever does', async () => {
    await touched();
    await look();
    await look();
    expect(new Set(site.queue.incidents).size).toBe(1);
    expect(await incident()).toMatchObject({ kind: 'drift', state: 'open', revision: 1 });
  });

  it('is decided by one of two who click at once, and the other is told who was faster', async () => {
    await touched();
    const replies = await Promise.all([choose('restore'), choose('accept', SECOND_OPERATOR)]);
    expect(replies.map(({ kind }) => kind).sort()).toEqual(['late', 'taken']);
    const late = replies.find((reply) => reply.kind === 'late');
    const { drift } = await incident();
    expect(late).toMatchObject({ choice: { by: drift?.choice?.by } });
    const isRestored = drift?.choice?.verb === 'restore';
    expect(site.queue.plans).toHaveLength(isRestored ? 1 : 0);
    expect(await holds()).toHaveLength(isRestored ? 1 : 0);
  });

  it('is decided by nobody without the role', async () => {
    await touched();
    for (const verb of ['restore', 'accept'] as const) {
      expect(await choose(verb, VIEWER)).toMatchObject({ fault: { code: 'NOT_ALLOWED' } });
    }
    expect((await incident()).drift?.choice).toBeUndefined();
    expect(await site.audited((await incident()).id)).toEqual(['refused', 'refused']);
  });

  it('keeps the setting that enabling it is to bring back, through the restore', async () => {
    await touched();
    await choose('restore');
    const id = await planned();
    await site.approve(id);
    expect((await site.apply(id)).state).toBe('done');
    expect(await holds()).toMatchObject([{ changeId: id, restore: { weight: 10 } }]);
    expect(await incident()).toMatchObject({ state: 'over', drift: { choice: { changeId: id } } });
  });

  it('can be decided again when the restore was denied', async () => {
    await touched();
    await choose('restore');
    const id = await planned();
    await look();
    expect((await incident()).drift?.choice).toBeDefined();
    await site.operations().decide({ verb: 'deny', changeId: id }, asker(APPROVER));
    await look();
    const again = await incident();
    expect(again.drift).toMatchObject({ tries: 1 });
    expect(again.drift?.choice).toBeUndefined();
    expect(JSON.stringify(again.facts)).toContain(`change ${id} did not do it (denied`);
    await choose('restore');
    expect(await planned()).not.toBe(id);
  });

  it('can be decided again at once when nothing may be written now', async () => {
    await touched();
    await site.operations().freeze({ verb: 'freeze', reason: 'an audit' }, asker());
    expect(await choose('restore')).toMatchObject({ kind: 'refused', fault: { code: 'FROZEN' } });
    expect((await incident()).drift).toMatchObject({ tries: 1 });
    expect(await choose('accept')).toMatchObject({ kind: 'taken' });
  });

  it('is given up although the process that took the click died before it did so', async () => {
    await touched();
    const { stores } = site.context;
    site.context = {
      ...site.context,
      stores: {
        ...stores,
        audit: { ...stores.audit, append: async () => Promise.reject(new Error('killed')) },
      },
    };
    await choose('accept');
    expect(await holds()).toHaveLength(1);
    site.context = { ...site.context, stores };
    await look();
    expect(await holds()).toHaveLength(0);
    expect((await site.audited(FIRST)).at(-1)).toBe('accepted');
  });

  it('is no matter any more when a hand puts it back, or a command takes it over', async () => {
    await touched();
    site.devices['ha-1'].set('w1', { admin: 'disabled', weight: 10, causes: ['command'] });
    await look();
    expect(await incident()).toMatchObject({ state: 'over' });
    expect((await incident()).headline).toContain('put back by hand');
    expect(await choose('accept')).toMatchObject({ fault: { code: 'NOT_WAITING' } });

    site.queue.incidents.length = 0;
    site.clock.advance(1_000);
    putIn();
    await look();
    expect(await incident()).toMatchObject({ state: 'open' });
    expect((await site.change('bbbb2222')).state).toBe('done');
    expect(await incident()).toMatchObject({ state: 'over' });
    expect((await incident()).headline).toContain('by change bbbb2222');
  });

  it('is asked for with the weight it was left with', async () => {
    const weight = { unit: 'absolute', value: 3 } as const;
    await site.change(FIRST, { verb: 'weight', weight });
    putIn();
    await look();
    await choose('restore');
    expect(site.queue.plans[0]?.command).toMatchObject({ verb: 'weight', weight, on: 'ha-1' });
  });
});
