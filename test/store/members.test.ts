import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CapacityClaim, MemberHold } from '../../src/ports/records.ts';
import { redisClaims } from '../../src/store/claims.ts';
import { redisHolds } from '../../src/store/holds.ts';
import { redisSeenMembers } from '../../src/store/seen-members.ts';
import { NOW } from '../fakes/samples.ts';
import { type StageRedis, startRedis } from '../stage/redis.ts';

const DAY_MS = 24 * 3_600_000;

let redis: StageRedis;
beforeAll(async () => {
  redis = await startRedis();
});
beforeEach(() => redis.client.flushall());
afterAll(() => redis.stop());

describe('holds', () => {
  const hold = (member: string, over: Partial<MemberHold> = {}): MemberHold => ({
    balancer: 'ha-1',
    pool: 'shop',
    member,
    changeId: 'abcd2345',
    actor: 'U0OPERATE',
    approver: 'U0APPROVE',
    want: { admin: 'disabled', weight: 10 },
    restore: { admin: 'enabled', weight: 10 },
    incarnation: '1',
    at: NOW,
    approvalKind: 'people',
    mac: 'a'.repeat(64),
    ...over,
  });

  it('are kept per member of a pool on a device, for good', async () => {
    const holds = redisHolds(redis.client);
    await holds.put(hold('w1'));
    await holds.put(hold('w2'));
    await holds.put(hold('w1', { balancer: 'ha-2' }));
    const found = await holds.ofPool('ha-1', 'shop');
    expect(found.toSorted((a, b) => (a.member < b.member ? -1 : 1))).toEqual([
      hold('w1'),
      hold('w2'),
    ]);
    expect(await holds.ofPool('ha-2', 'shop')).toEqual([hold('w1', { balancer: 'ha-2' })]);
    expect(await holds.ofPool('ha-1', 'blog')).toEqual([]);
    expect(await redis.client.pttl('{lb}:holds:ha-1:shop')).toBe(-1);
  });

  it('are found by the pools that have any', async () => {
    const holds = redisHolds(redis.client);
    expect(await holds.pools()).toEqual([]);
    await holds.put(hold('w1'));
    await holds.put(hold('w2'));
    expect(await holds.pools()).toEqual([{ balancer: 'ha-1', pool: 'shop' }]);
    await holds.remove('ha-1', 'shop', 'w1');
    expect(await holds.pools()).toHaveLength(1);
    await holds.remove('ha-1', 'shop', 'w2');
    expect(await holds.pools()).toEqual([]);
  });

  it('are replaced by a later one and go when the member is brought back', async () => {
    const holds = redisHolds(redis.client);
    await holds.put(hold('w1'));
    await holds.put(hold('w1', { changeId: 'zzzz2345' }));
    expect(await holds.ofPool('ha-1', 'shop')).toEqual([hold('w1', { changeId: 'zzzz2345' })]);
    await holds.remove('ha-1', 'shop', 'w1');
    await holds.remove('ha-1', 'shop', 'w1');
    expect(await holds.ofPool('ha-1', 'shop')).toEqual([]);
  });
});

describe('claims', () => {
  const claim = (changeId: string, over: Partial<CapacityClaim> = {}): CapacityClaim => ({
    changeId,
    sequence: 1,
    balancer: 'ha-1',
    pool: 'shop',
    member: 'w1',
    ...over,
  });

  it('count per pool on a device until their change releases them', async () => {
    const claims = redisClaims(redis.client);
    const both = [claim('aaaa2222'), claim('aaaa2222', { balancer: 'ha-2' })];
    await claims.put('aaaa2222', both);
    await claims.put('bbbb2222', [claim('bbbb2222', { member: 'w2', sequence: 2 })]);
    const members = async (balancer: string) =>
      (await claims.ofPool(balancer, 'shop')).map(({ member }) => member).sort();
    expect(await members('ha-1')).toEqual(['w1', 'w2']);
    expect(await members('ha-2')).toEqual(['w1']);
    expect(await claims.ofPool('ha-1', 'blog')).toEqual([]);
    await claims.release('aaaa2222');
    await claims.release('aaaa2222');
    expect(await members('ha-1')).toEqual(['w2']);
    expect(await members('ha-2')).toEqual([]);
  });

  it('of one change are the same however often they are put', async () => {
    const claims = redisClaims(redis.client);
    for (let n = 0; n < 3; n += 1) await claims.put('aaaa2222', [claim('aaaa2222')]);
    expect(await claims.ofPool('ha-1', 'shop')).toHaveLength(1);
  });
});

describe('members seen on a device', () => {
  const seen = () => redisSeenMembers(redis.client);
  const note = (members: string[], at: number) => seen().note('ha-1', 'shop', members, at);
  const largest = (at: number) => seen().largest('ha-1', 'shop', at);

  it('are none before the first look', async () => {
    expect(await largest(NOW)).toEqual([]);
  });

  it('are the largest set, though the table shrank meanwhile', async () => {
    await note(['a', 'b', 'c'], NOW);
    await note(['a'], NOW + 1);
    await note(['a', 'b'], NOW + 2);
    expect(await largest(NOW + 3)).toEqual(['a', 'b', 'c']);
  });

  it('are the newest of sets that are equally large', async () => {
    await note(['a', 'b'], NOW);
    await note(['c', 'd'], NOW + 1);
    expect(await largest(NOW + 2)).toEqual(['c', 'd']);
  });

  it('are forgotten seven days after they were last seen', async () => {
    await note(['a', 'b', 'c'], NOW);
    await note(['a'], NOW + DAY_MS);
    expect(await largest(NOW + 7 * DAY_MS)).toEqual(['a', 'b', 'c']);
    expect(await largest(NOW + 7 * DAY_MS + 1)).toEqual(['a']);
    expect(await largest(NOW + 9 * DAY_MS)).toEqual([]);
  });

  it('live on each time they are seen, in whatever order the device lists them', async () => {
    await note(['a', 'b'], NOW);
    await note(['b', 'a'], NOW + 6 * DAY_MS);
    await note(['a'], NOW + 6 * DAY_MS);
    expect(await largest(NOW + 12 * DAY_MS)).toEqual(['a', 'b']);
  });

  it('are not made older by a process whose clock is late', async () => {
    await note(['a', 'b'], NOW + DAY_MS);
    await note(['a', 'b'], NOW);
    expect(await largest(NOW + 8 * DAY_MS)).toEqual(['a', 'b']);
  });

  it('are not crowded out by a pool that changes all the time', async () => {
    await note(['a', 'b', 'c'], NOW);
    for (let n = 0; n < 120; n += 1) await note([`x${n}`], NOW + n);
    expect(await largest(NOW + 200)).toEqual(['a', 'b', 'c']);
    expect(await redis.client.zcard('{lb}:seen:ha-1:shop')).toBeLessThan(5);
  });

  it('cost Redis nothing while they stay the same, and are written anew a minute later', async () => {
    const one = seen();
    const calls = async () =>
      Number(/calls=(\d+)/.exec(await redis.client.info('commandstats').then(evalLine))?.[1] ?? 0);
    const evalLine = (info: string) => /^cmdstat_eval:.*$/m.exec(info)?.[0] ?? '';
    await one.note('ha-1', 'shop', ['a', 'b'], NOW);
    const before = await calls();
    for (let n = 1; n < 60; n += 1) await one.note('ha-1', 'shop', ['b', 'a'], NOW + n * 1_000);
    expect(await calls()).toBe(before);
    await one.note('ha-1', 'shop', ['b', 'a'], NOW + 60_000);
    expect(await largest(NOW + 60_000 + 7 * DAY_MS)).toEqual(['a', 'b']);
  });

  it('are written down at once when they are others, and when they are so again', async () => {
    const one = seen();
    for (const [at, set] of [['a', 'b'], ['a'], ['a', 'b']].entries()) {
      await one.note('ha-1', 'shop', set, NOW + at);
    }
    expect(await largest(NOW + 2 + 7 * DAY_MS)).toEqual(['a', 'b']);
  });

  it('are kept apart by device and pool', async () => {
    await note(['a'], NOW);
    expect(await seen().largest('ha-2', 'shop', NOW)).toEqual([]);
    expect(await seen().largest('ha-1', 'blog', NOW)).toEqual([]);
  });
});
