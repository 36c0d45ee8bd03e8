import type { KnownBlock } from '@slack/types';
import type { Incident, Severity } from '../../domain/incident.ts';
import type { IncidentNews, IncidentPost } from '../../ports/announcer.ts';
import { context, section } from '../blocks.ts';
import { approversMentionedMax, messageTextCharsMax } from '../limits.ts';
import { codeSpan, cut, escapedCut, mention, person, slackDate } from '../mrkdwn.ts';
import { driftBlocks } from './drift-part.ts';
import { counted } from './words.ts';

/** Kind of metadata of the message of an incident, and of words in its thread. */
export const incidentEventType = 'lb_incident';
export const newsEventType = 'lb_incident_news';

const HEADLINE_CHARS_MAX = 600;
const FACT_CHARS_MAX = 500;
const NEWS_LINES_MAX = 12;

const SIGNS: Readonly<Record<Severity, string>> = { info: 'ℹ', warning: '⚠', critical: '‼' };

function signOf({ state, severity }: Incident): string {
  return state === 'over' && severity === 'info' ? '✓' : SIGNS[severity];
}

function names(ids: readonly string[]): string {
  return ids.slice(0, approversMentionedMax).map(mention).join(' ');
}

/** Whoever had a member left as it was is called where it no longer is. */
function mentionsOf({ drift, state }: Incident, mentions: readonly string[]): readonly string[] {
  if (drift === undefined || state === 'over') return mentions;
  return [...new Set([drift.actor, ...mentions])];
}

export interface IncidentMessage {
  readonly text: string;
  readonly blocks: readonly KnownBlock[];
  readonly metadata: {
    readonly event_type: typeof incidentEventType;
    readonly event_payload: { readonly id: string };
  };
}

/** The one message of an incident, as it stands now. */
export function incidentMessage({ incident, mentions }: IncidentPost): IncidentMessage {
  const { headline, facts, begunAt, endedAt, eventsCount, services, id } = incident;
  const words = `${signOf(incident)} ${escapedCut(headline, HEADLINE_CHARS_MAX)}`;
  const lines = facts.map(
    ({ label, text }) => `*${escapedCut(label, 60)}:* ${escapedCut(text, FACT_CHARS_MAX)}`,
  );
  if (incident.askedBy !== undefined && incident.changeId !== undefined) {
    lines.push(
      `*Asked for by:* ${person(incident.askedBy)}, change ${codeSpan(incident.changeId)}`,
    );
  }
  const times = [
    `since ${slackDate(begunAt)}`,
    ...(endedAt === undefined ? [] : [`over ${slackDate(endedAt)}`]),
    ...(eventsCount < 2 ? [] : [`${counted(eventsCount, 'event')}, see the thread`]),
    ...(services.length === 0 ? [] : [`for ${escapedCut(services.slice(0, 5).join(', '), 200)}`]),
    `incident ${codeSpan(id)}`,
  ];
  const called = names(mentionsOf(incident, mentions));
  return {
    text: cut(`${called} ${words}`.trim(), messageTextCharsMax),
    blocks: [
      section(`${called} *${words}*`.trim()),
      ...(lines.length === 0 ? [] : [section(lines.join('\n'))]),
      ...driftBlocks(incident),
      context(times.join(' · ')),
    ],
    metadata: { event_type: incidentEventType, event_payload: { id } },
  };
}

export interface NewsMessage {
  readonly text: string;
  readonly metadata: {
    readonly event_type: typeof newsEventType;
    readonly event_payload: { readonly id: string; readonly part: string };
  };
}

/** What is new, for the thread. */
export function newsMessage({ incident, lines, mentions }: IncidentNews): NewsMessage {
  const shown = lines.slice(-NEWS_LINES_MAX).map((line) => escapedCut(line, FACT_CHARS_MAX));
  const first =
    lines.length > shown.length ? [`… ${lines.length - shown.length} before these`] : [];
  return {
    text: cut([names(mentions), ...first, ...shown].join('\n').trim(), messageTextCharsMax),
    metadata: {
      event_type: newsEventType,
      event_payload: { id: incident.id, part: String(incident.revision) },
    },
  };
}
