import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { signApproval } from '../../src/domain/approval.ts';
import { Secret } from '../../src/domain/secret.ts';
import { applyLane } from '../../src/operations/apply.ts';
import { approval as approvalFor, NOW } from '../fakes/samples.ts';
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
const writes = () => [...site.devices['ha-1'].writes, ...site.devices['ha-2'].writes];
const results = async () => (await site.record(ID)).outcome?.steps.map(({ result }) => result);

async function approved() {
  await site.plan(ID);
  expect(await site.approve(ID)).toMatchObject({ kind: 'taken', state: 'approved' });
}

describe('an approved change', () => {
  it('is written device by device, read back, remembered and told', async () => {
    const record = await site.change(ID);
    expect(record).toMatchObject({ state: 'done', runs: 1 });
    expect(states(site)).toEqual(['disabled', 'disabled']);
    expect(writes()).toEqual(['disable server shop/w1', 'disable server shop/w1']);
    expect(await results()).toEqual(['verified', 'verified']);
    expect(record.outcome?.after.map(({ device }) => device.balancer)).toEqual(['ha-1', 'ha-2']);
    expect(await site.audited(ID)).toEqual([
      'requested',
      'planned',
      'approved',
      'about-to',
      'verified',
      'about-to',
      'verified',
      'finished',
    ]);
    expect(await site.context.stores.holds.ofPool('ha-2', 'shop')).toMatchObject([
      { member: 'w1', actor: OPERATOR, approver: APPROVER, restore: { weight: 10 } },
    ]);
    expect(await site.context.stores.claims.ofPool('ha-1', 'shop')).toEqual([]);
    expect(site.queue.cards.at(-1)).toEqual({ changeId: ID, revision: record.revision });
  });

  it('writes the audit entry before it touches the device', async () => {
    await approved();
    let before: readonly string[] = [];
    site.devices['ha-1'].onCommand = async (_command, carryOut) => {
      before = await site.audited(ID);
      carryOut();
    };
    await site.apply(ID);
    expect(before.at(-1)).toBe('about-to');
  });

  it('is written once, however often its job runs', async () => {
    await site.change(ID);
    await site.apply(ID);
    expect(writes()).toHaveLength(2);
    expect((await site.record(ID)).runs).toBe(1);
  });

  it('claims its members from the approval on', async () => {
    await approved();
    const claims = await site.context.stores.claims.ofPool('ha-1', 'shop');
    expect(claims).toMatchObject([{ changeId: ID, member: 'w1', sequence: 1 }]);
  });
});

describe('a change is refused before anything is written', () => {
  const stop = async (state: string, code: string) => {
    const record = await site.apply(ID);
    expect(record).toMatchObject({ state, fault: { code } });
    expect(writes()).toEqual([]);
    expect(await site.context.stores.claims.ofPool('ha-1', 'shop')).toEqual([]);
    return record;
  };

  it('when a device is no longer as it was planned', async () => {
    await approved();
    site.devices['ha-2'].set('w1', { weight: 3 });
    const { fault } = await stop('refused', 'STALE');
    expect(fault?.message).toContain('w1 on ha-2 is enabled with weight 3 now');
  });

  it('when somebody did it by hand meanwhile', async () => {
    await approved();
    site.devices['ha-1'].set('w1', { admin: 'disabled' });
    expect((await stop('refused', 'STALE')).fault?.message).toContain('by somebody else');
  });

  it('when the name of the member means another machine now', async () => {
    await approved();
    site.devices['ha-2'].set('w1', { address: '10.9.9.9' });
    await stop('refused', 'STALE');
  });

  it('when the member is gone', async () => {
    await approved();
    site.devices['ha-2'].remove('w1');
    expect((await stop('refused', 'STALE')).fault?.message).toContain('gone');
  });

  it('when a device does not answer', async () => {
    await approved();
    site.devices['ha-2'].onRead = () => Promise.reject(new Error('kaput'));
    await stop('refused', 'INTERNAL');
  });

  it('when the guard says no on what the devices show now', async () => {
    await approved();
    for (const name of ['w3', 'w4']) site.devices['ha-2'].set(name, { health: 'down' });
    expect((await stop('refused', 'GUARD')).fault?.message).toContain('shop on ha-2');
  });

  it('when it waited too long for its turn', async () => {
    await approved();
    site.clock.advance(15 * 60_000 + 1);
    await stop('expired', 'EXPIRED');
  });

  it('when it was called back', async () => {
    await approved();
    const reply = await site
      .operations()
      .decide(
        { verb: 'cancel', changeId: ID },
        { actor: { id: OPERATOR, via: 'slack' }, origin: { via: 'slack' }, deliveryId: 'x' },
      );
    expect(reply).toMatchObject({ kind: 'taken', state: 'cancelled' });
    expect((await site.apply(ID)).state).toBe('cancelled');
    expect(writes()).toEqual([]);
  });
});

describe('a forged change', () => {
  const refused = async (mac?: string) => {
    const { approval } = await site.record(ID);
    await applyLane(
      site.context,
      { changeId: ID, lane: 'web', stage: 0, approvalMac: mac ?? approval?.mac ?? '' },
      new AbortController().signal,
    );
    expect(await site.record(ID)).toMatchObject({
      state: 'refused',
      fault: { code: 'BAD_SIGNATURE' },
    });
    expect(writes()).toEqual([]);
    expect(await site.context.stores.claims.ofPool('ha-1', 'shop')).toEqual([]);
    expect(await site.audited(ID)).toContain('refused');
    expect(await site.audited(ID)).not.toContain('about-to');
    expect(site.logged.join()).toContain('forged');
  };

  it('is refused when its steps are not those that were approved', async () => {
    await approved();
    await site.context.stores.changes.update(ID, (record) => {
      if (record.plan === undefined) return undefined;
      const [first, ...rest] = record.plan.steps;
      if (first === undefined) return undefined;
      const evil = { ...first, member: 'w2', commands: ['disable server shop/w2'] };
      return { ...record, plan: { ...record.plan, steps: [evil, ...rest] } };
    });
    await refused();
  });

  it('is refused when nobody approved it', async () => {
    await site.plan(ID);
    await site.context.stores.changes.update(ID, (record) => {
      if (record.plan === undefined) return undefined;
      const { mac: _none, ...unsigned } = approvalFor(ID, record.plan);
      const otherKey = new Secret('a-key-that-somebody-guessed-0123456789');
      return { ...record, state: 'approved', approval: signApproval(unsigned, otherKey) };
    });
    await refused();
  });

  it('is refused when the approval was given to live longer', async () => {
    await approved();
    await site.context.stores.changes.update(ID, (record) =>
      record.approval === undefined
        ? undefined
        : { ...record, approval: { ...record.approval, notAfter: NOW + 1e12 } },
    );
    site.clock.advance(3_600_000);
    await refused();
  });

  it('is refused when the job carries another signature', async () => {
    await approved();
    await refused('a'.repeat(64));
  });
});
