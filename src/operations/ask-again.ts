import type { ChangeRecord } from '../domain/change.ts';
import { findSubject } from '../domain/inventory.ts';
import type { WorkerContext } from './context.ts';
import { channelOf } from './follow-up.ts';

/**
 * True for an approval that was given in another life of the store and of which nothing was begun yet. What came
 * after it (a cancel, or all of the change and its undoing) may be lost, so it is no longer known that it holds. Of
 * what was begun the devices know how far it is: that goes on as after any crash.
 */
export function isOfAnotherLife(record: ChangeRecord, life: string): boolean {
  const { approval } = record;
  if (record.state !== 'approved' || record.runs > 0 || record.outcome !== undefined) return false;
  // A restore is no person's decision: it is made anew from what the device shows.
  if (approval === undefined || approval.kind === 'restore') return false;
  return approval.life !== undefined && approval.life !== life;
}

const WHY = 'Redis failed over or lost data between the approval and the first write';

/** The record as it waits again, with new time; where the glass was broken, the end: whoever did so is still there. */
export function askedAgain(context: WorkerContext, record: ChangeRecord): ChangeRecord {
  const { approval, votes: _votes, idleWait: _idle, hold: _hold, plan, ...rest } = record;
  const service = findSubject(context.inventory, record.request.command.service);
  if (service === undefined || plan === undefined || approval?.kind === 'break glass') {
    const message = `${WHY}; nothing was changed. Say it again.`;
    return { ...record, state: 'expired', fault: { code: 'EXPIRED', message } };
  }
  const warning = { text: `${WHY}: it must be approved again.`, asks: true };
  return {
    ...rest,
    state: 'waiting',
    stage: 0,
    asks: record.asks ?? 'operator',
    round: (record.round ?? 0) + 1,
    expiresAt: context.clock.now() + service.environment.approval.expiresMs,
    plan: { ...plan, warnings: [...plan.warnings, warning] },
  };
}

/** Tells those who thought that it was decided. Saying it twice is saying it once. */
export async function sayAskedAgain(context: WorkerContext, record: ChangeRecord): Promise<void> {
  const round = record.round ?? 0;
  if (round === 0) return;
  await context.stores.audit.append({
    kind: 'asked-again',
    changeId: record.id,
    actor: 'lb-chatops',
    detail: { round },
  });
  const channel = channelOf(context, record);
  if (channel === undefined) return;
  const { roles } =
    findSubject(context.inventory, record.request.command.service)?.environment ?? {};
  const named = record.asks === 'approver' ? roles?.approvers : roles?.operators;
  await context.queue.notice({
    id: `asked-again.${record.id}.${round}`,
    channel,
    changeId: record.id,
    mentions: named === undefined || named === 'workspace' ? [record.request.actor.id] : named,
    text: `Change ${record.id} must be approved again: ${WHY}. Nothing of it was written.`,
  });
}
