import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readPool } from '../../src/operations/devices.ts';
import { lookAt } from '../../src/watch/look.ts';
import type { FakeDevice } from '../fakes/fake-device.ts';
import { type StageRedis, startRedis } from '../stage/redis.ts';
import { openSite, type Site } from './site.ts';

let redis: StageRedis;
let site: Site;
let device: FakeDevice;
beforeAll(async () => {
  redis = await startRedis();
});
beforeEach(async () => {
  await redis.client.flushall();
  site = openSite(redis);
  device = site.devices['ha-1'];
});
afterAll(() => redis.stop());

const UNDONE = { undoneBy: 'something keeps this table and brings w1 back' };
const place = { balancer: 'ha-1', pool: 'shop' };
const look = async () => lookAt(site.context, place, await readPool(site.context, place));
/** The device does it by itself, without being restarted. */
const undo = () => device.set('w1', { admin: 'enabled', health: 'up', causes: [] });
const opened = async () => (await site.context.stores.changes.open())[0];
const told = async () => {
  const [id = ''] = site.queue.incidents;
  return (await site.context.stores.watched.incident(id))?.headline;
};
const notices = () => site.queue.notices.map(({ text }) => text);

async function disabled(over: object): Promise<void> {
  device.set('w1', over);
  expect((await site.change('aaaa2222')).state).toBe('done');
}

describe('a device that undoes a change by itself', () => {
  it('is said to before the change, with what is done about it', async () => {
    device.set('w1', UNDONE);
    const { plan } = await site.plan('aaaa2222');
    expect(plan?.warnings.map(({ text }) => text).join()).toMatch(
      /brings w1 back\. When that happens it is taken out again, at most 3 times an hour/,
    );
  });

  it('is put right under the first approval, three times an hour, then shouted about', async () => {
    await disabled(UNDONE);
    for (let round = 1; round <= 3; round += 1) {
      undo();
      await look();
      // Seen twice is one occasion.
      await look();
      const id = await opened();
      expect(id, `round ${round}`).toBeDefined();
      const record = await site.apply(id ?? '');
      expect(record).toMatchObject({ state: 'done', approval: { kind: 'restore' } });
      expect(record.request.command.reason).toContain('undid it by itself');
      expect(device.member('w1').admin).toBe('disabled');
    }
    undo();
    await look();
    expect(await opened()).toBeUndefined();
    expect(notices().join()).toContain('undid it by itself again and again');
    site.clock.advance(3_700_000);
    await look();
    expect(await opened()).toBeDefined();
  });

  it('is believed when somebody sets another weight there: that is a hand', async () => {
    await disabled(UNDONE);
    device.set('w1', { admin: 'enabled', weight: 7 });
    await look();
    expect(await opened()).toBeUndefined();
    expect(await told()).toContain('changed by hand');
  });

  it('that is not known to do so was changed by hand', async () => {
    await disabled({});
    undo();
    await look();
    expect(await opened()).toBeUndefined();
    expect(await told()).toContain('changed by hand');
  });
});
