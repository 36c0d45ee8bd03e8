import { isOpen } from '../domain/change.ts';
import { faultOf } from '../domain/errors.ts';
import { expire } from './approve.ts';
import type { WorkerContext } from './context.ts';
import { channelOf, followUp, isPrivate } from './follow-up.ts';
import { refuseForged } from './forged.ts';

/**
 * Looks through every open change and sees to what its state asks for: a timer that was lost, a job that was never
 * queued because the process died after the decision. Doing it again changes nothing.
 */
export async function sweep(context: WorkerContext): Promise<void> {
  const { changes } = context.stores;
  for (const changeId of await changes.open()) {
    try {
      const record = await changes.get(changeId);
      if (record === undefined) continue;
      const now = context.clock.now();
      if (record.state === 'waiting' && now >= (record.expiresAt ?? Number.POSITIVE_INFINITY)) {
        await expire(context, changeId);
      } else if (record.state === 'planning' && now > record.request.notAfter) {
        await dropUnplanned(context, changeId);
      } else if (record.state === 'planning') {
        await context.queue.submitPlan(record.request);
      } else await followUp(context, record);
    } catch (thrown) {
      const fault = faultOf(thrown);
      context.log.warn('Sweeping a change failed', { changeId, fault });
      if (fault.code === 'BAD_SIGNATURE') await refuseForged(context, changeId, fault);
      if (fault.code === 'STORE_UNAVAILABLE') return;
    }
  }
  await refreshLateCards(context);
}

const CARDS_LOOKED_AT = 50;
const CARD_AGE_MAX_MS = 24 * 3_600_000;

/** Cards of ended changes that do not show the end yet: the process died between the record and its job. */
async function refreshLateCards(context: WorkerContext): Promise<void> {
  const { cards, changes } = context.stores;
  const youngest = context.clock.now() - CARD_AGE_MAX_MS;
  for (const record of await changes.recent(CARDS_LOOKED_AT)) {
    const shows = channelOf(context, record) !== undefined && !isPrivate(record);
    if (isOpen(record.state) || record.updatedAt < youngest || !shows) continue;
    const card = await cards.get(record.id);
    if (card.revisionShown < record.revision || card.ending !== 'posted') {
      await context.queue.refreshCard(record.id, record.revision);
    }
  }
}

/** Its planning never ended and nobody waits for it any more. */
async function dropUnplanned(context: WorkerContext, changeId: string): Promise<void> {
  const record = await context.stores.changes.update(changeId, (latest) =>
    latest.state === 'planning'
      ? {
          ...latest,
          state: 'refused',
          fault: { code: 'EXPIRED', message: 'Planning did not end in time; nothing was changed.' },
        }
      : undefined,
  );
  await followUp(context, record);
}
