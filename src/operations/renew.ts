import { approvedPlan, assertGenuineRecord, signApproval } from '../domain/approval.ts';
import type { ChangeRecord } from '../domain/change.ts';
import { OperationError } from '../domain/errors.ts';
import { approvalSuffices } from '../policy/approval-rule.ts';
import type { WorkerContext } from './context.ts';
import { approvalValidMs } from './limits.ts';
import { serviceOf } from './run.ts';

/**
 * Throws BAD_SIGNATURE unless request, plan and approval of a record at rest are ours and suffice. What lies in
 * Redis is not believed: nothing is signed again, and nothing goes on, that was not signed before.
 */
export function assertApproved(context: WorkerContext, record: ChangeRecord): void {
  assertGenuineRecord(record, context.signingKey);
  approvedPlan(record, context.signingKey);
  const verdict = approvalSuffices(record, serviceOf(context, record).environment);
  if (verdict.allowed) return;
  throw new OperationError('BAD_SIGNATURE', `Change ${record.id}: ${verdict.reason}`);
}

/** The approval stands; only its time is counted anew, because the change could not begin earlier. */
export function renewed(context: WorkerContext, record: ChangeRecord): ChangeRecord {
  assertApproved(context, record);
  if (record.approval === undefined) return record;
  const { mac: _old, ...approval } = record.approval;
  const notAfter = context.clock.now() + approvalValidMs;
  return { ...record, approval: signApproval({ ...approval, notAfter }, context.signingKey) };
}
