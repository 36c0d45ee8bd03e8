import type { Step } from '../domain/plan.ts';

/** What the steps of a write stage do to the capacity of one pool. */
export function capacityMoves(steps: readonly Step[]): {
  readonly taking: ReadonlySet<string>;
  readonly giving: ReadonlySet<string>;
  readonly weights: ReadonlyMap<string, number>;
} {
  const none = ({ after }: Step) => after.admin !== 'enabled' || after.weight === 0;
  const had = ({ before }: Step) => before.admin === 'enabled' && before.weight > 0;
  return {
    taking: new Set(steps.filter((step) => none(step)).map(({ member }) => member)),
    giving: new Set(steps.filter((step) => !none(step) && !had(step)).map(({ member }) => member)),
    weights: new Map(
      steps.filter((step) => !none(step)).map(({ member, after }) => [member, after.weight]),
    ),
  };
}
