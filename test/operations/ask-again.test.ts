import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { approval } from '../fakes/samples.ts';
import { type StageRedis, startRedis } from '../stage/redis.ts';
import { APPROVER, OPERATOR, openSite, type Site, states } from './site.ts';

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
/** What a store shows after a copy took over: everything but the note of its former life. */
const anotherLife = () => redis.client.del('{lb}:life');

describe('an approval of which nothing was begun when Redis failed over', () => {
  beforeEach(async () => {
    await site.plan(ID);
    await site.approve(ID);
    await anotherLife();
  });

  it('is asked again instead of carried out', async () => {
    const first = await site.record(ID);
    const again = await site.apply(ID);
    expect(states(site)).toEqual(['enabled', 'enabled']);
    expect(again).toMatchObject({ state: 'waiting', asks: 'approver', round: 1, stage: 0 });
    expect(again.approval).toBeUndefined();
    expect(again.votes).toBeUndefined();
    expect(again.plan?.digest).toBe(first.plan?.digest);
    expect(again.expiresAt).toBe(again.updatedAt + 900_000);
    expect(again.plan?.warnings.at(-1)?.text).toContain('it must be approved again');
    expect(site.queue.notices).toEqual([
      {
        id: `asked-again.${ID}.1`,
        channel: 'C0OPS',
        changeId: ID,
        mentions: [APPROVER],
        text: expect.stringContaining(`Change ${ID} must be approved again: Redis failed over`),
      },
    ]);
    expect(await site.audited(ID)).toEqual(['requested', 'planned', 'approved', 'asked-again']);
  });

  it('is carried out once when it is given again, by jobs of its own', async () => {
    await site.apply(ID);
    expect(await site.approve(ID)).toMatchObject({ kind: 'taken', state: 'approved' });
    const { approval } = await site.record(ID);
    expect(approval).toMatchObject({ round: 1, by: APPROVER });
    const done = await site.apply(ID);
    expect(done.state).toBe('done');
    expect(states(site)).toEqual(['disabled', 'disabled']);
  });

  it('is asked again once, however often its job comes', async () => {
    await site.apply(ID);
    await site.apply(ID);
    expect(await site.record(ID)).toMatchObject({ state: 'waiting', round: 1 });
  });

  it('can be denied, cancelled, or run out of time like any other question', async () => {
    await site.apply(ID);
    const reply = await site.operations().decide(
      { verb: 'cancel', changeId: ID },
      {
        actor: { id: OPERATOR, via: 'slack' },
        origin: { via: 'slack', channel: 'C0OPS' },
        deliveryId: 'T0US.again',
      },
    );
    expect(reply).toMatchObject({ kind: 'taken', state: 'cancelled' });
  });
});

describe('what is not asked again after Redis failed over', () => {
  it('is a question that still waits: it is answered as before', async () => {
    await site.plan(ID);
    await anotherLife();
    await site.approve(ID);
    expect((await site.apply(ID)).state).toBe('done');
  });

  it('is a change that was begun: the devices know how far it is', async () => {
    await site.plan(ID);
    await site.approve(ID);
    const stop = new AbortController();
    site.devices['ha-2'].onConnect = () => stop.abort();
    await site.apply(ID, { signal: stop.signal }).catch(() => undefined);
    expect(states(site)).toEqual(['disabled', 'enabled']);
    site.devices['ha-2'].onConnect = undefined;
    await anotherLife();
    expect((await site.apply(ID)).state).toBe('done');
    expect(states(site)).toEqual(['disabled', 'disabled']);
  });

  it('is an approval of an older version, which does not say when it was given', async () => {
    const { plan } = await site.plan(ID);
    if (plan === undefined) throw new Error('no plan');
    const earlier = approval(ID, plan);
    expect(earlier.life).toBeUndefined();
    await site.context.stores.changes.update(ID, (latest) => ({
      ...latest,
      state: 'approved',
      approval: earlier,
    }));
    await anotherLife();
    expect((await site.apply(ID)).state).toBe('done');
  });
});

describe('where nobody had to approve', () => {
  it('an operator is asked once, because nobody else knows whether it still holds', async () => {
    await site.plan(ID, { service: 'blog', members: ['b1'] });
    await anotherLife();
    const again = await site.apply(ID, { lane: 'lone' });
    expect(again).toMatchObject({ state: 'waiting', asks: 'operator' });
    expect(site.devices.lone.writes).toEqual([]);
    await site.approve(ID, OPERATOR);
    expect((await site.apply(ID, { lane: 'lone' })).state).toBe('done');
  });
});
