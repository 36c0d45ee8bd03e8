/** What happened, as far as a look at a device or a line of its own can tell. */
export type EventKind =
  /** A node of a VRRP pair took another role. */
  | 'role'
  /** A MASTER heard another MASTER. */
  | 'two-masters-heard'
  /** A health check took a member out, or let it in again. */
  | 'down'
  | 'up'
  /** A real server or server that was not there before, or is no longer. */
  | 'appeared'
  | 'gone'
  /** Weight or administrative state of a member. */
  | 'changed'
  | 'restarted'
  /** The VIP of a pair gave no answer for a time. */
  | 'unanswered'
  | 'silent'
  | 'answers'
  /** A unit of a device group became active or stopped being it. */
  | 'unit'
  /** The units of a device group agree, or no longer do. */
  | 'sync'
  /** The clock of a director is far from ours. */
  | 'clock'
  /** Lines of a director are missing: the numbers have a gap. */
  | 'lines-lost'
  /** A finding about several events: two MASTERs, none, one again. */
  | 'finding';

/** Who did it. */
export type EventAuthor = 'bot' | 'keepalived' | 'hand' | 'health check' | 'unknown';

/** One thing that happened. Recorded once, never altered. */
export interface WatchEvent {
  /** The same for the same fact, however often it is reported. */
  readonly id: string;
  /** Our clock, ms since the epoch; of a line with a delay, what its own time amounts to. */
  readonly at: number;
  /** Pair, or balancer that stands alone. */
  readonly lane: string;
  readonly kind: EventKind;
  readonly balancer?: string;
  readonly pool?: string;
  readonly member?: string;
  readonly by?: EventAuthor;
  /** By a look at the device, or told by the device itself. */
  readonly witness: 'look' | 'line';
  /** A plain sentence, no longer than `eventCharsMax`. */
  readonly text: string;
  /** The change that did it, or that it happened to. */
  readonly changeId?: string;
}

export const eventCharsMax = 400;

export const EVENT_KINDS: readonly EventKind[] = [
  'role',
  'two-masters-heard',
  'down',
  'up',
  'appeared',
  'gone',
  'changed',
  'restarted',
  'unanswered',
  'silent',
  'answers',
  'unit',
  'sync',
  'clock',
  'lines-lost',
  'finding',
];
