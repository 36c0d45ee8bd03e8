import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Home } from '../../src/domain/home.ts';
import { publishHome } from '../../src/operations/home.ts';
import { slackIsSilent } from '../fakes/fake-people.ts';
import { type StageRedis, startRedis } from '../stage/redis.ts';
import { APPROVER, asker, OPERATOR, openSite, SECOND_OPERATOR, type Site, VIEWER } from './site.ts';

type Page = Extract<Home, { kind: 'home' }>;

const OUTSIDER = 'U0OUTSIDE';
let redis: StageRedis;
let site: Site;
let drawn: Map<string, Home>;
beforeAll(async () => {
  redis = await startRedis();
});
beforeEach(async () => {
  await redis.client.flushall();
  site = openSite(redis);
  drawn = new Map();
  const publish = async (user: string, home: Home) => void drawn.set(user, home);
  site.context = {
    ...site.context,
    announcer: { ...site.context.announcer, publishHome: publish },
  };
});
afterAll(() => redis.stop());

async function homeOf(user: string): Promise<Page> {
  await publishHome(site.context, user);
  const home = drawn.get(user);
  if (home?.kind !== 'home') throw new Error(`No home: ${JSON.stringify(home)}`);
  return home;
}

const ids = (records: Page['approvals']) => records.map((record) => record.id);

describe('what a person sees on the Home tab', () => {
  it('is what waits for their approval, newest first', async () => {
    await site.plan('aaaa2222');
    site.clock.advance(1_000);
    await site.plan('bbbb2222', { members: ['w2'] });
    expect(ids((await homeOf(APPROVER)).approvals)).toEqual(['bbbb2222', 'aaaa2222']);
  });

  it('has their own requests apart, which others must approve', async () => {
    await site.plan('aaaa2222');
    const home = await homeOf(OPERATOR);
    expect([ids(home.approvals), ids(home.mine)]).toEqual([[], ['aaaa2222']]);
  });

  it('has nothing of others for whoever may not approve', async () => {
    await site.plan('aaaa2222');
    const home = await homeOf(SECOND_OPERATOR);
    expect([ids(home.approvals), ids(home.mine)]).toEqual([[], []]);
  });

  it('no longer has what was decided, or expired', async () => {
    await site.plan('aaaa2222');
    await site.plan('bbbb2222', { members: ['w2'] });
    await site.approve('aaaa2222');
    expect(ids((await homeOf(APPROVER)).approvals)).toEqual(['bbbb2222']);
    site.clock.advance(900_000);
    expect(ids((await homeOf(APPROVER)).approvals)).toEqual([]);
  });

  it('is who is out, on each balancer, and by whom', async () => {
    await site.change('aaaa2222');
    const { out } = await homeOf(VIEWER);
    expect(out.map(({ balancer, member }) => [balancer, member])).toEqual([
      ['ha-1', 'w1'],
      ['ha-2', 'w1'],
    ]);
    expect(out[0]).toMatchObject({
      service: 'shop',
      environment: 'production',
      changeId: 'aaaa2222',
      actor: OPERATOR,
      approver: APPROVER,
      want: { admin: 'disabled' },
    });
  });

  it('is when the balancers were seen, and why one was not', async () => {
    await site.change('aaaa2222');
    site.devices['ha-2'].onRead = () => {
      throw new Error('frozen');
    };
    site.clock.advance(10_000);
    await site.plan('bbbb2222', { members: ['w2'] });
    const [first, second] = (await homeOf(VIEWER)).devices;
    expect(first).toEqual({ balancer: 'ha-1', answeredAt: expect.any(Number) });
    expect(second?.fault?.message).toContain('frozen');
    expect(second?.answeredAt).toBeLessThan(second?.fault?.at ?? 0);
  });

  it('is nothing of an environment they may not look at', async () => {
    await site.change('aaaa2222');
    const home = await homeOf(OUTSIDER);
    expect(home.out).toEqual([]);
    // Everybody may look at staging.
    expect(home.devices.map(({ balancer }) => balancer)).toEqual(['lone']);
  });

  it.each([
    ['guests', { isGuest: true }, 'Guests may not use it.'],
    ['strangers', { isStranger: true }, 'Only people of this workspace'],
    ['bots', { isBot: true }, 'Bots may not use it.'],
  ])('is a polite no for %s', async (_who, person, reason) => {
    site.directory.people.set(OUTSIDER, person);
    await publishHome(site.context, OUTSIDER);
    expect(drawn.get(OUTSIDER)).toEqual({
      kind: 'refused',
      reason: expect.stringContaining(reason),
    });
  });

  it('says that a group could not be read', async () => {
    await site.plan('aaaa2222');
    site.context = {
      ...site.context,
      directory: { ...site.directory, groupMembers: async () => slackIsSilent() },
    };
    const { faults } = await homeOf(APPROVER);
    expect(faults.map(({ code }) => code)).toEqual(['DIRECTORY_UNAVAILABLE']);
  });

  it('is not drawn on a guess when Slack does not say who they are', async () => {
    site.directory.onAsk = slackIsSilent;
    await expect(publishHome(site.context, APPROVER)).rejects.toMatchObject({
      code: 'DIRECTORY_UNAVAILABLE',
    });
    expect(drawn.size).toBe(0);
  });
});

describe('the Home tab', () => {
  const homes = () => site.queue.homes;

  it('is asked for when it is opened', async () => {
    await site.operations().home(asker(APPROVER));
    expect(homes()).toEqual([APPROVER]);
  });

  it('keeps what it showed when the queue is away, and that is logged', async () => {
    site.queue.onSubmit = () => {
      throw new Error('away');
    };
    await site.operations().home(asker(APPROVER));
    expect(site.logged.join()).toContain('A Home tab is not drawn');
  });

  it('follows the decisions of whoever opened it in the last hour, also those that did not count', async () => {
    await site.plan('aaaa2222');
    await site.operations().home(asker(APPROVER));
    site.queue.homes.length = 0;
    await site.approve('aaaa2222');
    await expect.poll(homes).toEqual([APPROVER]);
    await site.approve('aaaa2222');
    await expect.poll(homes).toEqual([APPROVER, APPROVER]);
    site.clock.advance(3_600_001);
    await site.approve('aaaa2222');
    expect(homes()).toHaveLength(2);
  });

  it('is not drawn for whoever never opened it', async () => {
    await site.plan('aaaa2222');
    await site.approve('aaaa2222');
    await site.operations().home(asker(VIEWER));
    expect(homes()).toEqual([VIEWER]);
  });
});
