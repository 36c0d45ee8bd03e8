import { approvedPlan } from '../domain/approval.ts';
import { type ChangeRecord, isOpen } from '../domain/change.ts';
import type { ErrorCode } from '../domain/errors.ts';
import { findSubject } from '../domain/inventory.ts';
import type { CapacityClaim } from '../ports/records.ts';
import type { WorkerContext } from './context.ts';
import { answerValidMs, idleLookEveryMs, passingStateMs } from './limits.ts';
import { isResting } from './stages.ts';

/** Faults that concern the asker alone: they are whispered, not posted. */
const PRIVATE_FAULTS: readonly ErrorCode[] = [
  'USAGE',
  'NOT_ALLOWED',
  'NO_SUCH_MEMBER',
  'TOO_MANY_OPEN',
  'FROZEN',
  'CLAIMED',
  'EXPIRED',
  'DIRECTORY_UNAVAILABLE',
  'CHANNEL_CLOSED',
];

/** True when the outcome is told to the asker alone: nothing was ever planned, and the reason is theirs. */
export function isPrivate(record: ChangeRecord): boolean {
  return (
    record.plan === undefined &&
    record.fault !== undefined &&
    PRIVATE_FAULTS.includes(record.fault.code)
  );
}

/** Channel the card of this change lives in; undefined when it was asked in a shell and the service has none. */
export function channelOf(
  context: Pick<WorkerContext, 'inventory'>,
  record: ChangeRecord,
): string | undefined {
  const service = findSubject(context.inventory, record.request.command.service);
  return service?.channel ?? record.request.origin.channel ?? context.inventory.announce?.channel;
}

/** The members an approved change takes out, as the guard of others must count them. */
export function claimsOf(record: ChangeRecord): readonly CapacityClaim[] {
  const { plan, approval } = record;
  if (plan === undefined || approval === undefined) return [];
  return plan.steps
    .filter((step) => step.after.admin !== 'enabled')
    .map(({ balancer, pool, member }) => ({
      changeId: record.id,
      sequence: approval.sequence,
      balancer,
      pool,
      member,
    }));
}

/**
 * Sees to what a record's state asks for: its jobs, its timer, its card. Every part can be done twice, so a
 * process that died between the record and its consequences leaves nothing that a later call does not mend.
 */
export async function followUp(
  context: Pick<WorkerContext, 'inventory' | 'queue' | 'stores' | 'signingKey' | 'clock'>,
  record: ChangeRecord,
): Promise<void> {
  const { queue, stores } = context;
  if (record.state === 'waiting' && record.expiresAt !== undefined) {
    await queue.scheduleExpiry(record.id, record.expiresAt);
  }
  if (record.state === 'approved' || record.state === 'running' || record.state === 'unknown') {
    // Genuine first: what is forged claims nothing.
    const approved = approvedPlan(record, context.signingKey);
    await stores.claims.put(record.id, claimsOf(record));
    await queue.submitApproved(approved, record.stage);
    await releaseIfOver(stores, record.id);
  }
  if (isResting(record)) {
    await stores.claims.put(record.id, claimsOf(record));
    await queue.scheduleWake(record.id, wakeAt(record, context.clock.now()));
  }
  if (!isOpen(record.state)) await stores.claims.release(record.id);
  if (isPrivate(record)) return whisperFault(context, record);
  if (record.state === 'planning') return;
  // A card with buttons must lose them at once; one that nobody was asked about can wait for the outcome.
  const passing = record.state === 'approved' && record.expiresAt === undefined;
  await queue.refreshCard(record.id, record.revision, passing ? passingStateMs : 0);
}

/** The change may have ended between its reading and its claims: then nobody else gives them back. */
async function releaseIfOver(stores: WorkerContext['stores'], changeId: string): Promise<void> {
  const latest = await stores.changes.get(changeId);
  if (latest === undefined || !isOpen(latest.state)) await stores.claims.release(changeId);
}

/** When a change at rest wants to be looked at next. */
export function wakeAt(record: ChangeRecord, now: number): number {
  const { hold, idleWait } = record;
  if (record.state === 'holding' && hold !== undefined) {
    return hold.reminded ? hold.until : Math.min(hold.remindAt, hold.until);
  }
  return Math.min(nextLook(now), idleWait?.until ?? now);
}

/** On whole steps of time, so that timers started twice are one timer. */
export function nextLook(now: number): number {
  return (Math.floor(now / idleLookEveryMs) + 1) * idleLookEveryMs;
}

async function whisperFault(
  context: Pick<WorkerContext, 'queue' | 'clock'>,
  record: ChangeRecord,
): Promise<void> {
  const { channel } = record.request.origin;
  if (channel === undefined || record.fault === undefined) return;
  const { command } = record.request;
  await context.queue.whisper({
    id: `refused.${record.id}`,
    channel,
    user: record.request.actor.id,
    whisper: {
      kind: 'text',
      text: `${command.verb} was refused, nothing was changed. ${record.fault.message}`,
    },
    notAfter: context.clock.now() + answerValidMs,
  });
}
