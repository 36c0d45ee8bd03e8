import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { approvedPlan } from '../../src/domain/approval.ts';
import { OperationError } from '../../src/domain/errors.ts';
import { expire } from '../../src/operations/approve.ts';
import type { Decision } from '../../src/operations/operations.ts';
import { slackIsSilent } from '../fakes/fake-people.ts';
import { KEY, NOW } from '../fakes/samples.ts';
import { type StageRedis, startRedis } from '../stage/redis.ts';
import { APPROVER, asker, OPERATOR, openSite, SECOND_OPERATOR, type Site, VIEWER } from './site.ts';

let redis: StageRedis;
let site: Site;
let digest: string;
beforeAll(async () => {
  redis = await startRedis();
});
beforeEach(async () => {
  await redis.client.flushall();
  site = openSite(redis);
  digest = (await site.plan(ID)).plan?.digest ?? '';
  site.queue.forget();
});
afterAll(() => redis.stop());

const ID = 'abcd2345';
const decide = (over: Partial<Decision> = {}, who = asker(APPROVER)) =>
  site
    .operations()
    .decide({ verb: 'approve', changeId: ID, digestPrefix: digest.slice(0, 4), ...over }, who);
const state = async () => (await site.record(ID)).state;
const claims = () => site.context.stores.claims.ofPool('ha-1', 'shop');

describe('an approval', () => {
  it('is signed, claims the capacity and queues the change', async () => {
    expect(await decide()).toEqual({ kind: 'taken', changeId: ID, state: 'approved' });
    const record = await site.record(ID);
    expect(record.approval).toMatchObject({ by: APPROVER, at: NOW, notAfter: NOW + 900_000 });
    expect(approvedPlan(record, KEY).changeId).toBe(ID);
    expect(await claims()).toHaveLength(1);
    expect(site.queue.approved).toEqual([ID]);
    expect((await site.audited(ID)).at(-1)).toBe('approved');
  });

  it('counts once of many clicks, and tells the others who was faster', async () => {
    site.directory.groups.set('S0OPS', [OPERATOR, APPROVER]);
    const replies = await Promise.all(Array.from({ length: 10 }, () => decide()));
    expect(replies.filter(({ kind }) => kind === 'taken')).toHaveLength(1);
    const no = replies.find(({ kind }) => kind === 'refused');
    expect(no).toMatchObject({ fault: { message: expect.stringContaining(APPROVER) } });
    expect((await site.audited(ID)).filter((kind) => kind === 'approved')).toHaveLength(1);
  });

  const no: readonly [string, Partial<Decision>, ReturnType<typeof asker>, string][] = [
    ['the requester', {}, asker(OPERATOR), 'NOT_ALLOWED'],
    ['an operator without the role', {}, asker(SECOND_OPERATOR), 'NOT_ALLOWED'],
    ['a viewer', {}, asker(VIEWER), 'NOT_ALLOWED'],
    [
      'an approver in a shell',
      {},
      asker(APPROVER, { actor: { id: APPROVER, via: 'shell' } }),
      'NOT_ALLOWED',
    ],
    ['an approver of another plan', { digestPrefix: '0000' }, asker(APPROVER), 'WRONG_CARD'],
    ['an approver who saw too little', { digestPrefix: '' }, asker(APPROVER), 'WRONG_CARD'],
    [
      'an approver of a change that is not there',
      { changeId: 'zzzz2345' },
      asker(APPROVER),
      'NOT_FOUND',
    ],
  ];
  it.each(no)('is refused to %s, audited, and nothing happens', async (_who, over, who, code) => {
    const reply = await decide(over, who);
    expect(reply).toMatchObject({ kind: 'refused', fault: { code } });
    expect(await state()).toBe('waiting');
    expect(site.queue.approved).toEqual([]);
    expect(await site.audited(over.changeId ?? ID)).toContain('refused');
  });

  it('does not tell the right characters to somebody who guesses', async () => {
    const reply = await decide({ digestPrefix: '0000' });
    expect(JSON.stringify(reply)).not.toContain(digest.slice(0, 4));
  });

  it('is refused to an approver who was made a guest since', async () => {
    site.directory.people.set(APPROVER, { isGuest: true });
    expect(await decide()).toMatchObject({ kind: 'refused', fault: { code: 'NOT_ALLOWED' } });
  });

  it('is refused while Slack does not say who clicks', async () => {
    site.directory.onAsk = slackIsSilent;
    expect(await decide()).toMatchObject({
      kind: 'refused',
      fault: { code: 'DIRECTORY_UNAVAILABLE' },
    });
    expect(await state()).toBe('waiting');
  });

  it('is refused on a card that was replaced', async () => {
    const place = { channel: 'C0OPS', ts: '2.2' };
    await site.context.stores.cards.put(ID, { place, revisionShown: 1, ending: 'none' });
    expect(await decide({ cardTs: '1.1' })).toMatchObject({ fault: { code: 'WRONG_CARD' } });
    expect(await decide({ cardTs: '2.2' })).toMatchObject({ kind: 'taken' });
  });

  it('is too late after the expiry, also when nobody dropped the plan yet', async () => {
    site.clock.advance(900_000);
    expect(await decide()).toMatchObject({ kind: 'refused', fault: { code: 'EXPIRED' } });
    expect(await state()).toBe('waiting');
  });

  it('stands though its consequences could not be queued', async () => {
    site.queue.onSubmit = () => {
      throw new OperationError('STORE_UNAVAILABLE', 'nothing was queued');
    };
    expect(await decide()).toMatchObject({ kind: 'taken', state: 'approved' });
    expect(site.logged.join()).toContain('wait for the sweep');
  });

  it('is not said to be nothing when Redis fell silent over it', async () => {
    const { stores } = site.context;
    const update = () => Promise.reject(new OperationError('STORE_UNAVAILABLE', 'no answer'));
    const changes = { ...stores.changes, update };
    site.context = { ...site.context, stores: { ...stores, changes } };
    const reply = await decide();
    expect(reply).toMatchObject({ kind: 'refused', fault: { code: 'STORE_UNAVAILABLE' } });
    expect(JSON.stringify(reply)).toContain('not known whether this counted');
  });
});

describe('a no', () => {
  it('of an approver ends the change', async () => {
    expect(await decide({ verb: 'deny' })).toMatchObject({ state: 'denied' });
    expect(await site.record(ID)).toMatchObject({ state: 'denied', decidedBy: APPROVER });
    expect(site.queue.approved).toEqual([]);
    expect(await decide()).toMatchObject({
      kind: 'refused',
      fault: { code: 'NOT_WAITING', message: expect.stringContaining(`denied by ${APPROVER}`) },
    });
  });

  it.each([OPERATOR, SECOND_OPERATOR, VIEWER])('is not for %s', async (id) => {
    expect(await decide({ verb: 'deny' }, asker(id))).toMatchObject({
      kind: 'refused',
      fault: { code: 'NOT_ALLOWED' },
    });
    expect(await state()).toBe('waiting');
  });
});

describe('calling a change back', () => {
  it('is for whoever asked, also in a shell', async () => {
    const shell = asker(OPERATOR, { actor: { id: OPERATOR, via: 'shell' } });
    expect(await decide({ verb: 'cancel' }, shell)).toMatchObject({ state: 'cancelled' });
  });

  it('is for nobody else', async () => {
    const reply = await decide({ verb: 'cancel' }, asker(APPROVER));
    expect(reply).toMatchObject({ kind: 'refused', fault: { code: 'NOT_ALLOWED' } });
  });

  it('works until the change is begun, and gives back what it claimed', async () => {
    await decide();
    expect(await decide({ verb: 'cancel' }, asker(OPERATOR))).toMatchObject({ state: 'cancelled' });
    expect(await claims()).toEqual([]);
    expect((await site.apply(ID)).state).toBe('cancelled');
    expect(await claims()).toEqual([]);
  });

  it('is too late when the change is over', async () => {
    await decide();
    await site.apply(ID);
    expect(await decide({ verb: 'cancel' }, asker(OPERATOR))).toMatchObject({ kind: 'refused' });
    expect(await state()).toBe('done');
  });

  it('between a click and its consequences leaves no claim behind', async () => {
    const { claims: store } = site.context.stores;
    const context = site.context;
    const canceller = site.operations();
    site.context = {
      ...context,
      stores: {
        ...context.stores,
        claims: {
          ...store,
          async put(changeId, given) {
            const who = asker(OPERATOR);
            const reply = await canceller.decide({ verb: 'cancel', changeId }, who);
            expect(reply).toMatchObject({ state: 'cancelled' });
            await store.put(changeId, given);
          },
        },
      },
    };
    await decide();
    site.context = context;
    expect(await state()).toBe('cancelled');
    expect(await claims()).toEqual([]);
  });
});

describe('a plan nobody agreed to', () => {
  it('is dropped at its time and not before', async () => {
    site.clock.advance(899_999);
    await expire(site.context, ID);
    expect(await state()).toBe('waiting');
    site.clock.advance(1);
    await expire(site.context, ID);
    expect(await state()).toBe('expired');
    expect((await site.audited(ID)).at(-1)).toBe('expired');
    expect(site.queue.cards).toHaveLength(1);
  });

  it('is not dropped when somebody agreed in time', async () => {
    await decide();
    site.clock.advance(900_001);
    await expire(site.context, ID);
    await expire(site.context, 'nobody22');
    expect(await state()).toBe('approved');
  });
});
