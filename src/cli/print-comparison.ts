import type { Answer } from '../domain/answer.ts';
import { type Comparison, isAlike } from '../domain/comparison.ts';
import type { Fault } from '../domain/errors.ts';
import type { PairGap } from '../domain/pair-gap.ts';
import { clean, type PrintOptions, paint, timeText } from './print-options.ts';
import { textTable } from './text-table.ts';

type FaultText = (fault: Fault, options: PrintOptions) => string;

/** What stands in for each other, side by side; what is alike is one line. */
export function comparisonText(
  { comparisons }: Extract<Answer, { kind: 'comparison' }>,
  options: PrintOptions,
  faultText: FaultText,
): string {
  return comparisons
    .flatMap((one) => [
      summaryLine(one, options),
      ...one.faults.map(
        ({ balancer, fault }) => `${clean(balancer)}: not read. ${faultText(fault, options)}`,
      ),
      ...table(one, options),
      ...one.gaps.map((gap) => gapText(gap, options)),
    ])
    .join('\n');
}

/** A node that a change left out: a reminder until it shows the same. */
export function gapText(gap: PairGap, options: PrintOptions): string {
  const { pair, pool, member, changed, leftOut, changeId, at, isAway } = gap;
  const why = isAway ? 'which does not answer' : 'which was left out';
  const words = `Pair ${pair} differs: ${member} in ${pool} was changed on ${changed} ${timeText(at)} (change ${changeId}), not on ${leftOut}, ${why}.`;
  return paint(clean(words), 'yellow', options);
}

function summaryLine(one: Comparison, options: PrintOptions): string {
  const { of, sides, differences, faults, poolCount, memberCount } = one;
  const both = sides.join(' and ');
  if (isAlike(one)) {
    const what = `pools: ${poolCount}, members: ${memberCount}`;
    return paint(clean(`${of} is alike on ${both} (${what}).`), 'green', options);
  }
  const words =
    differences.length > 0
      ? `${of}: ${both} differ.`
      : faults.length > 0
        ? `${of} cannot be compared: not every balancer answered.`
        : `${of} stands alone; there is nothing to compare it with.`;
  return paint(clean(words), 'yellow', options);
}

function table({ differences, sides }: Comparison, options: PrintOptions): readonly string[] {
  if (differences.length === 0) return [];
  const rows = differences.map(({ pool = '', member = '', fact, values }) =>
    [pool, member, fact, ...values].map(clean),
  );
  return [textTable(['POOL', 'MEMBER', 'WHAT', ...sides.map(clean)], rows, options)];
}
