import type { ChangeRecord, ChangeState, StepOutcome } from '../domain/change.ts';
import { isOpen } from '../domain/change.ts';
import type { MemberSetting } from '../domain/member.ts';
import type { Plan, Step } from '../domain/plan.ts';
import { jsonText } from './json.ts';
import { memberTable } from './member-table.ts';
import { faultText } from './print-answer.ts';
import { type Colour, clean, type PrintOptions, paint, timeText } from './print-options.ts';
import { type Cell, textTable } from './text-table.ts';

/** A change as far as it has come: what was asked, the plan, and what the devices say now. */
export function printChange(record: ChangeRecord, options: PrintOptions): string {
  if (options.json) return jsonText(record);
  const { plan, outcome, fault } = record;
  const isOver = outcome !== undefined && outcome.after.length > 0;
  const pools = isOver ? outcome.after : isOpen(record.state) ? (plan?.before ?? []) : [];
  return [
    headline(record, options),
    ...circumstances(record),
    ...(plan === undefined ? [] : planLines(plan, outcome?.steps ?? [], options)),
    ...(fault === undefined ? [] : [faultText(fault, options)]),
    ...(outcome?.fault === undefined ? [] : [faultText(outcome.fault, options)]),
    ...(outcome?.remarks ?? []).map(clean),
    ...(pools.length === 0 ? [] : [isOver ? 'Now:' : 'As planned on:']),
    ...pools.map((pool) => memberTable(pool, [], options)),
  ].join('\n');
}

const COLOURS: Partial<Record<ChangeState, Colour>> = {
  done: 'green',
  waiting: 'yellow',
  failed: 'red',
  'half-done': 'red',
  unknown: 'red',
};

function headline(record: ChangeRecord, options: PrintOptions): string {
  const { verb, service, members, on } = record.request.command;
  const where = on === undefined ? '' : ` on ${on}`;
  const what = clean(`Change ${record.id}: ${verb} ${service} ${members.join(',')}${where}`);
  return `${paint(what, 'bold', options)}: ${paint(stateText(record), COLOURS[record.state], options)}`;
}

function stateText({ state, expiresAt, plan }: ChangeRecord): string {
  switch (state) {
    case 'planning':
      return 'being planned';
    case 'waiting': {
      const until = expiresAt === undefined ? '' : ` until ${timeText(expiresAt)}`;
      const digest = plan === undefined ? '' : ` (digest ${clean(plan.digest.slice(0, 4))})`;
      return `waits for approval in Slack${until}${digest}`;
    }
    case 'approved':
      return 'approved, not begun';
    case 'running':
      return 'being carried out';
    case 'unknown':
      return 'not known yet: a device does not say what it did';
    case 'done':
      return 'done';
    case 'failed':
      return 'failed';
    case 'half-done':
      return 'half done, needs a person';
    case 'refused':
    case 'denied':
    case 'cancelled':
    case 'expired':
      return `${state}, nothing was changed`;
  }
}

function circumstances({ request, approval, decidedBy }: ChangeRecord): readonly string[] {
  const { actor, acceptedAt, command } = request;
  const { reason, ifPairFails } = command;
  const lines = [`  asked by ${actor.id}, ${timeText(acceptedAt)}`];
  if (reason !== undefined) lines.push(`  because ${reason}`);
  if (ifPairFails === 'keep half') lines.push('  if the pair fails: keep half');
  if (approval !== undefined) lines.push(`  approved by ${approval.by}, ${timeText(approval.at)}`);
  if (decidedBy !== undefined) lines.push(`  decided by ${decidedBy}`);
  // The indentation stays: `clean` touches no ordinary space.
  return lines.map(clean);
}

function planLines(
  plan: Plan,
  outcomes: readonly StepOutcome[],
  options: PrintOptions,
): readonly string[] {
  const results = new Map(outcomes.map((outcome) => [outcome.index, outcome]));
  const rows = plan.steps.map((step) => stepRow(step, results.get(step.index)));
  const header = ['STEP', 'BALANCER', 'MEMBER', 'BEFORE', 'AFTER', 'RESULT'];
  return [
    textTable(header, rows, options, '  '),
    ...plan.steps.flatMap(({ balancer, commands }) =>
      commands.map((command) => clean(`  ${balancer}> ${command}`)),
    ),
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
