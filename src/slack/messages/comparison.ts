import type { KnownBlock } from '@slack/types';
import type { Answer } from '../../domain/answer.ts';
import { type Comparison, IS_THERE, isAlike } from '../../domain/comparison.ts';
import { context, header, packCode, section } from '../blocks.ts';
import { escapedCut, slackDate } from '../mrkdwn.ts';
import { faultWords } from './fault.ts';
import { monospaced } from './member-table.ts';
import { gapBlocks } from './pair-gap.ts';
import { counted, listed } from './words.ts';

type Blocks = readonly KnownBlock[];

/** What stands in for each other, side by side; what is alike is one line. */
export function comparison({ about, comparisons, at }: Extract<Answer, { kind: 'comparison' }>): {
  readonly text: string;
  readonly blocks: Blocks;
} {
  const lines = comparisons.map(summaryLine);
  return {
    text: lines.join('\n'),
    blocks: [
      header(`${about}, side by side`),
      ...comparisons.flatMap((one, index) => blocksOf(one, lines[index] ?? '')),
      context(`read ${slackDate(at)}; nothing was changed`),
    ],
  };
}

function summaryLine(one: Comparison): string {
  const { of, sides, differences, faults, poolCount, memberCount } = one;
  const name = `*${escapedCut(of, 100)}*`;
  const both = escapedCut(listed(sides), 300);
  const what = `${counted(poolCount, 'pool')} with ${counted(memberCount, 'member')}`;
  if (isAlike(one)) return `✓ ${name} is alike: ${both} have the same ${what}.`;
  if (differences.length > 0) {
    return `⚠ ${name}: ${both} differ in ${counted(differences.length, 'thing')}.`;
  }
  if (faults.length > 0) return `⚠ ${name} cannot be compared: not every balancer answered.`;
  return `• ${name} stands alone; there is nothing to compare it with.`;
}

function blocksOf(one: Comparison, line: string): Blocks {
  const faults = one.faults.map(({ balancer, fault }) =>
    section(`⚠ *${escapedCut(balancer, 100)}* could not be read. ${faultWords(fault)}`),
  );
  return [section(line), ...faults, ...table(one), ...gapBlocks(one.gaps)];
}

function table({ differences, sides }: Comparison): Blocks {
  if (differences.length === 0) return [];
  const columns = ['pool', 'member', 'what', ...sides].map((title) => ({ title }));
  const rows = differences.map(({ pool = '', member = '', fact, values }) => [
    pool,
    member,
    fact === IS_THERE ? 'is there' : fact,
    ...values,
  ]);
  const packed = packCode(monospaced(columns, rows), 8);
  const more = packed.left > 0 ? [context(`… and ${counted(packed.left, 'more difference')}`)] : [];
  return [...packed.texts.map((text) => section(text)), ...more];
}
