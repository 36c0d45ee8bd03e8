import { isOpen } from '../domain/change.ts';
import type { Fault } from '../domain/errors.ts';
import type { WorkerContext } from './context.ts';
import { followUp } from './follow-up.ts';

/** Somebody wrote a record that nobody of ours approved: it ends here, and the log and the audit say so. */
export async function refuseForged(
  context: WorkerContext,
  changeId: string,
  fault: Fault,
): Promise<void> {
  context.log.error('A forged change was refused', { changeId, fault });
  await context.stores.audit.append({
    kind: 'refused',
    changeId,
    actor: 'lb-chatops',
    detail: { fault },
  });
  const record = await context.stores.changes.update(changeId, (latest) =>
    isOpen(latest.state) ? { ...latest, state: 'refused', fault } : undefined,
  );
  await followUp(context, record);
}
