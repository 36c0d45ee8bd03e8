import { describe, expect, it } from 'vitest';
import type { MinAvailable } from '../../src/domain/inventory.ts';
import type { Health, MemberState } from '../../src/domain/member.ts';
import { countPool, type GuardedPool, guard } from '../../src/policy/guard.ts';
import { memberState } from '../fakes/samples.ts';

const HALF: MinAvailable = { unit: 'percent', value: 50 };
const members = (value: number): MinAvailable => ({ unit: 'members', value });
const percent = (value: number): MinAvailable => ({ unit: 'percent', value });
const up = (...names: string[]) => names.map((name) => memberState(name));
const sick = (name: string, health: Health = 'down') => memberState(name, { health });
const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'];
const first = (count: number) => up(...NAMES.slice(0, count));

function pool(live: readonly MemberState[], over: Partial<GuardedPool> = {}): GuardedPool {
  return {
    balancer: 'ha-1',
    pool: 'shop',
    members: live,
    known: live.filter((member) => !member.backup).map((member) => member.name),
    reached: new Set(),
    claimed: new Set(),
    taking: new Set(),
    ...over,
  };
}

const taking = (...names: string[]) => ({ taking: new Set(names) });

describe('the fewest members that must stay', () => {
  it.each<[string, MinAvailable, number, number]>([
    ['half of four', HALF, 4, 2],
    ['half of five, rounded up', HALF, 5, 3],
    ['half of one', HALF, 1, 1],
    ['a third of ten, rounded up', percent(33), 10, 4],
    ['one per cent of ten', percent(1), 10, 1],
    ['none of ten: never the last', percent(0), 10, 1],
    ['all of ten', percent(100), 10, 10],
    ['55 % of twenty, no rounding error', percent(55), 20, 11],
    ['a count', members(3), 10, 3],
    ['a count of none: never the last', members(0), 10, 1],
    ['a count that is more than there are', members(9), 4, 9],
  ])('%s', (_what, minimum, known, needed) => {
    const names = Array.from({ length: known }, (_, at) => `m${at}`);
    expect(countPool(pool(up(...names)), minimum).needed).toBe(needed);
  });
});

describe('the guard', () => {
  it.each<[string, GuardedPool, MinAvailable, boolean]>([
    ['one of four under half', pool(first(4), taking('a')), HALF, true],
    ['two of four under half', pool(first(4), taking('a', 'b')), HALF, true],
    ['three of four under half', pool(first(4), taking('a', 'b', 'c')), HALF, false],
    ['two of five under half', pool(first(5), taking('a', 'b')), HALF, true],
    ['three of five under half', pool(first(5), taking('a', 'b', 'c')), HALF, false],
    ['one of two with two needed', pool(first(2), taking('a')), members(2), false],
    ['one of three with two needed', pool(first(3), taking('a')), members(2), true],
    ['the last of one', pool(first(1), taking('a')), percent(0), false],
    ['all of three', pool(first(3), taking('a', 'b', 'c')), members(0), false],
    ['all but one with no minimum', pool(first(3), taking('a', 'b')), members(0), true],
    ['any under 100 %', pool(first(10), taking('a')), percent(100), false],
    ['somebody who is not there', pool(first(2), taking('z')), HALF, true],
  ])('%s: allowed %s', (_what, guarded, minimum, allowed) => {
    expect(guard([guarded], minimum).allowed).toBe(allowed);
  });

  it('measures against the members it should have, not the table that shrank', () => {
    const shrunk = pool(first(3), { ...taking('a'), known: NAMES.slice(0, 6) });
    expect(guard([shrunk], HALF)).toEqual({
      allowed: false,
      reason: 'Only 2 of 6 members of shop on ha-1 would stay available; at least 3 are needed.',
      pools: [expect.objectContaining({ known: 6, availableBefore: 3, availableAfter: 2 })],
    });
    expect(guard([pool(first(3), taking('a'))], HALF).allowed).toBe(true);
  });

  it('counts a member that the inventory does not know yet as one more to keep', () => {
    const grown = pool(first(6), { ...taking('a'), known: ['a', 'b'] });
    expect(countPool(grown, HALF)).toMatchObject({ known: 6, needed: 3 });
  });

  it('says that nobody would be left before it counts', () => {
    expect(guard([pool(first(1), taking('a'))], HALF).reason).toBe(
      'No member of shop on ha-1 would be left to take clients.',
    );
  });

  it('lets the worst device decide', () => {
    const well = pool(first(4), taking('a'));
    const worse = pool([...up('a', 'b'), sick('c'), sick('d')], {
      ...taking('a'),
      balancer: 'ha-2',
    });
    expect(guard([well], HALF).allowed).toBe(true);
    const verdict = guard([well, worse], HALF);
    expect(verdict).toMatchObject({ allowed: false, reason: expect.stringContaining('ha-2') });
    expect(verdict.pools).toHaveLength(2);
    expect(guard([worse, well], HALF).allowed).toBe(false);
  });

  it('does not count backups, neither as capacity nor as members to keep', () => {
    const backups = ['x', 'y', 'z'].map((name) => memberState(name, { backup: true }));
    const guarded = pool([...first(2), ...backups], {
      ...taking('a', 'b'),
      known: ['a', 'b', 'x', 'y', 'z'],
    });
    expect(guard([guarded], members(0))).toMatchObject({
      allowed: false,
      pools: [{ known: 2, availableBefore: 2, availableAfter: 0 }],
    });
  });

  it.each<Health>(['down', 'recovering', 'stopping', 'suspended', 'unknown'])(
    'does not count a member whose health is %s',
    (health) => {
      const guarded = pool([...first(2), sick('x', health)], taking('a'));
      expect(guard([guarded], members(2)).allowed).toBe(false);
    },
  );

  it.each([{ admin: 'disabled' as const }, { admin: 'drained' as const }, { weight: 0 }])(
    'does not count a member that is %o',
    (over) => {
      const guarded = pool([...first(2), memberState('x', over)], taking('a'));
      expect(guard([guarded], members(2)).allowed).toBe(false);
    },
  );

  it('counts a member without a health check only when our own check reached it', () => {
    const live = [...first(2), sick('x', 'unchecked')];
    const alone = pool(live, taking('a'));
    const reached = pool(live, { ...taking('a'), reached: new Set(['x']) });
    expect(guard([alone], members(2)).allowed).toBe(false);
    expect(guard([reached], members(2)).allowed).toBe(true);
  });

  it('does not let our own check make a member healthy that the device calls down', () => {
    const guarded = pool([...first(2), sick('x')], { ...taking('a'), reached: new Set(['x']) });
    expect(guard([guarded], members(2)).allowed).toBe(false);
  });

  it('counts what earlier approved changes take as gone, and says so', () => {
    const claimed = pool(first(4), { ...taking('a'), claimed: new Set(['b', 'c']) });
    expect(guard([claimed], HALF)).toMatchObject({
      allowed: false,
      reason:
        'Only 1 of 4 members of shop on ha-1 would stay available (2 more already promised to earlier approved changes); at least 2 are needed.',
    });
    expect(guard([pool(first(4), { ...taking('a'), claimed: new Set(['b']) })], HALF).allowed).toBe(
      true,
    );
  });

  it('allows to take a member that is sick already, with a remark where the pool is low', () => {
    const low = pool([...first(1), sick('x'), sick('y')], taking('x'));
    expect(guard([low], HALF)).toEqual({
      allowed: true,
      reason:
        'shop on ha-1 has 1 of 2 needed members available; this change takes none of them away.',
      pools: [expect.objectContaining({ availableBefore: 1, availableAfter: 1 })],
    });
    const well = pool([...first(3), sick('x')], taking('x'));
    expect(guard([well], HALF)).not.toHaveProperty('reason');
  });

  it('does not let a sick one hide a healthy one in the same change', () => {
    const both = pool([...first(1), sick('x')], taking('x', 'a'));
    expect(guard([both], HALF).allowed).toBe(false);
  });

  it('allows whatever takes nobody away, however low the pool is', () => {
    expect(guard([pool([sick('x'), sick('y')])], percent(100)).allowed).toBe(true);
    expect(guard([pool([])], HALF).allowed).toBe(true);
    expect(guard([], HALF)).toEqual({ allowed: true, pools: [] });
  });
});

describe('the weight that stays', () => {
  const weighted = (...weights: number[]) =>
    weights.map((weight, at) => memberState(NAMES[at] ?? '', { weight, configuredWeight: weight }));

  it('must not fall below the share, even when the count does not', () => {
    const heavy = pool(weighted(100, 10, 10, 10), taking('a'));
    expect(guard([heavy], HALF)).toMatchObject({
      allowed: false,
      reason: 'Only 23% of the weight of shop on ha-1 would stay; at least 50% are needed.',
    });
    expect(guard([pool(weighted(100, 10, 10, 10), taking('b', 'c'))], HALF).allowed).toBe(true);
  });

  it('counts a member that is out with the weight of its configuration', () => {
    const out = memberState('x', { admin: 'disabled', weight: 0, configuredWeight: 70 });
    expect(countPool(pool([...weighted(10, 10, 10), out]), HALF).weightPercentAfter).toBe(30);
  });

  it('takes a member that is missing for one of mean weight', () => {
    const guarded = pool(weighted(10, 20), { known: ['a', 'b', 'y', 'z'] });
    expect(countPool(guarded, HALF).weightPercentAfter).toBe(50);
  });

  it('does not take a backup for one that is missing', () => {
    const live = [...weighted(10, 10, 10, 10), memberState('x', { backup: true })];
    const guarded = pool(live, { ...taking('a', 'b'), known: ['a', 'b', 'c', 'd', 'x'] });
    expect(guard([guarded], HALF)).toMatchObject({
      allowed: true,
      pools: [{ weightPercentAfter: 50 }],
    });
  });

  it.each([
    [29, 71, 29],
    [57, 43, 57],
    [58, 42, 58],
    [1, 2, 33],
  ])('is exact: %i beside %i is %i%%', (kept, taken, share) => {
    const guarded = pool(weighted(taken, kept), taking('a'));
    expect(countPool(guarded, HALF).weightPercentAfter).toBe(share);
  });

  it('is exact also where members are missing', () => {
    const guarded = pool(weighted(7, 7, 7), { known: NAMES.slice(0, 6) });
    expect(countPool(guarded, HALF).weightPercentAfter).toBe(50);
  });

  it('does not matter where the minimum is a count', () => {
    expect(guard([pool(weighted(100, 1, 1), taking('a'))], members(2)).allowed).toBe(true);
  });

  it('is none where nobody has any', () => {
    const guarded = pool(weighted(0, 0));
    expect(countPool(guarded, HALF).weightPercentAfter).toBe(0);
    expect(countPool(pool([], { known: ['a'] }), HALF).weightPercentAfter).toBe(0);
  });
});
