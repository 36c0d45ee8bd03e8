import fc from 'fast-check';
import type { Answer } from '../../src/domain/answer.ts';
import { hostile, hostileLong } from './hostile.ts';
import { at, fault, id, pool, STATES } from './hostile-records.ts';

/** An answer to a question, with whatever a device or a person may have written in it. */
export const answerTo: fc.Arbitrary<Answer> = fc.oneof(
  fc.record({
    kind: fc.constant('status'),
    services: fc.array(
      fc.record({
        service: hostile,
        environment: hostile,
        pools: fc.array(pool, { maxLength: 2 }),
        faults: fc.array(fc.record({ balancer: hostile, fault }), { maxLength: 2 }),
        out: fc.array(
          fc.record({
            balancer: hostile,
            pool: hostile,
            member: hostile,
            by: fc.constantFrom('bot', 'hand', 'unknown'),
            changeId: hostile,
            actor: id,
            approver: id,
          }),
          { maxLength: 3 },
        ),
      }),
      { maxLength: 2 },
    ),
    freezes: fc.array(fc.record({ scope: hostile, by: id, at, until: at, reason: hostileLong }), {
      maxLength: 2,
    }),
    at,
  }),
  fc.record({
    kind: fc.constant('pools'),
    pools: fc.array(
      fc.record({
        service: hostile,
        environment: hostile,
        on: hostile,
        pool: hostile,
        balancers: fc.array(hostile, { maxLength: 4 }),
      }),
      { maxLength: 3 },
    ),
  }),
  fc.record({
    kind: fc.constant('comparison'),
    about: hostile,
    comparisons: fc.array(
      fc.record({
        of: hostile,
        sides: fc.array(hostile, { minLength: 2, maxLength: 2 }),
        poolCount: fc.nat(9),
        memberCount: fc.nat(9),
        differences: fc.array(
          fc.record({
            pool: hostile,
            member: hostile,
            fact: hostile,
            values: fc.array(hostile, { minLength: 2, maxLength: 2 }),
          }),
          { maxLength: 3 },
        ),
        faults: fc.array(fc.record({ balancer: hostile, fault }), { maxLength: 1 }),
        gaps: fc.array(
          fc.record({
            pair: hostile,
            service: hostile,
            pool: hostile,
            member: hostile,
            changed: hostile,
            leftOut: hostile,
            changeId: hostile,
            actor: id,
            at,
            isAway: fc.boolean(),
          }),
          { maxLength: 1 },
        ),
      }),
      { maxLength: 2 },
    ),
    at,
  }),
  fc.record({
    kind: fc.constant('history'),
    lines: fc.array(
      fc.record({
        changeId: hostile,
        at,
        service: hostile,
        verb: hostile,
        members: fc.array(hostile, { maxLength: 4 }),
        state: fc.constantFrom(...STATES),
        actor: id,
        approver: id,
        reason: hostileLong,
      }),
      { maxLength: 3 },
    ),
    service: hostile,
  }),
  fc.record({
    kind: fc.constant('whoami'),
    id,
    via: fc.constant('slack'),
    may: fc.array(fc.record({ environment: hostile, roles: fc.array(hostile, { maxLength: 2 }) }), {
      maxLength: 2,
    }),
  }),
  fc.record({ kind: fc.constant('fault'), fault }),
) as fc.Arbitrary<Answer>;
