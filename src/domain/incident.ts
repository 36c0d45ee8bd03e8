import type { WatchEvent } from './event.ts';

/** What an incident is, as far as is known by now; it may turn out to be another one. */
export type IncidentKind =
  | 'failover'
  | 'failback'
  | 'no-master'
  | 'split-brain'
  | 'flapping'
  /** The node that stands by cannot take over. */
  | 'standby-lost'
  | 'members-down'
  /** No member of a pool takes clients. */
  | 'pool-empty'
  | 'table-changed'
  | 'restarted'
  | 'unwatchable'
  | 'unit-failover'
  /** No unit of a device group is active, or more than one is. */
  | 'no-active-unit'
  | 'two-active-units'
  | 'out-of-sync'
  /** The clock of a director, or lines of it that are missing. */
  | 'reports-doubtful'
  /** A member that a change keeps as it is was changed by hand: somebody chooses what is to become of it. */
  | 'drift';

export const INCIDENT_KINDS: readonly IncidentKind[] = [
  'failover',
  'failback',
  'no-master',
  'split-brain',
  'flapping',
  'standby-lost',
  'members-down',
  'pool-empty',
  'table-changed',
  'restarted',
  'unwatchable',
  'unit-failover',
  'no-active-unit',
  'two-active-units',
  'out-of-sync',
  'reports-doubtful',
  'drift',
];

/** `critical`: clients are or may be turned away; `warning`: the next fault would do that; `info`: good to know. */
export type Severity = 'info' | 'warning' | 'critical';

export const SEVERITIES: readonly Severity[] = ['info', 'warning', 'critical'];

export function severer(a: Severity, b: Severity): Severity {
  return SEVERITIES.indexOf(a) >= SEVERITIES.indexOf(b) ? a : b;
}

/** A line below the headline. */
export interface IncidentFact {
  readonly label: string;
  readonly text: string;
}

/** What somebody chose where a member was changed by hand: to have it as it was left, or to leave it as it is. */
export type DriftVerb = 'restore' | 'accept';

export interface DriftChoice {
  readonly verb: DriftVerb;
  /** Slack user id. */
  readonly by: string;
  readonly at: number;
  /** The change that restores it. */
  readonly changeId?: string;
}

/** A member that a change keeps as it is, and that somebody changed by hand. */
export interface Drift {
  readonly balancer: string;
  readonly pool: string;
  readonly member: string;
  readonly service: string;
  /** Slack user id of whoever had it left as it was. */
  readonly actor: string;
  /** Choices that led to nothing; each try to restore it is a change of its own. */
  readonly tries: number;
  readonly choice?: DriftChoice;
}

/** Everything that belongs to one thing that went wrong: one message, edited as it develops. */
export interface Incident {
  readonly v: 1;
  readonly id: string;
  /** Pair, or balancer that stands alone. */
  readonly lane: string;
  /** Within a lane, of one topic at most one incident is open. */
  readonly topic: string;
  readonly kind: IncidentKind;
  readonly state: 'open' | 'over';
  readonly severity: Severity;
  /** The severest it ever was. */
  readonly worst: Severity;
  /** Grows with every change of what is to be shown. */
  readonly revision: number;
  readonly begunAt: number;
  readonly updatedAt: number;
  readonly endedAt?: number;
  /** Names of the services concerned. */
  readonly services: readonly string[];
  /** One plain sentence: how it stands. */
  readonly headline: string;
  readonly facts: readonly IncidentFact[];
  /** The latest, oldest first; `eventsCount` counts all. */
  readonly events: readonly Pick<WatchEvent, 'id' | 'at' | 'text'>[];
  readonly eventsCount: number;
  /** A change of ours did it: it is told in that change's thread. */
  readonly changeId?: string;
  /** Slack user id of whoever asked for that. */
  readonly askedBy?: string;
  /** Of kind `drift`. */
  readonly drift?: Drift;
}

/** What of an incident a judge of one topic decides; the rest is kept for it. */
export type IncidentView = Pick<
  Incident,
  'kind' | 'state' | 'severity' | 'headline' | 'facts' | 'services'
> &
  Pick<Incident, 'changeId' | 'askedBy'>;

/** Events that an incident carries along; older ones are only counted. */
export const incidentEventsMax = 30;
