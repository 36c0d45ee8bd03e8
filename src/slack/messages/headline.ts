import type { ChangeRecord } from '../../domain/change.ts';
import { stickyLeft } from '../../domain/sticky.ts';
import { changeWords, stageWritten } from './change-words.ts';
import { verdictOf } from './outcome-part.ts';

/**
 * The state of a change in one plain line: header of the card, text of the notification, word in the thread. Not
 * escaped. The signs are of those that every font has.
 */
export function headline(record: ChangeRecord): string {
  const line = stateLine(record);
  return record.approval?.kind === 'break glass' ? `⚠ BREAK GLASS · ${line}` : line;
}

function stateLine(record: ChangeRecord): string {
  const words = changeWords(record);
  switch (record.state) {
    case 'planning':
      return `◷ Planning: ${words.todo}`;
    case 'waiting':
      return record.asks === 'operator'
        ? `⚑ Confirmation needed: ${words.todo}`
        : `⚑ Approval needed: ${words.todo}`;
    case 'approved':
      return `▶ ${beginning(record)}: ${words.todo}`;
    case 'running':
      return `▶ ${goesBack(record) ? 'Coming back' : 'Running'}: ${words.todo}`;
    case 'unknown':
      return `⚠ Outcome not known yet: ${words.todo}`;
    case 'draining':
      return `◷ Draining: ${words.todo}`;
    case 'holding':
      return `${doneLine(record)}, comes back by itself`;
    case 'done':
      return doneLine(record);
    case 'failed':
      return `✗ Failed: ${words.todo}`;
    case 'half-done':
      return `⚠ Half done: ${words.todo}`;
    case 'refused':
      return `⊘ Refused: ${words.todo}`;
    case 'denied':
      return `⊘ Denied: ${words.todo}`;
    case 'cancelled':
      return `○ Cancelled: ${words.todo}`;
    case 'expired':
      return `○ Expired: ${words.todo}`;
  }
}

function goesBack(record: ChangeRecord): boolean {
  return stageWritten(record)?.purpose === 'return';
}

function beginning(record: ChangeRecord): string {
  if (goesBack(record)) return 'About to come back';
  return record.stage > 0 ? 'About to go on' : 'Approved, about to start';
}

function doneLine(record: ChangeRecord): string {
  const words = changeWords(record);
  const { plan, outcome } = record;
  if (plan === undefined || outcome === undefined) return `✓ ${words.done}`;
  const verdict = verdictOf(plan, outcome, record.stage);
  if (verdict.nothingSent) return `✓ ${words.already}, nothing was sent`;
  const count = `(${verdict.verified} of ${verdict.balancers} ${verdict.balancers === 1 ? 'balancer' : 'balancers'} verified)`;
  const sticky = stickyLeft(record);
  if (sticky > 0) return `✓ ${words.out}, ${sticky} sticky still arrive ${count}`;
  if (verdict.servingLater) return `◷ ${words.done}, but ${words.does} not serve yet ${count}`;
  return `✓ ${words.done} ${count}`;
}
