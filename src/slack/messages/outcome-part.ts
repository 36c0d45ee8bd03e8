import type { KnownBlock } from '@slack/types';
import type { Outcome, StepOutcome, StepResult } from '../../domain/change.ts';
import type { Plan, Step } from '../../domain/plan.ts';
import { pack, section } from '../blocks.ts';
import { remarkCharsMax, remarksShownMax, stepCharsMax } from '../limits.ts';
import { codeSpan, cut, escaped, escapedCut } from '../mrkdwn.ts';
import type { LeftOut, Part } from './left-out.ts';
import { poolTables, type ShownPool } from './pool-tables.ts';
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

/**
 * One line per step, up to the stage `upTo`: what this device says. Steps without an outcome are said to be not
 * touched.
 */
export function stepBlocks(
  plan: Plan,
  outcome: Outcome | undefined,
  upTo?: number,
): readonly KnownBlock[] {
  const packed = pack(stepLines(plan, outcome, upTo), 1, stepCharsMax);
  return packed.texts.map((text, at) =>
    section(
      at === packed.texts.length - 1 && packed.left > 0
        ? `${text}\n… and ${counted(packed.left, 'more line')}`
        : text,
    ),
  );
}

/** The steps for which `stepBlocks` has no room. */
export function stepsLeft(
  plan: Plan,
  outcome: Outcome | undefined,
  upTo?: number,
): readonly LeftOut[] {
  const lines = stepLines(plan, outcome, upTo);
  const { left } = pack(lines, 1, stepCharsMax);
  if (left === 0) return [];
  return [{ title: '*More steps*', lines: lines.slice(lines.length - left), as: 'mrkdwn' }];
}

/** What each device says of each step up to the stage `upTo`; mrkdwn. */
function stepLines(
  plan: Plan,
  outcome: Outcome | undefined,
  upTo = Number.POSITIVE_INFINITY,
): readonly string[] {
  const told = new Map(outcome?.steps.map((step) => [step.index, step]));
  const due = plan.steps.filter((step) => step.stage <= upTo);
  return due.map((step) => {
    const result = told.get(step.index) ?? { index: step.index, result: 'not started' as const };
    const fault =
      result.fault === undefined ? '' : `\n      ${escapedCut(result.fault.message, 400)}`;
    return `${SIGN[result.result]} *${escaped(cut(step.balancer, 100))}* ${codeSpan(cut(step.member, 100))} ${escaped(resultWords(step, result))}${fault}`;
  });
}

/** Every pool as it is now; what the change altered is shown with an arrow. In at most `room` characters. */
export function beforeAfterTables(plan: Plan, outcome: Outcome, room: number): Part {
  return poolTables(plan, poolsAfter(plan, outcome), room);
}

/** The pools of the plan as they were read after the last write, beside what they were before. */
export function poolsAfter(plan: Plan, outcome: Outcome): readonly ShownPool[] {
  return plan.before.map((before): ShownPool => {
    const now = outcome.after.find(
      (pool) => pool.device.balancer === before.device.balancer && pool.pool === before.pool,
    );
    return now === undefined ? { now: before, unread: true } : { now, before };
  });
}

export function remarkBlocks(outcome: Outcome): readonly KnownBlock[] {
  if (outcome.remarks.length === 0) return [];
  const lines = outcome.remarks
    .slice(0, remarksShownMax)
    .map((text) => escapedCut(text, remarkCharsMax));
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

/** Of the steps up to the stage `upTo`; what comes later was not due. */
export function verdictOf(plan: Plan, outcome: Outcome, upTo = Number.POSITIVE_INFINITY): Verdict {
  const results = new Map(outcome.steps.map((step) => [step.index, step.result]));
  const good: readonly (StepResult | undefined)[] = ['verified', 'not serving yet', 'already so'];
  const balancers = balancersOf(plan);
  const verified = balancers.filter((balancer) =>
    plan.steps
      .filter((step) => step.balancer === balancer && step.stage <= upTo)
      .every((step) => good.includes(results.get(step.index))),
  );
  return {
    verified: verified.length,
    balancers: balancers.length,
    nothingSent: outcome.steps.every((step) => step.result === 'already so'),
    servingLater: outcome.steps.some((step) => step.result === 'not serving yet'),
  };
}
