import { type ChangeRecord, isOpen } from '../domain/change.ts';
import { faultOf, OperationError } from '../domain/errors.ts';
import { findSubject } from '../domain/inventory.ts';
import type { CardContext, MessagePlace } from '../ports/announcer.ts';
import type { NoticeJob, WhisperJob } from '../ports/queue.ts';
import type { CardPlace } from '../ports/records.ts';
import { leftByHand } from './by-hand.ts';
import type { WorkerContext } from './context.ts';
import { channelOf, isPrivate } from './follow-up.ts';
import { postRest, restDue } from './rest.ts';

/** Messages posted a little before our own note of it count as ours: clocks differ. */
const CLOCK_SLACK_MS = 60_000;

function environmentOf(context: WorkerContext, record: ChangeRecord) {
  return findSubject(context.inventory, record.request.command.service)?.environment;
}

function approversOf(context: WorkerContext, record: ChangeRecord): readonly string[] {
  const roles = environmentOf(context, record)?.roles;
  const named = record.asks === 'approver' ? roles?.approvers : roles?.operators;
  return named === undefined || named === 'workspace' ? [] : named;
}

function cardOf(context: WorkerContext, record: ChangeRecord, maybeCopy: boolean): CardContext {
  return {
    record,
    approvers: approversOf(context, record),
    required: environmentOf(context, record)?.approval.required ?? 0,
    byHand: byHandOf(context, record),
    maybeCopy,
  };
}

/** A card without these lines is better than none: a balancer may have left the inventory since. */
function byHandOf(context: WorkerContext, record: ChangeRecord): readonly string[] {
  try {
    return leftByHand(record, context.adapterOf);
  } catch {
    return [];
  }
}

/**
 * Posts the card where none is known. Slack has no key that makes a post happen once; so the beginning is noted,
 * and after a post whose end was not seen the channel is read back before another is made.
 */
async function post(
  context: WorkerContext,
  record: ChangeRecord,
  channel: string,
  known: CardPlace,
): Promise<MessagePlace> {
  const { cards } = context.stores;
  let maybeCopy = false;
  if (known.postingSince !== undefined) {
    try {
      const since = known.postingSince - CLOCK_SLACK_MS;
      const found = await context.announcer.findCard(channel, record.id, since);
      // What cannot be edited is the older card that this one replaces: the new one did not arrive.
      if (found !== undefined && (await edited(context, record, found))) return found;
    } catch (thrown) {
      if (faultOf(thrown).code === 'SLACK_UNAVAILABLE') throw thrown;
      maybeCopy = true;
    }
  }
  const postingSince = known.postingSince ?? context.clock.now();
  await cards.put(record.id, { ...known, postingSince });
  try {
    return await postWhereTaken(context, record, channel, maybeCopy);
  } catch (thrown) {
    // A rate limit is a plain refusal: nothing was posted.
    const isLimit = thrown instanceof OperationError && thrown.retryAfterMs !== undefined;
    if (isLimit) await cards.put(record.id, known);
    throw thrown;
  }
}

/** In the channel, or to whoever asked where the channel takes nothing from the bot. */
async function postWhereTaken(
  context: WorkerContext,
  record: ChangeRecord,
  channel: string,
  maybeCopy: boolean,
): Promise<MessagePlace> {
  const card = cardOf(context, record, maybeCopy);
  try {
    return await context.announcer.postCard(channel, card);
  } catch (thrown) {
    if (faultOf(thrown).code !== 'CHANNEL_CLOSED') throw thrown;
    return context.announcer.postDirect(record.request.actor.id, card);
  }
}

/** False when the message is past editing, or the bot was put out of its channel: a new one is needed. */
async function edited(
  context: WorkerContext,
  record: ChangeRecord,
  place: MessagePlace,
): Promise<boolean> {
  try {
    return await context.announcer.editCard(place, cardOf(context, record, false));
  } catch (thrown) {
    if (faultOf(thrown).code === 'CHANNEL_CLOSED') return false;
    throw thrown;
  }
}

async function show(
  context: WorkerContext,
  record: ChangeRecord,
  channel: string,
  known: CardPlace,
): Promise<MessagePlace> {
  if (known.place === undefined) return post(context, record, channel, known);
  if (await edited(context, record, known.place)) return known.place;
  const { place: _gone, ...rest } = known;
  return post(context, record, channel, rest);
}

async function end(
  context: WorkerContext,
  record: ChangeRecord,
  shown: CardPlace & { place: MessagePlace },
): Promise<void> {
  if (isOpen(record.state) || shown.ending === 'posted') return;
  const { cards } = context.stores;
  const lookFirst = shown.ending === 'begun';
  if (!lookFirst) await cards.put(record.id, { ...shown, ending: 'begun' });
  const card = cardOf(context, record, false);
  try {
    await context.announcer.postEnding(shown.place, card, { lookFirst });
  } catch (thrown) {
    if (faultOf(thrown).code !== 'CHANNEL_CLOSED') throw thrown;
    await context.announcer.postDirect(record.request.actor.id, card);
  }
  await cards.put(record.id, { ...shown, ending: 'posted' });
}

/**
 * Brings the card in Slack to the record's newest revision. The record is the truth and the card its view, so
 * calls may be late, doubled or out of order. Throws SLACK_UNAVAILABLE when it must be tried again.
 */
export async function refreshCard(context: WorkerContext, changeId: string): Promise<void> {
  const { cards, changes } = context.stores;
  await cards.alone(changeId, async () => {
    const [record, known] = await Promise.all([changes.get(changeId), cards.get(changeId)]);
    if (record === undefined || record.state === 'planning' || isPrivate(record)) return;
    const channel = channelOf(context, record);
    if (channel === undefined) return;
    const card = cardOf(context, record, false);
    const ended = isOpen(record.state) || known.ending === 'posted';
    const whole = ended && restDue(context, card, known) === undefined;
    if (known.revisionShown >= record.revision && whole) return;
    let shown = known;
    if (known.place === undefined || known.revisionShown < record.revision) {
      const place = await show(context, record, channel, known);
      const { ending, rest } = known;
      const kept = rest === undefined ? { ending } : { ending, rest };
      shown = { place, revisionShown: record.revision, ...kept };
      await cards.put(changeId, shown);
    }
    if (shown.place === undefined) return;
    const told = await postRest(context, card, { ...shown, place: shown.place });
    await end(context, record, told);
  });
}

/** Delivers a word to one person, unless it is too late for it to be of use. */
export async function whisper(context: WorkerContext, job: WhisperJob): Promise<void> {
  if (context.clock.now() > job.notAfter) {
    context.log.warn('A whisper came too late and was dropped', { id: job.id });
    return;
  }
  try {
    await context.announcer.whisper(job.channel, job.user, job.whisper);
  } catch (thrown) {
    if (faultOf(thrown).code === 'SLACK_UNAVAILABLE') throw thrown;
    context.log.warn('A whisper could not be delivered', { id: job.id, error: thrown });
  }
}

/** Posts a word to a channel, in the thread of its change where there is one. */
export async function notice(context: WorkerContext, job: NoticeJob): Promise<void> {
  const { changeId, channel, text, mentions } = job;
  const card = changeId === undefined ? undefined : await context.stores.cards.get(changeId);
  const thread = card?.place;
  try {
    await context.announcer.notice({
      channel: thread?.channel ?? channel,
      text,
      mentions,
      ...(thread === undefined ? {} : { threadTs: thread.ts }),
    });
  } catch (thrown) {
    if (faultOf(thrown).code === 'SLACK_UNAVAILABLE') throw thrown;
    context.log.warn('A notice could not be delivered', { id: job.id, error: thrown });
  }
}
