import type { ChangeRecord } from '../../domain/change.ts';
import { verdictOf } from './outcome-part.ts';
import { changeWords } from './words.ts';

/**
 * The state of a change in one plain line: header of the card, text of the notification, word in the thread. Not
 * escaped. The signs are of those that every font has.
 */
export function headline(record: ChangeRecord): string {
  const words = changeWords(record);
  switch (record.state) {
    case 'planning':
      return `◷ Planning: ${words.todo}`;
    case 'waiting':
      return record.asks === 'operator'
        ? `⚑ Confirmation needed: ${words.todo}`
        : `⚑ Approval needed: ${words.todo}`;
    case 'approved':
      return `▶ Approved, about to start: ${words.todo}`;
    case 'running':
      return `▶ Running: ${words.todo}`;
    case 'unknown':
      return `⚠ Outcome not known yet: ${words.todo}`;
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

function doneLine(record: ChangeRecord): string {
  const words = changeWords(record);
  const { plan, outcome } = record;
  if (plan === undefined || outcome === undefined) return `✓ ${words.done}`;
  const verdict = verdictOf(plan, outcome);
  if (verdict.nothingSent) {
    const were = words.are === 'is' ? 'was' : 'were';
    return `✓ ${words.members} ${were} ${words.participle} in ${words.service} already, nothing was sent`;
  }
  const count = `(${verdict.verified} of ${verdict.balancers} ${verdict.balancers === 1 ? 'balancer' : 'balancers'} verified)`;
  if (verdict.servingLater) {
    const does = words.are === 'is' ? 'does' : 'do';
    return `◷ ${words.done}, but ${does} not serve yet ${count}`;
  }
  return `✓ ${words.done} ${count}`;
}
