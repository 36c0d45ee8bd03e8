import type { StepOutcome } from '../domain/change.ts';
import type { MemberSetting } from '../domain/member.ts';
import type { Plan, Step } from '../domain/plan.ts';
import { faultText } from './print-answer.ts';
import { type Colour, clean, type PrintOptions, paint } from './print-options.ts';
import { stageLines } from './stage-lines.ts';
import { type Cell, textTable } from './text-table.ts';

/** A plan step by step, with what came of each step, the guard's figures and what a reader must know. */
export function planLines(
  plan: Plan,
  outcomes: readonly StepOutcome[],
  options: PrintOptions,
): readonly string[] {
  const results = new Map(outcomes.map((outcome) => [outcome.index, outcome]));
  const rows = plan.steps.map((step) => stepRow(step, results.get(step.index)));
  const header = ['STEP', 'BALANCER', 'MEMBER', 'BEFORE', 'AFTER', 'RESULT'];
  return [
    textTable(header, rows, options, '  '),
    ...stageLines(plan),
    ...(plan.orderNote === undefined ? [] : [clean(plan.orderNote)]),
    ...plan.guard.pools.map(({ balancer, pool, known, availableBefore, availableAfter, needed }) =>
      clean(
        `Guard, ${balancer} ${pool}: ${availableBefore} available, ${availableAfter} afterwards, at least ${needed} of ${known} needed.`,
      ),
    ),
    ...(plan.guard.reason === undefined ? [] : [clean(plan.guard.reason)]),
    ...plan.warnings.map(({ text }) => `${paint('Note:', 'yellow', options)} ${clean(text)}`),
    ...outcomes.flatMap(({ fault, index }) =>
      fault === undefined ? [] : [`Step ${index + 1}: ${faultText(fault, options)}`],
    ),
  ];
}

function stepRow(step: Step, outcome: StepOutcome | undefined): readonly Cell[] {
  return [
    String(step.index + 1),
    step.balancer,
    step.member,
    settingText(step.before),
    settingText(step.after),
    { text: outcome?.result ?? '', colour: resultColour(outcome) },
  ];
}

function settingText({ admin, weight, forwarding }: MemberSetting): string {
  return `${admin}, weight ${weight}${forwarding === undefined ? '' : `, ${forwarding}`}`;
}

function resultColour(outcome: StepOutcome | undefined): Colour | undefined {
  switch (outcome?.result) {
    case 'verified':
    case 'already so':
      return 'green';
    case 'not serving yet':
    case 'put back':
      return 'yellow';
    case 'failed':
    case 'unknown':
      return 'red';
    case 'not started':
    case undefined:
      return undefined;
  }
}
