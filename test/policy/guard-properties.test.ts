import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MinAvailable } from '../../src/domain/inventory.ts';
import { type GuardedPool, guard } from '../../src/policy/guard.ts';
import { memberState } from '../fakes/samples.ts';

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
const someNames = fc.uniqueArray(fc.constantFrom(...NAMES));

const minimum: fc.Arbitrary<MinAvailable> = fc.oneof(
  fc.record({ unit: fc.constant('members' as const), value: fc.integer({ min: 0, max: 8 }) }),
  fc.record({ unit: fc.constant('percent' as const), value: fc.integer({ min: 0, max: 100 }) }),
);

const member = (name: string) =>
  fc
    .record({
      admin: fc.constantFrom('enabled', 'enabled', 'enabled', 'drained', 'disabled'),
      health: fc.constantFrom('up', 'up', 'up', 'failing', 'unchecked', 'down', 'unknown'),
      weight: fc.constantFrom(0, 1, 10, 256),
      backup: fc.constantFrom(false, false, false, true),
    })
    .map((over) => memberState(name, { ...over, configuredWeight: 10 }));

const guardedPool: fc.Arbitrary<GuardedPool> = someNames.chain((live) =>
  fc.record({
    balancer: fc.constantFrom('ha-1', 'ha-2'),
    pool: fc.constant('shop'),
    members: fc.tuple(...live.map(member)),
    known: someNames,
    reached: someNames.map((names) => new Set(names)),
    claimed: someNames.map((names) => new Set(names)),
    taking: someNames.map((names) => new Set(names)),
  }),
);

const pools = fc.array(guardedPool, { minLength: 1, maxLength: 3 });

describe('the guard, whatever the pools look like', () => {
  it('never lets an allowed change go below what is needed, nor take the last', () => {
    fc.assert(
      fc.property(pools, minimum, (guarded, least) => {
        const verdict = guard(guarded, least);
        if (!verdict.allowed) return;
        for (const count of verdict.pools) {
          if (count.availableAfter === count.availableBefore) continue;
          expect(count.availableAfter).toBeGreaterThanOrEqual(count.needed);
          expect(count.availableAfter).toBeGreaterThanOrEqual(1);
          if (least.unit === 'percent') {
            expect(count.weightPercentAfter).toBeGreaterThanOrEqual(least.value);
          }
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('needs at least the share of everybody it should have, rounded up', () => {
    fc.assert(
      fc.property(pools, minimum, (guarded, least) => {
        for (const [at, count] of guard(guarded, least).pools.entries()) {
          const backups = guarded[at]?.members.filter((m) => m.backup).map((m) => m.name) ?? [];
          const known = guarded[at]?.known.filter((name) => !backups.includes(name)) ?? [];
          expect(count.known).toBeGreaterThanOrEqual(known.length);
          expect(count.needed).toBeGreaterThanOrEqual(1);
          const share = (count.needed * 100) / Math.max(1, count.known);
          if (least.unit === 'percent') expect(share).toBeGreaterThanOrEqual(least.value * 0.999);
          else expect(count.needed).toBeGreaterThanOrEqual(least.value);
        }
      }),
    );
  });

  it('refuses no change that takes nobody', () => {
    fc.assert(
      fc.property(pools, minimum, (guarded, least) => {
        const none = guarded.map((pool) => ({ ...pool, taking: new Set<string>() }));
        expect(guard(none, least).allowed).toBe(true);
      }),
    );
  });

  it('never allows more because others were promised more', () => {
    fc.assert(
      fc.property(pools, minimum, someNames, (guarded, least, more) => {
        const fewer = guarded.map((pool) => ({ ...pool, claimed: new Set<string>() }));
        const greater = guarded.map((pool) => ({
          ...pool,
          // Who is taken twice is not taken twice over: those two are one.
          claimed: new Set(more.filter((name) => !pool.taking.has(name))),
        }));
        if (!guard(fewer, least).allowed) expect(guard(greater, least).allowed).toBe(false);
      }),
      { numRuns: 1_000 },
    );
  });

  it('never allows more because the table shrank', () => {
    fc.assert(
      fc.property(guardedPool, fc.nat(7), (pool, at) => {
        const gone = NAMES[at] ?? '';
        const known = [...new Set([...pool.known, ...pool.members.map(({ name }) => name)])];
        const whole = { ...pool, known };
        const shrunk = { ...whole, members: pool.members.filter(({ name }) => name !== gone) };
        const least: MinAvailable = { unit: 'members', value: 3 };
        if (pool.taking.has(gone)) return;
        if (!guard([whole], least).allowed) expect(guard([shrunk], least).allowed).toBe(false);
      }),
      { numRuns: 1_000 },
    );
  });

  it('is as strict with many devices as with the strictest of them', () => {
    fc.assert(
      fc.property(pools, minimum, (guarded, least) => {
        const each = guarded.every((pool) => guard([pool], least).allowed);
        expect(guard(guarded, least).allowed).toBe(each);
      }),
    );
  });
});
