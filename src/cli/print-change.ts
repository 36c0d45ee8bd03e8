import type { Approval, ChangeRecord, ChangeState } from '../domain/change.ts';
import { isOpen } from '../domain/change.ts';
import { durationWords } from '../domain/duration.ts';
import { nextForSticky, stickyLeft } from '../domain/sticky.ts';
import { jsonText } from './json.ts';
import { memberTable } from './member-table.ts';
import { planLines } from './plan-lines.ts';
import { faultText } from './print-answer.ts';
import { type Colour, clean, type PrintOptions, paint, timeText } from './print-options.ts';
import { commandText } from './stage-lines.ts';

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
    ...(record.state === 'done' && stickyLeft(record) > 0
      ? [clean(`Next: lb ${nextForSticky(record)}`)]
      : []),
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
  const what = clean(`Change ${record.id}: ${commandText(record.request.command)}`);
  return `${paint(what, 'bold', options)}: ${paint(stateText(record), COLOURS[record.state], options)}`;
}

function stateText(record: ChangeRecord): string {
  const { state, expiresAt, plan, hold } = record;
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
    case 'draining':
      return drainingText(record);
    case 'holding':
      return hold === undefined ? 'done' : `done, comes back by itself ${timeText(hold.until)}`;
    case 'done': {
      const sticky = stickyLeft(record);
      return sticky > 0 ? `done: out for new clients, ${sticky} sticky still arrive` : 'done';
    }
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

/** How far the wait for idle members is. */
function drainingText({ idleWait: wait, plan, stage, updatedAt }: ChangeRecord): string {
  const idle = plan?.stages[stage];
  if (wait === undefined || idle?.kind !== 'wait for idle') return 'waits until nobody uses it';
  const quiet =
    wait.quietSince === undefined
      ? 'not quiet yet'
      : `quiet for ${durationWords(Math.min(idle.quietMs, updatedAt - wait.quietSince))} of ${durationWords(idle.quietMs)}`;
  const sticky = wait.sticky === undefined ? '' : `, ${wait.sticky} sticky may come again`;
  return `waits until nobody uses it: ${wait.sessions} sessions open, ${wait.arrived} arrived since${sticky}, ${quiet}, at the latest until ${timeText(wait.until)}`;
}

function circumstances(record: ChangeRecord): readonly string[] {
  const { request, approval, decidedBy, acknowledged } = record;
  const { actor, acceptedAt, command } = request;
  const { reason, ifPairFails } = command;
  const obstacle = record.idleWait?.obstacle ?? record.hold?.obstacle;
  const lines = [`  asked by ${actor.id}, ${timeText(acceptedAt)}`];
  if (reason !== undefined) lines.push(`  because ${reason}`);
  if (ifPairFails === 'keep half') lines.push('  if the pair fails: keep half');
  if (approval === undefined && record.votes !== undefined) {
    lines.push(`  approved so far by ${record.votes.map(({ by }) => by).join(', ')}`);
  }
  if (approval !== undefined) lines.push(`  ${approvalText(approval)}, ${timeText(approval.at)}`);
  if (approval?.kind === 'break glass') {
    lines.push(
      acknowledged === undefined
        ? '  not acknowledged yet by somebody else'
        : `  acknowledged by ${acknowledged.by}, ${timeText(acknowledged.at)}`,
    );
  }
  if (decidedBy !== undefined) lines.push(`  decided by ${decidedBy}`);
  if (obstacle !== undefined) lines.push(`  held up: ${obstacle}`);
  // The indentation stays: `clean` touches no ordinary space.
  return lines.map(clean);
}

function approvalText({ kind, by, votes }: Approval): string {
  switch (kind) {
    case 'people':
      return `approved by ${[...new Set([...votes, by])].join(', ')}`;
    case 'nobody needed':
      return 'no approval needed';
    case 'break glass':
      return `break glass by ${by}: nobody approved it`;
    case 'restore':
      return `restored under the approval by ${by}`;
  }
}
