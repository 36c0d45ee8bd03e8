import { signApproval } from '../domain/approval.ts';
import type { ChangeRecord } from '../domain/change.ts';
import type { WorkerContext } from './context.ts';
import { approvalValidMs } from './limits.ts';

/** The approval stands; only its time is counted anew, because the change could not begin earlier. */
export function renewed(context: WorkerContext, record: ChangeRecord): ChangeRecord {
  if (record.approval === undefined) return record;
  const { mac: _old, ...approval } = record.approval;
  const notAfter = context.clock.now() + approvalValidMs;
  return { ...record, approval: signApproval({ ...approval, notAfter }, context.signingKey) };
}
