import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { approvedPlan } from '../../src/domain/approval.ts';
import { OperationError } from '../../src/domain/errors.ts';
import { planChange } from '../../src/operations/plan.ts';
import { slackIsSilent } from '../fakes/fake-people.ts';
import { changeRequest, KEY, NOW } from '../fakes/samples.ts';
import { type StageRedis, startRedis } from '../stage/redis.ts';
import { APPROVER, OPERATOR, openSite, type Site, VIEWER } from './site.ts';

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
const writes = () => Object.values(site.devices).flatMap((device) => device.writes);
const warned = async () => (await site.record(ID)).plan?.warnings.map(({ text }) => text).join();

describe('a plan', () => {
  it('has the exact commands for each device, waits for approval, and changes nothing', async () => {
    const record = await site.plan(ID);
    expect(record).toMatchObject({
      state: 'waiting',
      asks: 'approver',
      expiresAt: NOW + 900_000,
      plan: {
        members: ['w1'],
        steps: [
          { balancer: 'ha-1', lane: 'web', commands: ['disable server shop/w1'] },
          { balancer: 'ha-2', lane: 'web', commands: ['disable server shop/w1'] },
        ],
        guard: { allowed: true },
      },
    });
    expect(writes()).toEqual([]);
    expect(site.queue.expiries).toEqual([{ changeId: ID, at: NOW + 900_000 }]);
    expect(site.queue.cards.at(-1)?.changeId).toBe(ID);
    expect(site.queue.approved).toEqual([]);
  });

  it('finds a member by its address, and counts two names of one once', async () => {
    const { plan } = await site.plan(ID, { members: ['10.0.0.2', 'w2', '10.0.0.2:80'] });
    expect(plan?.members).toEqual(['w2']);
    expect(plan?.steps).toHaveLength(2);
  });

  it('is for the one balancer that was named', async () => {
    const { plan } = await site.plan(ID, { on: 'ha-2' });
    expect(plan?.steps.map(({ balancer }) => balancer)).toEqual(['ha-2']);
  });

  it('is over when every member is as wanted already', async () => {
    for (const name of ['ha-1', 'ha-2'] as const)
      site.devices[name].set('w1', { admin: 'disabled' });
    const record = await site.plan(ID);
    expect(record).toMatchObject({ state: 'done', plan: { steps: [] } });
    expect(record.outcome?.remarks).toEqual([
      'w1 on ha-1 is so already.',
      'w1 on ha-2 is so already.',
      'w1 on ha-1 was out already; it is on record now.',
      'w1 on ha-2 was out already; it is on record now.',
    ]);
  });

  it('changes the half that is not so yet, and says which half is', async () => {
    site.devices['ha-1'].set('w1', { admin: 'disabled' });
    const { plan } = await site.plan(ID);
    expect(plan?.steps.map(({ balancer }) => balancer)).toEqual(['ha-2']);
    expect(await warned()).toMatch(/w1 on ha-1 is .* already/);
  });

  it('needs nobody where the environment asks for no approval', async () => {
    const record = await site.plan(ID, { service: 'blog', members: ['b1'] });
    expect(record).toMatchObject({ state: 'approved', approval: { by: 'nobody needed' } });
    expect(approvedPlan(record, KEY).plan.members).toEqual(['b1']);
    expect(site.queue.approved).toEqual([ID]);
  });

  it('asks an operator there when something is not sure', async () => {
    site.devices.lone.set('b1', { admin: 'disabled' });
    site.unreachable.add('10.0.0.1');
    const record = await site.plan(ID, { verb: 'enable', service: 'blog', members: ['b1'] });
    expect(record).toMatchObject({ state: 'waiting', asks: 'operator' });
    expect(site.queue.approved).toEqual([]);
  });

  it('names other services that still send clients to the same host', async () => {
    site.devices.lone.set('b1', { address: '10.0.0.1' });
    await site.plan(ID);
    expect(await warned()).toContain('blog still sends clients to 10.0.0.1 (b1 in blog)');
  });

  it('counts the members of the inventory, also those that the device lost', async () => {
    for (const name of ['w3', 'w4']) site.devices['ha-1'].remove(name);
    const record = await site.plan(ID);
    expect(record).toMatchObject({ state: 'refused', fault: { code: 'GUARD' } });
    expect(record.fault?.message).toContain('1 of 4 members of shop on ha-1');
  });

  it('counts the largest set seen where the inventory lists none', async () => {
    await site.context.stores.seen.note('lone', 'blog', ['b1', 'b2', 'b3', 'b4', 'b5'], NOW - 5);
    const record = await site.plan(ID, { service: 'blog', members: ['b1'] });
    expect(record).toMatchObject({ state: 'refused', plan: { guard: { pools: [{ known: 5 }] } } });
  });

  it('counts capacity that an approved change will take', async () => {
    await site.plan('aaaa2222', { members: ['w2', 'w3'] });
    await site.approve('aaaa2222');
    const record = await site.plan(ID);
    expect(record).toMatchObject({ state: 'refused', fault: { code: 'GUARD' } });
    expect(record.fault?.message).toContain('2 more already promised');
  });

  it('is not held up by a plan that only waits', async () => {
    await site.plan('aaaa2222', { members: ['w2', 'w3'] });
    expect((await site.plan(ID)).state).toBe('waiting');
  });
});

describe('a request is refused with the reason, to the asker alone,', () => {
  const refused = async (code: string, said: RegExp, command = {}) => {
    const record = await site.plan(ID, command);
    expect(record).toMatchObject({ state: 'refused', fault: { code } });
    expect(record.fault?.message).toMatch(said);
    expect(record.plan).toBeUndefined();
    expect(writes()).toEqual([]);
    expect(await site.audited(ID)).toEqual(['requested', 'refused']);
  };

  it('when the member is unknown', async () => {
    await refused('NO_SUCH_MEMBER', /"w9" is unknown. Nearest: w1/, { members: ['w9'] });
    expect(site.queue.whispers).toMatchObject([{ user: OPERATOR, channel: 'C0OPS' }]);
    expect(site.queue.cards).toEqual([]);
  });

  it('when one of the nodes does not know the member', async () => {
    site.devices['ha-2'].remove('w1');
    await refused('NO_SUCH_MEMBER', /asked on ha-2/);
  });

  it('when the member is ambiguous', async () => {
    site.devices['ha-1'].set('w2', { address: '10.0.0.1' });
    await refused('NO_SUCH_MEMBER', /ambiguous; it could be w1 .* w2 /, { members: ['10.0.0.1'] });
  });

  it('when the service does not live on the named balancer', async () => {
    await refused('USAGE', /shop does not live on lone/, { on: 'lone' });
  });

  it('when it waited more than a minute for a worker', async () => {
    await planChange(site.context, changeRequest(ID, { notAfter: NOW - 1 }));
    expect(await site.record(ID)).toMatchObject({ state: 'refused', fault: { code: 'EXPIRED' } });
  });

  it('when the asker has lost the role meanwhile', async () => {
    site.directory.groups.set('S0OPS', []);
    await refused('NOT_ALLOWED', /needs the role operator/);
  });

  it('when Slack does not say who they are', async () => {
    site.directory.onAsk = slackIsSilent;
    await refused('DIRECTORY_UNAVAILABLE', /no answer/);
  });

  it('when the channel is shared with another organisation', async () => {
    site.directory.sharedChannels.add('C0OPS');
    await refused('NOT_ALLOWED', /shared with another organisation/);
  });

  it('when three of theirs for the service wait already', async () => {
    for (const id of ['aaaa2222', 'bbbb2222', 'cccc2222']) await site.plan(id);
    await refused('TOO_MANY_OPEN', /aaaa2222/);
    await site.approve('aaaa2222');
    expect((await site.plan('dddd2222')).state).toBe('waiting');
  });
});

describe('a device that cannot be read', () => {
  it('is enough to refuse the plan, publicly', async () => {
    site.devices['ha-2'].onRead = () => {
      throw new OperationError('TIMEOUT', 'Reading shop on ha-2: no answer within 5 s.');
    };
    expect(await site.plan(ID)).toMatchObject({ state: 'refused', fault: { code: 'TIMEOUT' } });
    expect(site.queue.cards.at(-1)?.changeId).toBe(ID);
  });
});

describe('planning', () => {
  it('refuses a request that nobody of us signed, and keeps no trace of it', async () => {
    const forged = { ...changeRequest(ID), actor: { id: VIEWER, via: 'slack' } as const };
    await expect(planChange(site.context, forged)).rejects.toMatchObject({ code: 'BAD_SIGNATURE' });
    expect(await site.context.stores.changes.get(ID)).toBeUndefined();
  });

  it('twice is planning once', async () => {
    const first = await site.plan(ID);
    site.devices['ha-1'].set('w1', { weight: 3 });
    const again = await site.plan(ID);
    expect(again.plan?.digest).toBe(first.plan?.digest);
    expect(again.revision).toBe(first.revision);
  });

  it('again after the approval only sees to it that the job is there', async () => {
    await site.plan(ID);
    await site.approve(ID, APPROVER);
    site.queue.forget();
    await site.plan(ID);
    expect(site.queue.approved).toEqual([ID]);
  });

  it('is tried again as a whole when Redis goes away in the middle', async () => {
    const { claims } = site.context.stores;
    const away = () => Promise.reject(new OperationError('STORE_UNAVAILABLE', 'away'));
    const { stores } = site.context;
    site.context = { ...site.context, stores: { ...stores, claims: { ...claims, ofPool: away } } };
    await expect(site.plan(ID)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect((await site.record(ID)).state).toBe('planning');
    site.context = { ...site.context, stores };
    expect((await site.plan(ID)).state).toBe('waiting');
  });
});
