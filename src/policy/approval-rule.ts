import type { ChangeRecord } from '../domain/change.ts';
import type { Environment } from '../domain/inventory.ts';
import type { GuardVerdict, PlanWarning } from '../domain/plan.ts';
import type { Role, Verdict } from './access.ts';

/** What a plan needs before it may be applied. */
export type ApprovalNeed = 'nothing' | 'operator' | 'approver' | 'break glass';

/** Production waits for a second person; elsewhere only a warning that asks makes the plan wait. */
export function approvalNeed(
  environment: Environment,
  warnings: readonly PlanWarning[],
  verdict: GuardVerdict,
  breaksGlass = false,
): ApprovalNeed | 'refuse' {
  // The guard is never skipped, whoever asks and however loudly.
  if (!verdict.allowed) return 'refuse';
  if (breaksGlass) return 'break glass';
  if (environment.approval.required > 0) return 'approver';
  return warnings.some((warning) => warning.asks) ? 'operator' : 'nothing';
}

const no = (reason: string): Verdict => ({ allowed: false, reason });

/** Who agreed, as the beginning of a sentence; where no approval is asked for, nobody did. */
function agreed({ approval }: ChangeRecord): string {
  const isPerson = approval !== undefined && /^[UW][A-Z0-9]+$/.test(approval.by);
  return isPerson ? `It was approved already by ${approval.by}` : 'It needed no approval';
}

/** Why a change that is no longer waiting cannot be decided, in the reader's words. */
export function whyNotWaiting(record: ChangeRecord): string {
  switch (record.state) {
    case 'planning':
      return 'It is still being planned.';
    case 'waiting':
      return 'It waits for a decision.';
    case 'approved':
    case 'running':
    case 'unknown':
      return `${agreed(record)} and is being carried out.`;
    case 'draining':
    case 'holding':
      return `${agreed(record)} and is at rest (${record.state}).`;
    case 'done':
    case 'failed':
    case 'half-done':
      return `${agreed(record)} and is over (${record.state}).`;
    case 'refused':
      return 'It was refused; nothing will be changed.';
    case 'denied':
    case 'cancelled':
      return `It was ${record.state} by ${record.decidedBy ?? 'somebody'}.`;
    case 'expired':
      if (record.approval !== undefined) {
        return `${agreed(record)} and waited too long for its turn; nothing was changed. Ask again.`;
      }
      return 'It expired before anybody agreed; nothing was changed. Ask again.';
  }
}

/** Where no approval is asked for, this stands in the place of the approver. */
export const NOBODY_NEEDED = 'nobody needed';

/**
 * Who must agree to a waiting change. The environment decides, not the record: the record lies in Redis, and
 * whoever can write there must not be able to lower the bar.
 */
function needed(record: ChangeRecord, environment: Environment): 'approver' | 'operator' {
  if (environment.approval.required > 0) return 'approver';
  return record.asks ?? 'approver';
}

/** May this person say yes to this record? State, digest and clicks are checked elsewhere. */
export function mayApprove(
  record: ChangeRecord,
  environment: Environment,
  userId: string,
  roles: ReadonlySet<Role>,
): Verdict {
  if (needed(record, environment) === 'operator') {
    if (roles.has('operator') || roles.has('approver')) return { allowed: true };
    return no('Confirming this needs the role operator, which you do not hold.');
  }
  if (record.request.actor.id === userId) {
    return no('You asked for this change; somebody else must approve it.');
  }
  if (!roles.has('approver'))
    return no('Approving needs the role approver, which you do not hold.');
  return { allowed: true };
}

/** Whoever may agree may also say no; a requester cancels instead. */
export function mayDeny(
  record: ChangeRecord,
  environment: Environment,
  roles: ReadonlySet<Role>,
): Verdict {
  const operatorMay = needed(record, environment) === 'operator' && roles.has('operator');
  if (roles.has('approver') || operatorMay) return { allowed: true };
  return no('Denying needs the role approver, which you do not hold.');
}

/**
 * Does this approval suffice for this change, going by the inventory alone? Asked by the worker before it
 * writes, so that a record altered in Redis is not applied.
 */
export function approvalSuffices(record: ChangeRecord, environment: Environment): Verdict {
  const { approval } = record;
  if (approval === undefined) return no('Nobody approved it.');
  const { required } = environment.approval;
  switch (approval.kind) {
    // Both are signed by a worker that checked the role, or the change that is restored.
    case 'break glass':
    case 'restore':
      return { allowed: true };
    case 'nobody needed':
      if (required === 0) return { allowed: true };
      return no(`${environment.name} needs an approval, and it has none.`);
    case 'people': {
      const others = new Set(approval.votes.filter((id) => id !== record.request.actor.id));
      if (required === 0 || others.size >= required) return { allowed: true };
      return no(`It was approved by ${others.size} other people; ${required} are needed.`);
    }
  }
}
