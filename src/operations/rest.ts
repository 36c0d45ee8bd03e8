import type { ChangeState } from '../domain/change.ts';
import { faultOf } from '../domain/errors.ts';
import type { CardContext, MessagePlace, RestKind } from '../ports/announcer.ts';
import type { CardPlace } from '../ports/records.ts';
import type { WorkerContext } from './context.ts';

/** Cards that show tables and stay for a while. */
function restKind(state: ChangeState): RestKind | undefined {
  if (state === 'waiting' || state === 'refused') return 'plan';
  if (state === 'holding') return 'holding';
  return state === 'done' || state === 'failed' || state === 'half-done' ? 'outcome' : undefined;
}

/** Which rest this card still owes its thread; undefined when there is none, or when it stands there. */
export function restDue(
  context: Pick<WorkerContext, 'announcer'>,
  card: CardContext,
  shown: CardPlace,
): RestKind | undefined {
  const kind = restKind(card.record.state);
  if (kind === undefined || shown.rest?.[kind] === 'posted') return undefined;
  return context.announcer.restCount(card) === 0 ? undefined : kind;
}

/**
 * Puts what the card has no room for into its thread, once: the beginning is noted, and after a beginning without an
 * end the thread is read before anything is posted. Returns what is now known of the card.
 */
export async function postRest<Shown extends CardPlace & { readonly place: MessagePlace }>(
  context: WorkerContext,
  card: CardContext,
  shown: Shown,
): Promise<Shown> {
  const kind = restDue(context, card, shown);
  if (kind === undefined) return shown;
  const { cards } = context.stores;
  const { id } = card.record;
  const lookFirst = shown.rest?.[kind] === 'begun';
  if (!lookFirst) await cards.put(id, { ...shown, rest: { ...shown.rest, [kind]: 'begun' } });
  try {
    await context.announcer.postRest(shown.place, card, { kind, lookFirst });
  } catch (thrown) {
    // Where the channel takes nothing any more the card itself moves; what it says of the rest stays true.
    if (faultOf(thrown).code !== 'CHANNEL_CLOSED') throw thrown;
    context.log.warn('The rest of a card could not be posted', { changeId: id, error: thrown });
  }
  const posted = { ...shown, rest: { ...shown.rest, [kind]: 'posted' as const } };
  await cards.put(id, posted);
  return posted;
}
