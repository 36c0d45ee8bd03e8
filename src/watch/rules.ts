import {
  readDeadlineMs,
  watchAwayEveryMs,
  watchEveryMs,
  watchHeldEveryMs,
} from '../operations/limits.ts';

/** How often is looked, when something counts as an incident, and when it is over; all in ms. */
export interface WatchRules {
  readonly everyMs: number;
  /** Where members are held, or something is open. */
  readonly heldEveryMs: number;
  /** A device that does not answer is looked at less and less often, down to this. */
  readonly awayEveryMs: number;
  /** One that has not answered by then is silent; each further pool may add a little. */
  readonly lookMsMax: number;
  /** A device that does not answer for this long, and at least `silentLooks` times, cannot be watched. */
  readonly silentAfterMs: number;
  /** The same where its peer may tell first that it took over. */
  readonly silentInPairAfterMs: number;
  readonly silentLooks: number;
  /** Two nodes that carry the traffic for longer are no hand-over. */
  readonly splitAfterMs: number;
  /** A pair without a MASTER for longer is no hand-over. */
  readonly noMasterAfterMs: number;
  /** A standby node that cannot take over for longer. */
  readonly standbyAfterMs: number;
  /** What a node says of its members so soon after it was cut off, or its keepalived away, is of that time. */
  readonly membersGraceMs: number;
  /** An incident of a pair is over when all was well for this long. */
  readonly settleMs: number;
  /** So many changes of the MASTER within the window are flapping, which is over after a longer calm. */
  readonly flapChanges: number;
  readonly flapWindowMs: number;
  readonly flapSettleMs: number;
  /** What happens again so soon after its end belongs to the incident before. */
  readonly againWithinMs: number;
  /** A director's clock further off is told. */
  readonly clockOffMs: number;
}

export const RULES: WatchRules = {
  everyMs: watchEveryMs,
  heldEveryMs: watchHeldEveryMs,
  awayEveryMs: watchAwayEveryMs,
  lookMsMax: readDeadlineMs,
  silentAfterMs: 4_000,
  silentInPairAfterMs: 10_000,
  silentLooks: 3,
  splitAfterMs: 1_000,
  noMasterAfterMs: 5_000,
  standbyAfterMs: 5_000,
  membersGraceMs: 5_000,
  settleMs: 10_000,
  flapChanges: 3,
  flapWindowMs: 600_000,
  flapSettleMs: 60_000,
  againWithinMs: 60_000,
  clockOffMs: 30_000,
};

/** Pieces of evidence kept of one node. */
export const evidenceMax = 64;
/** Numbers of lines that never came, kept of one director. */
export const missingMax = 32;
export const pastBootsMax = 8;
/** Times without an answer of a VIP, kept. */
export const silencesMax = 16;
/** Incidents that ended, kept in a scene for what comes late. */
export const endedKeptMax = 12;
/** Members named in one sentence. */
export const namedMax = 5;
