import { eventCharsMax, type WatchEvent } from '../domain/event.ts';
import {
  type Incident,
  type IncidentView,
  incidentEventsMax,
  severer,
} from '../domain/incident.ts';
import { endedKeptMax } from './rules.ts';

interface Settling {
  readonly lane: string;
  readonly topic: string;
  readonly now: number;
  /** What the judge of the topic says; absent when it has nothing to say. */
  readonly view: IncidentView | undefined;
  /** New events of the topic. */
  readonly events: readonly WatchEvent[];
  /** The incident that is gone on with, open or over. */
  readonly previous: Incident | undefined;
  /** Made from what is known, so that two who see the same name it alike. */
  readonly newId: () => string;
}

type Shown = Incident['events'];

function joined(known: Shown, events: readonly WatchEvent[]): readonly WatchEvent[] {
  const ids = new Set(known.map(({ id }) => id));
  return events.filter(({ id }) => !ids.has(id));
}

/** The incident after what was found; undefined when there is nothing new to show. */
export function settle(asked: Settling): Incident | undefined {
  const { lane, topic, now, view, previous } = asked;
  if (view === undefined) return undefined;
  const known = previous?.events ?? [];
  const news = joined(known, asked.events);
  const shown = news.map(({ id, at, text }) => ({ id, at, text: text.slice(0, eventCharsMax) }));
  const events = [...known, ...shown].sort((a, b) => a.at - b.at).slice(-incidentEventsMax);
  const changeId = view.changeId ?? previous?.changeId;
  const base = {
    v: 1,
    id: previous?.id ?? asked.newId(),
    lane,
    topic,
    ...view,
    ...(changeId === undefined ? {} : { changeId }),
    worst: severer(previous?.worst ?? 'info', view.severity),
    begunAt: previous?.begunAt ?? Math.min(now, ...news.map(({ at }) => at)),
    events,
    eventsCount: (previous?.eventsCount ?? 0) + news.length,
  } as const;
  if (previous !== undefined && news.length === 0 && isShownAlready(previous, view)) {
    return undefined;
  }
  const endedAt = view.state === 'over' ? { endedAt: now } : {};
  return { ...base, ...endedAt, revision: (previous?.revision ?? 0) + 1, updatedAt: now };
}

function isShownAlready(previous: Incident, view: IncidentView): boolean {
  return (
    previous.kind === view.kind &&
    previous.state === view.state &&
    previous.severity === view.severity &&
    previous.headline === view.headline &&
    JSON.stringify(previous.facts) === JSON.stringify(view.facts)
  );
}

/** The incidents of a scene with this one in its place; of those that are over only the latest stay. */
export function withIncident(
  incidents: readonly Incident[],
  incident: Incident,
): readonly Incident[] {
  const all = [...incidents.filter(({ id }) => id !== incident.id), incident];
  const over = all.filter(({ state }) => state === 'over');
  const dropped = new Set(over.slice(0, Math.max(0, over.length - endedKeptMax)));
  return all.filter((each) => !dropped.has(each));
}
