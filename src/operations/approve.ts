import { assertGenuineRequest, signApproval } from '../domain/approval.ts';
import type { ChangeRecord } from '../domain/change.ts';
import { type Fault, faultOf, OperationError } from '../domain/errors.ts';
import { type Environment, findService } from '../domain/inventory.ts';
import { mayApprove, mayDeny, whyNotWaiting } from '../policy/approval-rule.ts';
import { assertAdmitted, assertAllowed, type Standing, standingIn } from './access.ts';
import type { FrontContext } from './context.ts';
import { followUp } from './follow-up.ts';
import { approvalValidMs } from './limits.ts';
import type { Asker, Decision, DecisionReply } from './operations.ts';

const DIGEST_PREFIX = /^[0-9a-f]{4,64}$/;

function environmentOf(context: FrontContext, record: ChangeRecord): Environment {
  const service = findService(context.inventory, record.request.command.service);
  if (service === undefined) {
    throw new OperationError(
      'STALE',
      `${record.request.command.service} is no longer in the inventory; nothing was changed.`,
    );
  }
  return service.environment;
}

function assertWaiting(record: ChangeRecord, now: number): void {
  if (record.state !== 'waiting') {
    throw new OperationError('NOT_WAITING', `Change ${record.id}: ${whyNotWaiting(record)}`);
  }
  if (record.expiresAt !== undefined && now >= record.expiresAt) {
    throw new OperationError(
      'EXPIRED',
      `Change ${record.id} expired before anybody agreed; nothing was changed. Ask again.`,
    );
  }
}

/** What was clicked must be what is stored: the same plan, on the card that stands in the channel now. */
async function assertSeen(context: FrontContext, record: ChangeRecord, decision: Decision) {
  const digest = record.plan?.digest ?? '';
  const prefix = decision.digestPrefix?.toLowerCase();
  if (decision.verb === 'approve' || prefix !== undefined) {
    if (prefix === undefined || !DIGEST_PREFIX.test(prefix) || !digest.startsWith(prefix)) {
      // The right characters are not told: they prove that somebody looked at the card.
      throw new OperationError(
        'WRONG_CARD',
        `${prefix ?? 'Nothing'} is not the beginning of the plan of change ${record.id}: look at the card again.`,
      );
    }
  }
  if (decision.cardTs === undefined) return;
  const { place } = await context.stores.cards.get(record.id);
  if (place !== undefined && place.ts !== decision.cardTs) {
    throw new OperationError(
      'WRONG_CARD',
      `That is an old card of change ${record.id}; decide on the newest one.`,
    );
  }
}

function assertMayDecide(
  record: ChangeRecord,
  decision: Decision,
  userId: string,
  environment: Environment,
  standing: Standing,
): void {
  switch (decision.verb) {
    case 'approve':
      assertAllowed(mayApprove(record, environment, userId, standing.roles), standing);
      return;
    case 'deny':
      assertAllowed(mayDeny(record, environment, standing.roles), standing);
      return;
    case 'cancel':
      if (record.request.actor.id === userId) return;
      throw new OperationError(
        'NOT_ALLOWED',
        'Only the person who asked can cancel; an approver can deny.',
      );
  }
}

async function approved(
  context: FrontContext,
  record: ChangeRecord,
  userId: string,
): Promise<ChangeRecord> {
  const now = context.clock.now();
  const sequence = await context.stores.changes.nextSequence();
  return context.stores.changes.update(record.id, (latest) => {
    assertWaiting(latest, now);
    const digest = latest.plan?.digest;
    if (digest === undefined || digest !== record.plan?.digest) {
      throw new OperationError('WRONG_CARD', `The plan of change ${record.id} is another one now.`);
    }
    const approval = signApproval(
      {
        changeId: record.id,
        digest,
        by: userId,
        at: now,
        notAfter: now + approvalValidMs,
        sequence,
      },
      context.signingKey,
    );
    return { ...latest, state: 'approved', approval };
  });
}

function dropped(
  context: FrontContext,
  record: ChangeRecord,
  verb: 'deny' | 'cancel',
  userId: string,
): Promise<ChangeRecord> {
  const now = context.clock.now();
  return context.stores.changes.update(record.id, (latest) => {
    // What is approved but not yet begun can still be called back by the person who asked for it.
    if (verb !== 'cancel' || latest.state !== 'approved') assertWaiting(latest, now);
    return { ...latest, state: verb === 'deny' ? 'denied' : 'cancelled', decidedBy: userId };
  });
}

async function decided(
  context: FrontContext,
  decision: Decision,
  asker: Asker,
): Promise<ChangeRecord> {
  const userId = asker.actor.id;
  if (decision.verb !== 'cancel' && asker.actor.via !== 'slack') {
    throw new OperationError('NOT_ALLOWED', `\`${decision.verb}\` is given in Slack only.`);
  }
  const record = await context.stores.changes.get(decision.changeId);
  if (record === undefined) {
    throw new OperationError('NOT_FOUND', `There is no change ${decision.changeId}.`);
  }
  assertGenuineRequest(record.request, context.signingKey);
  const environment = environmentOf(context, record);
  if (context.directory !== undefined) {
    await assertAdmitted(userId, context.directory);
    const standing = await standingIn(environment, userId, context.directory);
    assertMayDecide(record, decision, userId, environment, standing);
  } else {
    assertMayDecide(record, decision, userId, environment, { roles: new Set() });
  }
  if (decision.verb !== 'cancel' || record.state !== 'approved') {
    assertWaiting(record, context.clock.now());
  }
  await assertSeen(context, record, decision);
  return decision.verb === 'approve'
    ? approved(context, record, userId)
    : dropped(context, record, decision.verb, userId);
}

const AUDIT_KIND = { approve: 'approved', deny: 'denied', cancel: 'cancelled' } as const;

/**
 * A person's yes, no or never mind. Every refusal is a sentence that is true at that moment; a yes is one atomic
 * step from `waiting` to `approved`, so of many clicks one counts. Refused decisions are audited too.
 */
export async function decide(
  context: FrontContext,
  decision: Decision,
  asker: Asker,
): Promise<DecisionReply> {
  try {
    const record = await decided(context, decision, asker);
    await consequences(context, decision, asker, record);
    return { kind: 'taken', changeId: record.id, state: record.state };
  } catch (thrown) {
    const fault = truthfulFault(faultOf(thrown));
    if (fault.code === 'INTERNAL') {
      context.log.error('Deciding failed', { changeId: decision.changeId, error: thrown });
    }
    await context.stores.audit
      .append({
        kind: 'refused',
        changeId: decision.changeId,
        actor: asker.actor.id,
        detail: { verb: decision.verb, fault },
      })
      .catch(() => undefined);
    return { kind: 'refused', fault };
  }
}

/** A write to Redis that timed out may have landed: then nobody may be told that nothing happened. */
function truthfulFault(fault: Fault): Fault {
  if (fault.code !== 'STORE_UNAVAILABLE') return fault;
  return {
    code: fault.code,
    message: `Redis did not answer, so it is not known whether this counted; the card will show it. (${fault.message})`,
  };
}

/** The decision stands already: what cannot be done now is done by the sweep. */
async function consequences(
  context: FrontContext,
  decision: Decision,
  asker: Asker,
  record: ChangeRecord,
): Promise<void> {
  try {
    await context.stores.audit.append({
      kind: AUDIT_KIND[decision.verb],
      changeId: record.id,
      actor: asker.actor.id,
      detail: { digest: record.plan?.digest, sequence: record.approval?.sequence },
    });
    await followUp(context, record);
  } catch (error) {
    context.log.warn('A decision is kept, its consequences wait for the sweep', {
      changeId: record.id,
      error,
    });
  }
}

/** Drops a plan nobody agreed to in time. Early or late calls change nothing. */
export async function expire(context: FrontContext, changeId: string): Promise<void> {
  const now = context.clock.now();
  const before = await context.stores.changes.get(changeId);
  if (before?.state !== 'waiting') return;
  const record = await context.stores.changes.update(changeId, (latest) => {
    if (latest.state !== 'waiting' || now < (latest.expiresAt ?? 0)) return undefined;
    return { ...latest, state: 'expired' };
  });
  if (record.state !== 'expired') return;
  await context.stores.audit.append({
    kind: 'expired',
    changeId,
    actor: 'lb-chatops',
    detail: { expiresAt: record.expiresAt },
  });
  await followUp(context, record);
}
