import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OperationError } from '../../src/domain/errors.ts';
import { announceOrphans } from '../../src/operations/orphans.ts';
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

const out = { admin: 'disabled', health: 'suspended', causes: ['command'] } as const;
const notices = () => site.queue.notices.map(({ channel, text }) => ({ channel, text }));

describe('an empty store beside members that are out', () => {
  it('is told once in the channel of the service, with the words that take one over', async () => {
    for (const name of ['ha-1', 'ha-2'] as const) site.devices[name].set('w3', out);
    site.devices['ha-2'].set('w4', { ...out, admin: 'drained' });
    await announceOrphans(site.context);
    expect(notices()).toEqual([
      {
        channel: 'C0OPS',
        text: 'The records about shop began anew, and these members are out with no change on record: w3 (on ha-1, ha-2); w4 (on ha-2). Nothing is done about them. Type `disable shop w3` to have one on record as yours (nothing is written to a balancer), or `enable shop w3` to bring it back.',
      },
    ]);
    await announceOrphans(site.context);
    expect(notices()).toHaveLength(1);
    expect(site.devices['ha-1'].writes).toEqual([]);
  });

  it('says nothing when everybody serves, or is out for another reason', async () => {
    site.devices['ha-1'].set('w1', { health: 'down' });
    site.devices['ha-1'].set('w2', { admin: 'disabled', causes: ['configuration'] });
    await announceOrphans(site.context);
    expect(notices()).toEqual([]);
  });

  it('says nothing about members that are on record', async () => {
    await site.change('abcd2345');
    expect(await redis.client.hdel('{lb}:life', 'looked')).toBe(0);
    await announceOrphans(site.context);
    expect(notices()).toEqual([]);
  });

  it('names a balancer that does not answer in the log, and goes on with the others', async () => {
    site.devices['ha-1'].onRead = () => {
      throw new OperationError('TIMEOUT', 'silent');
    };
    site.devices['ha-2'].set('w3', out);
    await announceOrphans(site.context);
    expect(notices()).toHaveLength(1);
    expect(site.logged.join()).toMatch(/could not be looked for .*"balancers":\["ha-1"\]/);
  });

  it('logs what has no channel to be told in', async () => {
    site.devices.lone.set('b1', out);
    await announceOrphans(site.context);
    expect(notices()).toEqual([]);
    expect(site.logged.join()).toContain('"members":["b1"]');
  });

  it('is looked for by one look at a time, however slow a balancer is', async () => {
    site.devices['ha-1'].set('w3', out);
    let reads = 0;
    let answer = () => {};
    const silence = new Promise<void>((resolve) => {
      answer = resolve;
    });
    site.devices['ha-1'].onRead = () => {
      reads += 1;
      return silence;
    };
    const first = announceOrphans(site.context);
    await expect.poll(() => reads).toBe(1);
    await announceOrphans(site.context);
    answer();
    await first;
    expect(reads).toBe(1);
    expect(notices()).toHaveLength(1);
  });

  it('cuts a long list, and says so', async () => {
    for (let n = 1; n <= 30; n += 1) site.devices['ha-1'].add(`m${n}`, out);
    await announceOrphans(site.context);
    expect(notices()[0]?.text).toMatch(/; and 10 more\. Nothing/);
  });

  it('is looked for again when the store begins anew once more', async () => {
    site.devices['ha-1'].set('w3', out);
    await announceOrphans(site.context);
    await redis.client.flushall();
    await announceOrphans(site.context);
    expect(new Set(site.queue.notices.map(({ id }) => id)).size).toBe(2);
  });
});
