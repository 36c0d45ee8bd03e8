import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OperationError } from '../../src/domain/errors.ts';
import { sweep } from '../../src/operations/sweep.ts';
import { changeRequest, NOW } from '../fakes/samples.ts';
import { type StageRedis, startRedis } from '../stage/redis.ts';
import { openSite, type Site } from './site.ts';

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

const ID = 'abcd2345';
const run = () => {
  site.queue.forget();
  return sweep(site.context);
};
const claims = () => site.context.stores.claims.ofPool('ha-1', 'shop');

describe('the sweep', () => {
  it('queues an approved change whose process died right after the click', async () => {
    await site.plan(ID);
    site.queue.onSubmit = () => {
      throw new OperationError('STORE_UNAVAILABLE', 'died');
    };
    await site.approve(ID);
    site.queue.onSubmit = undefined;
    await run();
    expect(site.queue.approved).toEqual([ID]);
    expect(await claims()).toHaveLength(1);
    expect(site.queue.cards).toMatchObject([{ changeId: ID }]);
  });

  it('drops a plan whose timer was lost', async () => {
    await site.plan(ID);
    site.clock.advance(899_999);
    await run();
    expect((await site.record(ID)).state).toBe('waiting');
    expect(site.queue.expiries).toHaveLength(1);
    site.clock.advance(1);
    await run();
    expect((await site.record(ID)).state).toBe('expired');
  });

  it('queues planning again that got lost, as it was signed', async () => {
    const request = changeRequest(ID);
    await site.context.stores.changes.create(request);
    await run();
    expect(site.queue.plans).toEqual([request]);
  });

  it('drops planning that nobody waits for any more, and tells the asker alone', async () => {
    await site.context.stores.changes.create(changeRequest(ID));
    site.clock.advance(60_001);
    await run();
    expect(await site.record(ID)).toMatchObject({ state: 'refused', fault: { code: 'EXPIRED' } });
    expect(site.queue.whispers).toMatchObject([{ user: 'U0OPERATE' }]);
    expect(site.queue.plans).toEqual([]);
  });

  it('has the card shown of a change whose end it does not show yet', async () => {
    const { revision } = await site.change(ID);
    await run();
    expect(site.queue.cards).toEqual([{ changeId: ID, revision }]);
    const place = { channel: 'C0OPS', ts: '1.1' };
    const { cards } = site.context.stores;
    await cards.put(ID, { place, revisionShown: revision, ending: 'begun' });
    await run();
    expect(site.queue.cards).toEqual([{ changeId: ID, revision }]);
    await cards.put(ID, { place, revisionShown: revision, ending: 'posted' });
    await run();
    expect(site.queue.cards).toEqual([]);
  });

  it('lets a card be that is older than a day', async () => {
    await site.change(ID);
    site.clock.advance(24 * 3_600_000 + 1);
    await run();
    expect(site.queue.cards).toEqual([]);
  });

  it('twice is the sweep once', async () => {
    await site.plan(ID);
    await site.approve(ID);
    await run();
    const before = await site.record(ID);
    await run();
    expect(await site.record(ID)).toEqual(before);
    expect(await claims()).toHaveLength(1);
  });

  it('goes on behind a change it cannot read', async () => {
    await site.plan('aaaa2222');
    await redis.client.set('{lb}:change:aaaa2222', '{"v":2}');
    await site.plan(ID);
    await site.approve(ID);
    await run();
    expect(site.queue.approved).toEqual([ID]);
    expect(site.logged.join()).toContain('Sweeping a change failed');
  });

  it('refuses a change whose approval is forged, and claims nothing for it', async () => {
    await site.plan(ID);
    await site.context.stores.changes.update(ID, (record) => ({
      ...record,
      state: 'approved',
      approval: {
        changeId: ID,
        digest: record.plan?.digest ?? '',
        kind: 'people',
        by: 'U0APPROVE',
        votes: ['U0APPROVE'],
        at: NOW,
        notAfter: NOW + 1e9,
        sequence: 1,
        mac: 'a'.repeat(64),
      },
    }));
    await run();
    expect(site.queue.approved).toEqual([]);
    expect(await claims()).toEqual([]);
  });

  it('does not claim again what a change gave back while the sweep looked at it', async () => {
    await site.plan(ID);
    await site.approve(ID);
    const { changes } = site.context.stores;
    const context = site.context;
    site.context = {
      ...context,
      stores: {
        ...context.stores,
        changes: {
          ...changes,
          async get(id) {
            const record = await changes.get(id);
            site.context = context;
            if (record?.state === 'approved') await site.apply(ID);
            return record;
          },
        },
      },
    };
    await run();
    expect((await site.record(ID)).state).toBe('done');
    expect(await claims()).toEqual([]);
  });
});
