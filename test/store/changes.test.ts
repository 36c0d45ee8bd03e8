import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ChangeRecord, ChangeState } from '../../src/domain/change.ts';
import type { ChangeStore } from '../../src/ports/records.ts';
import { redisChanges } from '../../src/store/changes.ts';
import { handClock } from '../fakes/hand-clock.ts';
import { changeRequest, NOW, plan } from '../fakes/samples.ts';
import { type StageRedis, startRedis } from '../stage/redis.ts';

const DAY_MS = 24 * 3_600_000;

let redis: StageRedis;
let changes: ChangeStore;
const clock = handClock(NOW);
beforeAll(async () => {
  redis = await startRedis();
  changes = redisChanges(redis.client, clock);
});
beforeEach(() => redis.client.flushall());
afterAll(() => redis.stop());

const become = (id: string, state: ChangeState) =>
  changes.update(id, (record) => ({ ...record, state }));

describe('creating a change', () => {
  it('happens once, however many deliveries arrive at the same time', async () => {
    const request = changeRequest('abcd2345');
    const created = await Promise.all(Array.from({ length: 20 }, () => changes.create(request)));
    expect(created.filter(Boolean)).toHaveLength(1);
    expect(await changes.get('abcd2345')).toMatchObject({
      v: 1,
      id: 'abcd2345',
      revision: 0,
      state: 'planning',
      request,
      runs: 0,
      updatedAt: NOW,
    });
  });

  it('leaves a change alone that has gone on meanwhile', async () => {
    await changes.create(changeRequest('abcd2345'));
    await become('abcd2345', 'done');
    expect(await changes.create(changeRequest('abcd2345'))).toBe(false);
    expect((await changes.get('abcd2345'))?.state).toBe('done');
  });

  it('says nothing about a change that nobody made', async () => {
    expect(await changes.get('nobody22')).toBeUndefined();
    await expect(become('nobody22', 'done')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('updating a change', () => {
  beforeEach(async () => void (await changes.create(changeRequest('abcd2345'))));

  it('counts every one of many that happen at once', async () => {
    await Promise.all(
      Array.from({ length: 160 }, () =>
        changes.update('abcd2345', (record) => ({ ...record, runs: record.runs + 1 })),
      ),
    );
    expect(await changes.get('abcd2345')).toMatchObject({ runs: 160, revision: 160 });
  });

  it('takes the record that the caller knows, if it is still the one in force', async () => {
    const known = await changes.get('abcd2345');
    const asked: number[] = [];
    const counted = (record: ChangeRecord) => {
      asked.push(record.revision);
      return { ...record, runs: record.runs + 1 };
    };
    expect(await changes.update('abcd2345', counted, known)).toMatchObject({ runs: 1 });
    expect(asked).toEqual([0]);
    // By now it is old: what was written meanwhile stays.
    expect(await changes.update('abcd2345', counted, known)).toMatchObject({ runs: 2 });
    expect(asked).toEqual([0, 0, 1]);
  });

  it('does not leave a record alone for what the caller knew of it', async () => {
    const known = await changes.get('abcd2345');
    await become('abcd2345', 'waiting');
    const next = (record: ChangeRecord): ChangeRecord | undefined =>
      record.state === 'waiting' ? { ...record, state: 'cancelled' } : undefined;
    expect(await changes.update('abcd2345', next, known)).toMatchObject({ state: 'cancelled' });
  });

  it('asks again with the newer record when somebody else was faster', async () => {
    const seen: number[] = [];
    const record = await changes.update('abcd2345', (current) => {
      if (seen.length === 0) {
        // Reaches Redis on the same connection, just before this writer's own words.
        const faster = JSON.stringify({ ...current, revision: 1, runs: 5 });
        void redis.client.set('{lb}:change:abcd2345', faster);
      }
      seen.push(current.runs);
      return { ...current, runs: current.runs + 1 };
    });
    expect(seen).toEqual([0, 5]);
    expect(record).toMatchObject({ runs: 6, revision: 2 });
    expect(await changes.get('abcd2345')).toEqual(record);
  });

  it('lets one of many clicks win a transition', async () => {
    const wins = await Promise.all(
      Array.from({ length: 20 }, async (_, at) => {
        const decidedBy = `U0CLICK${at}`;
        const record = await changes.update('abcd2345', (latest) =>
          latest.state === 'planning' ? { ...latest, state: 'approved', decidedBy } : undefined,
        );
        return record.decidedBy === decidedBy;
      }),
    );
    expect(wins.filter(Boolean)).toHaveLength(1);
    expect((await changes.get('abcd2345'))?.revision).toBe(1);
  });

  it('writes nothing when there is nothing to change', async () => {
    const record = await changes.update('abcd2345', () => undefined);
    expect(record.revision).toBe(0);
    expect((await changes.get('abcd2345'))?.revision).toBe(0);
  });

  it('passes on what the caller throws, and writes nothing', async () => {
    await expect(
      changes.update('abcd2345', () => {
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    expect((await changes.get('abcd2345'))?.revision).toBe(0);
  });

  it('sets revision and time itself, whatever the caller made of them', async () => {
    clock.set(NOW + 7);
    const record = await changes.update('abcd2345', (latest) => ({
      ...latest,
      revision: 900,
      updatedAt: 0,
    }));
    expect(record).toMatchObject({ revision: 1, updatedAt: NOW + 7 });
  });
});

describe('lists of changes', () => {
  it('hold the open ones until they are over', async () => {
    for (const id of ['aaaa2222', 'bbbb2222', 'cccc2222']) await changes.create(changeRequest(id));
    await become('aaaa2222', 'waiting');
    await become('bbbb2222', 'done');
    expect(await changes.open()).toEqual(['aaaa2222', 'cccc2222']);
    await become('aaaa2222', 'denied');
    await become('cccc2222', 'half-done');
    expect(await changes.open()).toEqual([]);
  });

  it('are newest first and end at the limit', async () => {
    for (const [at, id] of ['aaaa2222', 'bbbb2222', 'cccc2222'].entries()) {
      await changes.create(changeRequest(id, { acceptedAt: NOW + at }));
    }
    const ids = async (limit: number) => (await changes.recent(limit)).map(({ id }) => id);
    expect(await ids(9)).toEqual(['cccc2222', 'bbbb2222', 'aaaa2222']);
    expect(await ids(1)).toEqual(['cccc2222']);
    expect(await ids(0)).toEqual([]);
  });

  it('are of one service when asked so, planned or not', async () => {
    await changes.create(changeRequest('aaaa2222', { command: { service: 'blog' } }));
    await changes.create(changeRequest('bbbb2222', { acceptedAt: NOW + 1 }));
    await changes.create(changeRequest('cccc2222', { acceptedAt: NOW + 2 }));
    await changes.update('cccc2222', (record) => ({ ...record, plan: plan({ service: 'blog' }) }));
    const blog = await changes.recent(9, 'blog');
    expect(blog.map(({ id }) => id)).toEqual(['cccc2222', 'aaaa2222']);
  });

  it('forget what is over after thirty days and keep what is open', async () => {
    await changes.create(changeRequest('aaaa2222'));
    await changes.create(changeRequest('bbbb2222'));
    await become('aaaa2222', 'done');
    const left = await redis.client.pttl('{lb}:change:aaaa2222');
    expect(left).toBeGreaterThan(29 * DAY_MS);
    expect(left).toBeLessThanOrEqual(30 * DAY_MS);
    expect(await redis.client.pttl('{lb}:change:bbbb2222')).toBe(-1);
  });

  it('leave out a record that is gone or that this version cannot read', async () => {
    for (const [at, id] of ['aaaa2222', 'bbbb2222', 'cccc2222'].entries()) {
      await changes.create(changeRequest(id, { acceptedAt: NOW + at }));
    }
    await redis.client.del('{lb}:change:cccc2222');
    await redis.client.set('{lb}:change:bbbb2222', JSON.stringify({ v: 2, id: 'bbbb2222' }));
    expect((await changes.recent(9)).map(({ id }) => id)).toEqual(['aaaa2222']);
  });
});

describe('a record this version does not know', () => {
  it.each([
    ['a newer version', (text: string) => text.replace('"v":1', '"v":2')],
    ['an unknown state', (text: string) => text.replace('planning', 'pondering')],
    ['no request', (text: string) => text.replace('"request"', '"question"')],
    ['something that is not JSON', () => 'half a rec'],
    ['an empty text', () => ''],
  ])('is refused and left untouched: %s', async (_what, damage) => {
    await changes.create(changeRequest('abcd2345'));
    const damaged = damage((await redis.client.get('{lb}:change:abcd2345')) ?? '');
    await redis.client.set('{lb}:change:abcd2345', damaged);
    await expect(changes.get('abcd2345')).rejects.toMatchObject({ code: 'INTERNAL' });
    await expect(become('abcd2345', 'done')).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(await redis.client.get('{lb}:change:abcd2345')).toBe(damaged);
  });
});

describe('numbers of approvals', () => {
  it('grow with every call, from wherever it comes', async () => {
    const other = redisChanges(redis.client, clock);
    const numbers = await Promise.all(
      Array.from({ length: 20 }, (_, at) => (at % 2 ? other : changes).nextSequence()),
    );
    expect(new Set(numbers).size).toBe(20);
    expect(await changes.nextSequence()).toBeGreaterThan(Math.max(...numbers));
  });
});
