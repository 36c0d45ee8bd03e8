import { faultOf, OperationError } from '../domain/errors.ts';
import { type Incident, severer } from '../domain/incident.ts';
import type { IncidentPost, MessagePlace } from '../ports/announcer.ts';
import type { CardPlace, IncidentTold } from '../ports/records.ts';
import type { WorkerContext } from './context.ts';
import { incidentEditEveryMs } from './limits.ts';
import { channelForIncident, isPosted, mentionsFor } from './route.ts';

/** Messages posted a little before our own note of it count as ours: clocks differ. */
const CLOCK_SLACK_MS = 60_000;

/** Where an incident is told: a channel, or the thread of the change that did it. */
interface Target {
  readonly channel: string;
  readonly threadTs?: string;
}

async function targetOf(
  { stores, inventory }: WorkerContext,
  incident: Incident,
): Promise<Target | undefined> {
  if (incident.changeId !== undefined) {
    const { place } = await stores.cards.get(incident.changeId);
    if (place !== undefined) return { channel: place.channel, threadTs: place.ts };
  }
  if (!isPosted(inventory, incident.worst) && incident.drift === undefined) return undefined;
  const channel = channelForIncident(inventory, incident);
  return channel === undefined ? undefined : { channel };
}

/** Asked for by one whose change did it: nobody else is called. */
function postOf({ inventory }: WorkerContext, incident: Incident): IncidentPost {
  const isOwn = incident.changeId !== undefined;
  const mentions = isOwn ? [] : mentionsFor(inventory, incident.worst);
  return { incident, mentions };
}

/**
 * Slack has no key that makes a post happen once: its beginning is noted, and after a post whose end was not seen the
 * channel is read back before another is made.
 */
async function post(
  context: WorkerContext,
  incident: Incident,
  target: Target,
  known: CardPlace,
): Promise<MessagePlace> {
  const { cards } = context.stores;
  const { channel, threadTs } = target;
  const message = postOf(context, incident);
  if (known.postingSince !== undefined) {
    try {
      const since = known.postingSince - CLOCK_SLACK_MS;
      const found = await context.announcer.findIncident(channel, incident.id, since, threadTs);
      if (found !== undefined && (await context.announcer.editIncident(found, message))) {
        return found;
      }
    } catch (thrown) {
      if (faultOf(thrown).code === 'SLACK_UNAVAILABLE') throw thrown;
    }
  }
  const postingSince = known.postingSince ?? context.clock.now();
  await cards.put(incident.id, { ...known, postingSince });
  try {
    return await context.announcer.postIncident(channel, message, threadTs);
  } catch (thrown) {
    // A rate limit is a plain refusal: nothing was posted.
    const isLimit = thrown instanceof OperationError && thrown.retryAfterMs !== undefined;
    if (isLimit) await cards.put(incident.id, known);
    throw thrown;
  }
}

async function show(
  context: WorkerContext,
  incident: Incident,
  target: Target,
  known: CardPlace,
): Promise<MessagePlace> {
  if (known.place === undefined) return post(context, incident, target, known);
  if (await context.announcer.editIncident(known.place, postOf(context, incident))) {
    return known.place;
  }
  const { place: _gone, ...rest } = known;
  return post(context, incident, target, rest);
}

const toldNow = ({ eventsCount, state, worst, kind }: Incident): IncidentTold => ({
  events: eventsCount,
  state,
  worst,
  kind,
});

/** What the thread does not say yet. An edit calls nobody: what became worse, or is over, is said as well. */
function newsOf(incident: Incident, told: IncidentTold | undefined) {
  const count = incident.eventsCount - (told?.events ?? 0);
  const events = count <= 0 ? [] : incident.events.slice(-count);
  const left = count - events.length;
  const isTurned =
    told !== undefined && (told.state !== incident.state || told.kind !== incident.kind);
  const isWorse = told !== undefined && severer(told.worst, incident.worst) !== told.worst;
  // One event that was over when it was told stands in the message itself.
  if (told === undefined && incident.state === 'over' && count <= 1) return undefined;
  const lines = [
    ...(isTurned || isWorse ? [incident.headline] : []),
    ...(left > 0 ? [`${left} earlier events are not listed here; "history" has them.`] : []),
    ...events.map(({ text }) => text),
  ];
  return lines.length === 0 ? undefined : { lines, isLoud: isTurned || isWorse, isWorse };
}

/** What we did ourselves, or what somebody chose, is no news for a whole channel. */
const isForAll = ({ worst, changeId, drift }: Incident) =>
  worst !== 'info' && changeId === undefined && drift === undefined;

async function tellNews(
  context: WorkerContext,
  incident: Incident,
  shown: CardPlace,
  thread: MessagePlace,
): Promise<CardPlace> {
  const news = newsOf(incident, shown.told);
  const { telling, ...rest } = shown;
  const after = { ...rest, told: toldNow(incident) };
  if (news === undefined) return after;
  const { lines, isLoud, isWorse } = news;
  await context.stores.cards.put(incident.id, { ...shown, telling: incident.revision });
  const { mentions } = postOf(context, incident);
  await context.announcer.postNews(thread, {
    incident,
    lines,
    broadcast: isLoud && isForAll(incident),
    mentions: isWorse ? mentions : [],
    lookFirst: telling === incident.revision,
  });
  return after;
}

/**
 * Brings the message of an incident to what is known of it now. Calls may be late, doubled or out of order. Throws
 * SLACK_UNAVAILABLE when it must be tried again.
 */
export async function showIncident(context: WorkerContext, id: string): Promise<void> {
  const { cards, watched } = context.stores;
  await cards.alone(id, async () => {
    const incident = await watched.incident(id);
    if (incident === undefined) return;
    const target = await targetOf(context, incident);
    const known = await cards.get(id);
    if (target !== undefined && known.revisionShown < incident.revision) {
      try {
        const place = await show(context, incident, target, known);
        const { postingSince: _over, ...rest } = await cards.get(id);
        const shown = { ...rest, place, revisionShown: known.revisionShown };
        await cards.put(id, shown);
        // Replies have no thread of their own.
        const thread = { ...place, ts: target.threadTs ?? place.ts };
        const told = await tellNews(context, incident, shown, thread);
        await cards.put(id, { ...told, revisionShown: incident.revision });
      } catch (thrown) {
        if (faultOf(thrown).code === 'SLACK_UNAVAILABLE') throw thrown;
        context.log.error('An incident could not be told', { id, error: thrown });
      }
    }
    await watched.shown(id, incident.revision);
  });
}

/** Asks again for what a process that died, or a queue that was away, left untold. */
export async function showDueIncidents(context: WorkerContext): Promise<void> {
  for (const id of await context.stores.watched.due()) {
    await context.queue.showIncident(id, incidentEditEveryMs);
  }
}
