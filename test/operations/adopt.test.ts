import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readPool } from '../../src/operations/devices.ts';
import { isOwnHold } from '../../src/operations/remember.ts';
import { lookAt } from '../../src/watch/look.ts';
import { type StageRedis, startRedis } from '../stage/redis.ts';
import { APPROVER, OPERATOR, openSite, type Site } from './site.ts';

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
const out = { admin: 'disabled', health: 'suspended', causes: ['command'] } as const;

async function holdsOn(balancer: 'ha-1' | 'ha-2' | 'lone', pool = 'shop') {
  const holds = await site.context.stores.holds.ofPool(balancer, pool);
  return holds.map(({ member, actor, approver, approvalKind, restore }) => ({
    member,
    actor,
    approver,
    approvalKind,
    restore,
  }));
}

describe('disabling a member that somebody had disabled by hand', () => {
  beforeEach(() => {
    for (const name of ['ha-1', 'ha-2'] as const) site.devices[name].set('w1', out);
  });

  it('puts it on record without an approval, because nothing is written', async () => {
    const { state } = await site.plan(ID);
    expect(state).toBe('done');
    const expected = {
      member: 'w1',
      actor: OPERATOR,
      approver: 'nobody needed',
      approvalKind: 'nobody needed',
      restore: { admin: 'enabled', weight: 10 },
    };
    expect(await holdsOn('ha-1')).toEqual([expected]);
    expect(await holdsOn('ha-2')).toEqual([expected]);
    expect(site.devices['ha-1'].writes).toEqual([]);
    expect(await site.audited(ID)).toEqual(['requested', 'adopted', 'adopted', 'planned']);
  });

  it('signs what it puts on record', async () => {
    await site.plan(ID);
    const [hold] = await site.context.stores.holds.ofPool('ha-1', 'shop');
    expect(hold !== undefined && isOwnHold(site.context, hold)).toBe(true);
  });

  it('lets it come back with its configured weight when it had none', async () => {
    site.devices['ha-1'].set('w1', { ...out, weight: 0, configuredWeight: 7 });
    await site.plan(ID);
    expect((await holdsOn('ha-1'))[0]?.restore).toEqual({ admin: 'enabled', weight: 7 });
  });

  it('leaves what is on record already with whom it was', async () => {
    await site.plan(ID);
    await site.plan('efgh2345');
    const [hold] = await site.context.stores.holds.ofPool('ha-1', 'shop');
    expect(hold?.changeId).toBe(ID);
    expect((await site.record('efgh2345')).outcome?.remarks).toEqual([
      'w1 on ha-1 is so already.',
      'w1 on ha-2 is so already.',
    ]);
  });

  it('does not let a restart put out again what nobody approved', async () => {
    await site.plan(ID);
    site.devices['ha-1'].incarnation = '2';
    site.devices['ha-1'].set('w1', { admin: 'enabled', health: 'up', causes: [] });
    const place = { balancer: 'ha-1', pool: 'shop' };
    await lookAt(site.context, place, await readPool(site.context, place));
    expect(site.queue.approved).toEqual([]);
    expect(site.queue.notices.at(-1)?.text).toContain('NOT restored: nobody approved it');
  });

  it('is not done by anything but taking out', async () => {
    for (const name of ['ha-1', 'ha-2'] as const) {
      site.devices[name].set('w2', { admin: 'enabled' });
    }
    await site.plan(ID, { verb: 'enable', members: ['w2'] });
    expect(await holdsOn('ha-1')).toEqual([]);
  });
});

describe('disabling a member that is out on one node of a pair only', () => {
  beforeEach(() => site.devices['ha-1'].set('w1', out));

  it('puts both nodes on record when the approved half is done', async () => {
    const ended = await site.change(ID);
    expect(ended.state).toBe('done');
    for (const name of ['ha-1', 'ha-2'] as const) {
      expect(await holdsOn(name)).toEqual([
        expect.objectContaining({ member: 'w1', approver: APPROVER, approvalKind: 'people' }),
      ]);
    }
    expect(ended.outcome?.remarks).toContain('w1 on ha-1 was out already; it is on record now.');
  });

  it('goes by what the node shows then, not by what it showed when it was planned', async () => {
    await site.plan(ID);
    site.devices['ha-1'].set('w1', { admin: 'enabled', health: 'up', causes: [] });
    await site.approve(ID);
    await site.apply(ID);
    expect(await holdsOn('ha-1')).toEqual([]);
  });
});
