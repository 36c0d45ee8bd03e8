import type { KnownBlock } from '@slack/types';
import type { Outcome, StepOutcome, StepResult } from '../../domain/change.ts';
import type { Plan, Step } from '../../domain/plan.ts';
import { pack, section } from '../blocks.ts';
import { remarksShownMax, sectionCharsMax, tablesPerCardMax } from '../limits.ts';
import { codeSpan, cut, escaped, escapedCut } from '../mrkdwn.ts';
import { memberTable } from './member-table.ts';
import { poolsLeft, rowsFor, targetsOf } from './plan-part.ts';
import { balancersOf, counted, settingWords, stateWords } from './words.ts';

const SIGN: Record<StepResult, string> = {
  verified: '✓',
  'not serving yet': '◷',
  'already so': '✓',
  'put back': '↩',
  'not started': '–',
  failed: '✗',
  unknown: '?',
};

function resultWords(step: Step, outcome: StepOutcome): string {
  switch (outcome.result) {
    case 'verified':
      return `verified: ${settingWords(step.after)}`;
    case 'not serving yet':
      return `taken, but it does not serve yet${outcome.member === undefined ? '' : ` (${stateWords(outcome.member)})`}`;
    case 'already so':
      return 'was so already, nothing was sent';
    case 'put back':
      return `put back: ${settingWords(step.before)}`;
    case 'not started':
      return 'not touched';
    case 'failed':
      return outcome.member === undefined
        ? 'failed'
        : `failed; the device shows ${settingWords(outcome.member)}`;
    case 'unknown':
      return outcome.member === undefined
        ? 'unknown: sent, and the device does not say what it did'
        : `unknown; the device shows ${settingWords(outcome.member)}`;
  }
}

/** One line per step: what this device says. Steps without an outcome are said to be not touched. */
export function stepBlocks(plan: Plan, outcome: Outcome | undefined): readonly KnownBlock[] {
  const told = new Map(outcome?.steps.map((step) => [step.index, step]));
  const lines = plan.steps.map((step) => {
    const result = told.get(step.index) ?? { index: step.index, result: 'not started' as const };
    const fault =
      result.fault === undefined ? '' : `\n      ${escapedCut(result.fault.message, 400)}`;
    return `${SIGN[result.result]} *${escaped(cut(step.balancer, 100))}* ${codeSpan(cut(step.member, 100))} ${escaped(resultWords(step, result))}${fault}`;
  });
  const packed = pack(lines, 3, sectionCharsMax - 100);
  return packed.texts.map((text, at) =>
    section(
      at === packed.texts.length - 1 && packed.left > 0
        ? `${text}\n… and ${counted(packed.left, 'more line')}`
        : text,
    ),
  );
}

/** Every pool as it is now; what the change altered is shown with an arrow. */
export function beforeAfterBlocks(plan: Plan, outcome: Outcome): readonly KnownBlock[] {
  const shown = plan.before.slice(0, tablesPerCardMax);
  const blocks = shown.flatMap((before): readonly KnownBlock[] => {
    const { balancer } = before.device;
    const after = outcome.after.find(
      (pool) => pool.device.balancer === balancer && pool.pool === before.pool,
    );
    if (after === undefined) {
      return [
        section(
          `*${escaped(cut(balancer, 100))}* · pool ${codeSpan(cut(before.pool, 200))}\nCould not be read afterwards.`,
        ),
      ];
    }
    const targets = targetsOf(plan, balancer, before.pool);
    return memberTable(after, { before, targets, rowsMax: rowsFor(shown.length) });
  });
  return [...blocks, ...poolsLeft(plan.before.length - shown.length)];
}

export function remarkBlocks(outcome: Outcome): readonly KnownBlock[] {
  if (outcome.remarks.length === 0) return [];
  const lines = outcome.remarks.slice(0, remarksShownMax).map((text) => escapedCut(text, 280));
  const left = outcome.remarks.length - lines.length;
  if (left > 0) lines.push(`… and ${counted(left, 'more remark')}`);
  return [section(lines.join('\n'))];
}

/** How a finished change went, in words for its headline. */
export interface Verdict {
  readonly verified: number;
  readonly balancers: number;
  readonly nothingSent: boolean;
  readonly servingLater: boolean;
}

export function verdictOf(plan: Plan, outcome: Outcome): Verdict {
  const results = new Map(outcome.steps.map((step) => [step.index, step.result]));
  const good: readonly (StepResult | undefined)[] = ['verified', 'not serving yet', 'already so'];
  const balancers = balancersOf(plan);
  const verified = balancers.filter((balancer) =>
    plan.steps
      .filter((step) => step.balancer === balancer)
      .every((step) => good.includes(results.get(step.index))),
  );
  return {
    verified: verified.length,
    balancers: balancers.length,
    nothingSent: outcome.steps.every((step) => step.result === 'already so'),
    servingLater: outcome.steps.some((step) => step.result === 'not serving yet'),
  };
}
