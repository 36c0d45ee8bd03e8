import { assertGenuineRecord, genuineVotes, signApproval, signVote } from '../domain/approval.ts';
import type { AuditKind } from '../domain/audit.ts';
import type { ChangeRecord } from '../domain/change.ts';
import { type Fault, faultOf, OperationError } from '../domain/errors.ts';
import { assertAdmitted, type Standing, standingIn } from './access.ts';
import type { FrontContext } from './context.ts';
import {
  assertDecidable,
  assertMayDecide,
  assertSeen,
  assertWaiting,
  environmentOf,
} from './decision-checks.ts';
import { followUp } from './follow-up.ts';
import { approvalValidMs, remindBeforeMs } from './limits.ts';
import type { Asker, Decision, DecisionReply } from './operations.ts';
import { retimeHolds } from './remember.ts';
import { atFirstWrite, endedAtRest, isResting } from './stages.ts';

/** Adds one person's yes; the last one needed approves the change, in one atomic step. */
async function approved(
  context: FrontContext,
  record: ChangeRecord,
  userId: string,
): Promise<ChangeRecord> {
  const now = context.clock.now();
  const { signingKey } = context;
  const required = Math.max(1, environmentOf(context, record).approval.required);
  const sequence = await context.stores.changes.nextSequence();
  const life = await context.stores.life.current();
  return context.stores.changes.update(record.id, (latest) => {
    assertWaiting(latest, now);
    const digest = latest.plan?.digest;
    if (digest === undefined || digest !== record.plan?.digest) {
      throw new OperationError('WRONG_CARD', `The plan of change ${record.id} is another one now.`);
    }
    const earlier = genuineVotes(latest, signingKey);
    if (earlier.some(({ by }) => by === userId)) {
      throw new OperationError('NOT_WAITING', `You approved change ${record.id} already.`);
    }
    const vote = signVote({ changeId: record.id, digest, by: userId, at: now }, signingKey);
    const votes = [...earlier, vote];
    if (votes.length < required) return { ...latest, votes };
    const approval = signApproval(
      {
        changeId: record.id,
        digest,
        kind: 'people',
        by: userId,
        votes: votes.map(({ by }) => by),
        at: now,
        notAfter: now + approvalValidMs,
        sequence,
        life,
        ...(latest.round === undefined ? {} : { round: latest.round }),
      },
      signingKey,
    );
    return atFirstWrite({ ...latest, state: 'approved', votes, approval }, now);
  });
}

/** What a cancelled change at rest leaves behind, in words. */
function leftAsIs(record: ChangeRecord): string {
  const members = record.plan?.members.join(', ') ?? '';
  return record.state === 'draining'
    ? `The wait was cancelled; ${members} stays drained until somebody changes it.`
    : `The time box was cancelled; ${members} stays as it is until somebody changes it.`;
}

function dropped(
  context: FrontContext,
  record: ChangeRecord,
  verb: 'deny' | 'cancel',
  userId: string,
): Promise<ChangeRecord> {
  const now = context.clock.now();
  return context.stores.changes.update(record.id, (latest) => {
    assertDecidable(latest, { verb, changeId: record.id }, now);
    if (isResting(latest)) return endedAtRest(latest, leftAsIs(latest), now);
    return { ...latest, state: verb === 'deny' ? 'denied' : 'cancelled', decidedBy: userId };
  });
}

function extended(
  context: FrontContext,
  record: ChangeRecord,
  forMs: number,
): Promise<ChangeRecord> {
  return context.stores.changes.update(record.id, (latest) => {
    if (latest.hold === undefined || latest.state !== 'holding') {
      throw new OperationError('NOT_WAITING', `Change ${record.id} has no time box that runs now.`);
    }
    const until = latest.hold.until + forMs;
    return {
      ...latest,
      hold: {
        until,
        remindAt: Math.max(latest.hold.remindAt, until - remindBeforeMs),
        reminded: false,
      },
    };
  });
}

function acknowledged(
  context: FrontContext,
  record: ChangeRecord,
  userId: string,
): Promise<ChangeRecord> {
  const at = context.clock.now();
  return context.stores.changes.update(record.id, (latest) =>
    latest.acknowledged === undefined ? { ...latest, acknowledged: { by: userId, at } } : undefined,
  );
}

function carriedOut(
  context: FrontContext,
  record: ChangeRecord,
  decision: Decision,
  userId: string,
): Promise<ChangeRecord> {
  switch (decision.verb) {
    case 'approve':
      return approved(context, record, userId);
    case 'deny':
    case 'cancel':
      return dropped(context, record, decision.verb, userId);
    case 'extend':
      if (decision.forMs === undefined) {
        throw new OperationError('USAGE', 'Say for how long, for instance `extend <id> 30m`.');
      }
      return extended(context, record, decision.forMs);
    case 'acknowledge':
      return acknowledged(context, record, userId);
  }
}

/** What the shell may decide: to leave things. Everything else needs a role, and a shell cannot see groups. */
const SHELL_DECISIONS: readonly Decision['verb'][] = ['cancel'];

async function decided(
  context: FrontContext,
  decision: Decision,
  asker: Asker,
): Promise<ChangeRecord> {
  const userId = asker.actor.id;
  if (asker.actor.via !== 'slack' && !SHELL_DECISIONS.includes(decision.verb)) {
    throw new OperationError('NOT_ALLOWED', `\`${decision.verb}\` is given in Slack only.`);
  }
  const record = await context.stores.changes.get(decision.changeId);
  if (record === undefined) {
    throw new OperationError('NOT_FOUND', `There is no change ${decision.changeId}.`);
  }
  assertGenuineRecord(record, context.signingKey);
  const environment = environmentOf(context, record);
  // A shell without Slack knows nobody's groups: then only what needs no role can be decided there.
  let standing: Standing = { roles: new Set() };
  if (context.directory !== undefined) {
    await assertAdmitted(userId, context.directory);
    standing = await standingIn(environment, userId, context.directory);
  }
  assertMayDecide(record, decision, userId, environment, standing);
  assertDecidable(record, decision, context.clock.now());
  await assertSeen(context, record, decision);
  return carriedOut(context, record, decision, userId);
}

/** A yes that is not the last one needed is a vote; the audit log keeps them apart. */
function auditKind(decision: Decision, record: ChangeRecord): AuditKind {
  switch (decision.verb) {
    case 'approve':
      return record.approval === undefined ? 'voted' : 'approved';
    case 'deny':
      return 'denied';
    case 'cancel':
      return 'cancelled';
    case 'extend':
      return 'extended';
    case 'acknowledge':
      return 'acknowledged';
  }
}

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
      kind: auditKind(decision, record),
      changeId: record.id,
      actor: asker.actor.id,
      detail: { digest: record.plan?.digest, sequence: record.approval?.sequence },
    });
    if (decision.verb === 'extend' || decision.verb === 'cancel')
      await retimeHolds(context, record);
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
