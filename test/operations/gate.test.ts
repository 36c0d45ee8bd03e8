import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OperationError } from '../../src/domain/errors.ts';
import type { Journal } from '../../src/ports/records.ts';
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
  await site.plan(ID);
  await site.approve(ID);
});
afterAll(() => redis.stop());

const ID = 'abcd2345';
const writes = () => [...site.devices['ha-1'].writes, ...site.devices['ha-2'].writes];
const away = () => new OperationError('STORE_UNAVAILABLE', 'Redis is away.');

function withJournal(over: Partial<Journal>) {
  const { journal } = site.context.stores;
  site.context = {
    ...site.context,
    stores: { ...site.context.stores, journal: { ...journal, ...over } },
  };
  return journal;
}

describe('the leave to write', () => {
  it('is not given by a Redis that answers too slowly, and the change stays to be done', async () => {
    let asked = 0;
    const { assertHolder } = withJournal({
      async assertHolder(lane, epoch) {
        asked += 1;
        await new Promise((resolve) => setTimeout(resolve, 70));
        await assertHolder(lane, epoch);
      },
    });
    await expect(site.apply(ID)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(asked).toBe(3);
    expect(writes()).toEqual([]);
    expect(await site.record(ID)).toMatchObject({ state: 'running', runs: 0 });
    withJournal({ assertHolder });
    expect((await site.apply(ID)).state).toBe('done');
    expect(writes()).toHaveLength(2);
  });

  it('is not given by a Redis that is away', async () => {
    withJournal({ assertHolder: () => Promise.reject(away()) });
    await expect(site.apply(ID)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(writes()).toEqual([]);
  });

  it('is not even asked for when the journal could not be written', async () => {
    let asked = 0;
    withJournal({
      write: () => Promise.reject(away()),
      async assertHolder() {
        asked += 1;
      },
    });
    await expect(site.apply(ID)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect([asked, writes()]).toEqual([0, []]);
  });

  it('is not given to a worker whose lane somebody else took over', async () => {
    site.devices['ha-1'].onConnect = () => site.context.stores.journal.takeLane('web');
    await expect(site.apply(ID)).rejects.toMatchObject({ code: 'FENCED' });
    expect(writes()).toEqual([]);
    expect((await site.record(ID)).state).toBe('running');
  });

  it('ends with the first device for a worker that loses the lane after it', async () => {
    const [first, second] = [site.devices['ha-1'], site.devices['ha-2']];
    second.onConnect = () => site.context.stores.journal.takeLane('web');
    await expect(site.apply(ID)).rejects.toMatchObject({ code: 'FENCED' });
    expect([first.writes.length, second.writes.length]).toEqual([1, 0]);
    second.onConnect = undefined;
    expect((await site.apply(ID)).state).toBe('done');
    expect([first.writes.length, second.writes.length]).toEqual([1, 1]);
  });

  it('is over two minutes after the change reached the head of its lane', async () => {
    site.devices['ha-1'].onConnect = () => site.clock.advance(2 * 60_000 + 1);
    const record = await site.apply(ID);
    expect(record).toMatchObject({ state: 'failed', fault: { code: 'EXPIRED' } });
    expect(writes()).toEqual([]);
  });

  it('is refused to a worker that is stopping, which hands the change back', async () => {
    const stopping = new AbortController();
    site.devices['ha-1'].onConnect = () => stopping.abort();
    await expect(site.apply(ID, { signal: stopping.signal })).rejects.toMatchObject({
      code: 'HANDED_BACK',
    });
    expect(writes()).toEqual([]);
    expect(await site.record(ID)).toMatchObject({ state: 'running', runs: 0 });
    site.devices['ha-1'].onConnect = undefined;
    expect((await site.apply(ID)).state).toBe('done');
  });

  it('is asked for again when it came too late to be used, while the lane is still ours', async () => {
    let late = 1;
    site.devices['ha-1'].onCommand = (_command, carryOut) => {
      late -= 1;
      if (late < 0) return carryOut();
      throw new OperationError('FENCED', 'The leave to write was 9 ms too old; nothing was sent.');
    };
    expect((await site.apply(ID)).state).toBe('done');
    expect(writes()).toHaveLength(2);
  });
});

describe('a device that cannot be reached', () => {
  const unreachable = () => {
    throw new OperationError('UNREACHABLE', 'Connecting to ha-1: refused.');
  };

  it('is tried three times, because nothing was sent yet', async () => {
    let tries = 0;
    site.devices['ha-1'].onConnect = () => {
      tries += 1;
      if (tries < 3) unreachable();
    };
    expect((await site.apply(ID)).state).toBe('done');
    expect(writes()).toHaveLength(2);
  });

  it('ends the change when it stays so, and the second device is not touched', async () => {
    let tries = 0;
    site.devices['ha-1'].onConnect = () => {
      tries += 1;
      unreachable();
    };
    const record = await site.apply(ID);
    expect(record).toMatchObject({ state: 'failed', fault: { code: 'UNREACHABLE' } });
    expect(tries).toBe(3);
    expect(record.outcome?.steps.map(({ result }) => result)).toEqual(['failed', 'not started']);
    expect(writes()).toEqual([]);
  });
});
