import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Journal, JournalEntry } from '../../src/ports/records.ts';
import { redisJournal } from '../../src/store/journal.ts';
import { NOW } from '../fakes/samples.ts';
import { type StageRedis, startRedis } from '../stage/redis.ts';

let redis: StageRedis;
let journal: Journal;
beforeAll(async () => {
  redis = await startRedis();
  journal = redisJournal(redis.client);
});
beforeEach(() => redis.client.flushall());
afterAll(() => redis.stop());

const FENCED = expect.objectContaining({ code: 'FENCED' });

function entry(index: number, over: Partial<JournalEntry> = {}): JournalEntry {
  return {
    index,
    phase: 'about-to',
    direction: 'forward',
    before: { admin: 'enabled', weight: 10 },
    after: { admin: 'disabled', weight: 10 },
    at: NOW,
    ...over,
  };
}

describe('the journal', () => {
  it('keeps the last entry of each step', async () => {
    const epoch = await journal.takeLane('web');
    await journal.write('abcd2345', 'web', epoch, entry(0));
    await journal.write('abcd2345', 'web', epoch, entry(1));
    await journal.write('abcd2345', 'web', epoch, entry(0, { phase: 'verified' }));
    expect(await journal.read('abcd2345')).toEqual(
      new Map([
        [0, entry(0, { phase: 'verified' })],
        [1, entry(1)],
      ]),
    );
    expect(await journal.read('zzzz2345')).toEqual(new Map());
  });

  it('is gone a month after the last entry', async () => {
    await journal.write('abcd2345', 'web', await journal.takeLane('web'), entry(0));
    const left = await redis.client.pttl('{lb}:journal:abcd2345');
    expect(left / (24 * 3_600_000)).toBeCloseTo(30, 1);
  });
});

describe('a lane', () => {
  it('is held by whoever took it last', async () => {
    const old = await journal.takeLane('web');
    await journal.assertHolder('web', old);
    const young = await journal.takeLane('web');
    expect(young).toBeGreaterThan(old);
    await journal.assertHolder('web', young);
    await expect(journal.assertHolder('web', old)).rejects.toEqual(FENCED);
  });

  it('takes no entry from an earlier holder, and nothing of it stays', async () => {
    const old = await journal.takeLane('web');
    const young = await journal.takeLane('web');
    await expect(journal.write('abcd2345', 'web', old, entry(0))).rejects.toEqual(FENCED);
    expect(await journal.read('abcd2345')).toEqual(new Map());
    await journal.write('abcd2345', 'web', young, entry(0));
    expect((await journal.read('abcd2345')).size).toBe(1);
  });

  it('has an epoch of its own', async () => {
    const web = await journal.takeLane('web');
    for (let n = 0; n < 3; n += 1) await journal.takeLane('db');
    await journal.assertHolder('web', web);
  });

  it('is taken by nobody when Redis lost its memory: no answer, no write', async () => {
    const epoch = await journal.takeLane('web');
    await redis.client.flushall();
    await expect(journal.assertHolder('web', epoch)).rejects.toEqual(FENCED);
    await expect(journal.write('abcd2345', 'web', epoch, entry(0))).rejects.toEqual(FENCED);
  });

  it('has one holder of many who take it at once', async () => {
    const epochs = await Promise.all(Array.from({ length: 20 }, () => journal.takeLane('web')));
    const holds = await Promise.allSettled(
      epochs.map((epoch) => journal.assertHolder('web', epoch)),
    );
    expect(holds.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});
