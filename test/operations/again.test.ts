import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OperationError } from '../../src/domain/errors.ts';
import { settle } from '../../src/operations/finish.ts';
import type { FakeDevice } from '../fakes/fake-device.ts';
import { type StageRedis, startRedis } from '../stage/redis.ts';
import { openSite, type Site, states } from './site.ts';

let redis: StageRedis;
let site: Site;
let first: FakeDevice;
let second: FakeDevice;
beforeAll(async () => {
  redis = await startRedis();
});
beforeEach(async () => {
  await redis.client.flushall();
  site = openSite(redis);
  first = site.devices['ha-1'];
  second = site.devices['ha-2'];
  await site.plan(ID);
  await site.approve(ID);
});
afterAll(() => redis.stop());

const ID = 'abcd2345';
const silent = () => {
  throw new OperationError('UNREACHABLE', 'ha-2 is not there.');
};

/** Runs the change until a worker dies at this command; what it sent by then stays. */
async function dieAt(device: FakeDevice, sent: boolean) {
  let die: (reason: Error) => void = () => undefined;
  const dead = new Promise<never>((_resolve, reject) => {
    die = reject;
  });
  device.onCommand = (_command, carryOut) => {
    if (sent) carryOut();
    die(new Error('killed'));
    // The process is gone: nothing comes after this.
    return new Promise(() => undefined);
  };
  await expect(Promise.race([site.apply(ID), dead])).rejects.toThrow('killed');
  device.onCommand = undefined;
}

describe('a change whose worker died', () => {
  it('before the write is written by the next', async () => {
    await dieAt(first, false);
    expect(await site.apply(ID)).toMatchObject({ state: 'done', runs: 2 });
    expect([first.writes.length, second.writes.length]).toEqual([1, 1]);
  });

  it('after the write is not written again', async () => {
    await dieAt(first, true);
    expect(await site.apply(ID)).toMatchObject({ state: 'done', runs: 2 });
    expect([first.writes.length, second.writes.length]).toEqual([1, 1]);
    expect(await site.context.stores.holds.ofPool('ha-1', 'shop')).toHaveLength(1);
  });

  it('between the devices goes on with the second', async () => {
    await dieAt(second, false);
    expect((await site.apply(ID)).state).toBe('done');
    expect([first.writes.length, second.writes.length]).toEqual([1, 1]);
  });

  it('twice is not written a third time; it ends half done with what the devices say', async () => {
    await dieAt(second, false);
    await dieAt(second, false);
    const record = await site.apply(ID);
    expect(record.state).toBe('half-done');
    expect(record.outcome?.steps.map(({ result }) => result)).toEqual(['verified', 'failed']);
    expect(second.writes).toEqual([]);
    expect(await site.context.stores.claims.ofPool('ha-1', 'shop')).toEqual([]);
  });

  it('stops where a device shows a third state', async () => {
    await dieAt(first, true);
    first.set('w1', { admin: 'drained' });
    const record = await site.apply(ID);
    expect(record.fault?.code).toBe('STALE');
    expect(['failed', 'half-done']).toContain(record.state);
    expect(second.writes).toEqual([]);
  });

  it('waits, unknown, for a device that is silent, before anything else is done', async () => {
    await dieAt(second, true);
    let looks = 3;
    second.onRead = () => {
      looks -= 1;
      if (looks >= 0) silent();
    };
    const { changes } = site.context.stores;
    const seen = new Set<string>();
    site.context = {
      ...site.context,
      stores: {
        ...site.context.stores,
        changes: {
          ...changes,
          async update(id, next) {
            const record = await changes.update(id, next);
            seen.add(record.state);
            return record;
          },
        },
      },
    };
    expect((await site.apply(ID)).state).toBe('done');
    expect(seen).toContain('unknown');
    expect(states(site)).toEqual(['disabled', 'disabled']);
    expect(first.writes).toHaveLength(1);
  });

  it('does not put the first back blind when the second, begun, falls silent again', async () => {
    await dieAt(second, true);
    const from = second.reads;
    second.onRead = (count) => {
      // Readable once more, then gone before its state could be used.
      if (count === from + 2) silent();
    };
    const record = await site.apply(ID);
    expect(states(site)).toEqual(['disabled', 'disabled']);
    expect(first.writes).toEqual(['disable server shop/w1']);
    expect(['done', 'half-done']).toContain(record.state);
  });

  it('and whose approval is old by now goes on: it had begun in time', async () => {
    await dieAt(second, false);
    site.clock.advance(3_600_000);
    expect((await site.apply(ID)).state).toBe('done');
  });

  it('gives its claims back also when it died after the last word', async () => {
    await site.apply(ID);
    await site.context.stores.claims.put(ID, [
      { changeId: ID, sequence: 1, balancer: 'ha-1', pool: 'shop', member: 'w1' },
    ]);
    expect((await site.apply(ID)).state).toBe('done');
    expect(await site.context.stores.claims.ofPool('ha-1', 'shop')).toEqual([]);
  });
});

describe('a change that lost its workers for good', () => {
  it('is settled as half done with what the devices say', async () => {
    await dieAt(second, false);
    await settle(site.context, ID, 0);
    const record = await site.record(ID);
    expect(record.state).toBe('half-done');
    expect(record.outcome?.steps.map(({ result }) => result)).toEqual(['verified', 'failed']);
    expect(record.outcome?.remarks.join()).toContain('No worker could finish it');
    expect(await site.context.stores.claims.ofPool('ha-1', 'shop')).toEqual([]);
  });

  it('is left alone when it is over', async () => {
    const done = await site.apply(ID);
    await settle(site.context, ID, 0);
    expect((await site.record(ID)).revision).toBe(done.revision);
    await settle(site.context, 'nobody22', 0);
  });

  it('names a device that cannot be read then', async () => {
    await dieAt(second, true);
    second.onRead = silent;
    await settle(site.context, ID, 0);
    const record = await site.record(ID);
    expect(record.outcome?.steps.map(({ result }) => result)).toEqual(['verified', 'unknown']);
    expect(record.outcome?.remarks.join()).toContain('ha-2 could not be read afterwards');
  });
});
