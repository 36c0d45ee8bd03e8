import type { ChangeRecord } from '../domain/change.ts';
import { OperationError } from '../domain/errors.ts';
import { type Environment, findSubject } from '../domain/inventory.ts';
import { mayRun } from '../policy/access.ts';
import { mayApprove, mayDeny, whyNotWaiting } from '../policy/approval-rule.ts';
import { assertAllowed, type Standing } from './access.ts';
import type { FrontContext } from './context.ts';
import type { Decision } from './operations.ts';
import { isResting } from './stages.ts';

const DIGEST_PREFIX = /^[0-9a-f]{4,64}$/;

/** The environment of a change, by the inventory of now. Throws STALE when its service is gone. */
export function environmentOf(
  context: Pick<FrontContext, 'inventory'>,
  record: ChangeRecord,
): Environment {
  const service = findSubject(context.inventory, record.request.command.service);
  if (service === undefined) {
    throw new OperationError(
      'STALE',
      `${record.request.command.service} is no longer in the inventory; nothing was changed.`,
    );
  }
  return service.environment;
}

/** Throws NOT_WAITING or EXPIRED with the sentence that is true now. */
export function assertWaiting(record: ChangeRecord, now: number): void {
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

/** Is the change in a state in which this decision means anything? */
export function assertDecidable(record: ChangeRecord, decision: Decision, now: number): void {
  switch (decision.verb) {
    case 'approve':
    case 'deny':
      assertWaiting(record, now);
      return;
    case 'cancel':
      // What is approved but not begun can be called back; what is at rest can be left as it is.
      if (record.state !== 'approved' && !isResting(record)) assertWaiting(record, now);
      return;
    case 'extend':
      if (record.state === 'holding') return;
      throw new OperationError(
        'NOT_WAITING',
        `Change ${record.id} has no time box that runs now (${record.state}).`,
      );
    case 'acknowledge':
      if (record.approval?.kind !== 'break glass') {
        throw new OperationError('NOT_WAITING', `Change ${record.id} broke no glass.`);
      }
      if (record.acknowledged === undefined) return;
      throw new OperationError(
        'NOT_WAITING',
        `Change ${record.id} was acknowledged already by ${record.acknowledged.by}.`,
      );
  }
}

/** What was clicked must be what is stored: the same plan, on the card that stands in the channel now. */
export async function assertSeen(
  context: FrontContext,
  record: ChangeRecord,
  decision: Decision,
): Promise<void> {
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

/** Throws NOT_ALLOWED with the reason, or why it could not be found out. */
export function assertMayDecide(
  record: ChangeRecord,
  decision: Decision,
  userId: string,
  environment: Environment,
  standing: Standing,
): void {
  const isRequester = record.request.actor.id === userId;
  switch (decision.verb) {
    case 'approve':
      assertAllowed(mayApprove(record, environment, userId, standing.roles), standing);
      return;
    case 'deny':
      assertAllowed(mayDeny(record, environment, standing.roles), standing);
      return;
    case 'cancel':
      if (isRequester || (isResting(record) && standing.roles.has('operator'))) return;
      throw new OperationError(
        'NOT_ALLOWED',
        'Only the person who asked can cancel; an approver can deny.',
      );
    case 'extend':
      assertAllowed(mayRun('extend', environment, standing.roles), standing);
      return;
    case 'acknowledge':
      if (isRequester) {
        throw new OperationError(
          'NOT_ALLOWED',
          'You broke the glass; somebody else must acknowledge it.',
        );
      }
      assertAllowed(mayRun('acknowledge', environment, standing.roles), standing);
      return;
  }
}
