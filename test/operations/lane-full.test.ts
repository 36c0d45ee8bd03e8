import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { laneWaitingMax } from '../../src/operations/limits.ts';
import { handClock } from '../fakes/hand-clock.ts';
import { NOW } from '../fakes/samples.ts';
import { type StageRedis, startRedis } from '../stage/redis.ts';
import { asker, openSite, type Site } from './site.ts';

let redis: StageRedis;
let site: Site;
beforeAll(async () => {
  redis = await startRedis();
});
beforeEach(async () => {
  await redis.client.flushall();
  site = openSite(redis);
  // Time that does not pass by itself: the front's patience never ends.
  site.context = { ...site.context, clock: handClock(NOW) };
});
afterAll(() => redis.stop());

const change = (more: { breakGlass?: boolean } = {}) =>
  site.operations().change(
    {
      verb: 'disable',
      service: 'shop',
      members: ['w1'],
      ifPairFails: 'put back',
      reason: 'a test',
      ...more,
    },
    asker(),
  );

describe('a lane in which too many changes wait', () => {
  it('takes one more as long as there is room', async () => {
    site.queue.inLane = laneWaitingMax - 1;
    expect(await change()).toMatchObject({ kind: 'accepted' });
  });

  it('takes no further command, and says why', async () => {
    site.queue.inLane = laneWaitingMax;
    expect(await change()).toEqual({
      kind: 'refused',
      fault: {
        code: 'LANE_FULL',
        message:
          '50 approved changes wait for the balancers of shop; 50 is the limit. Nothing was queued.',
      },
    });
    expect(site.queue.plans).toEqual([]);
  });

  it('still answers questions, takes decisions, and lets the glass be broken', async () => {
    site.queue.inLane = laneWaitingMax;
    const question = await site.operations().ask({ verb: 'status', service: 'shop' }, asker());
    expect(question).toMatchObject({ kind: 'accepted' });
    await site.plan('abcd2345');
    expect(await site.approve('abcd2345')).toMatchObject({ kind: 'taken' });
    // Refused for what it lacks, not for the lane.
    expect(await change({ breakGlass: true })).not.toMatchObject({ fault: { code: 'LANE_FULL' } });
  });
});
