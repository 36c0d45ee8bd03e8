/** The states that keepalived tells its notify reader, word for word. Others are kept out by whoever receives them. */
export type VrrpNotice =
  | 'MASTER'
  | 'BACKUP'
  | 'FAULT'
  | 'STOP'
  | 'MASTER_RX_LOWER_PRI'
  | 'MASTER_PRIORITY'
  | 'BACKUP_PRIORITY'
  | 'DELETED';

/** One thing that keepalived on a director said about itself, as the reader on that director passed it on. */
export interface NotifyLine {
  /** Name of the balancer in the inventory; by the token that came with the line, not by what the line says. */
  readonly director: string;
  /** Kernel's id of this run of the director. */
  readonly bootId: string;
  /** Grows by one with every line of one boot. */
  readonly sequence: number;
  /** The director's own clock, in ms since the epoch; it may be wrong. */
  readonly at: number;
  /** Our clock when it arrived, in ms since the epoch. */
  readonly receivedAt: number;
  /**
   * How long it had lain on the director when it was sent, in ms, by a clock that nobody sets: `receivedAt` minus this
   * is when it was said, on our clock, also for a line that waited for hours and a director with a wrong clock.
   */
  readonly ageMs?: number;
  readonly instance: string;
  readonly state: VrrpNotice;
  readonly priority: number;
}

/** A sign of life of the reader on a director: silence after it means something. */
export interface NotifyHeartbeat {
  readonly director: string;
  readonly bootId: string;
  /** Sequence of the last line that it wrote, so that a gap is seen. */
  readonly sequence: number;
  readonly at: number;
  readonly receivedAt: number;
}

/** What became of a line: `known` was there already, or belongs to a boot that is over; it may be acknowledged too. */
export type NotifyTaken = 'taken' | 'known';

/** Where lines of directors go. Both may be called twice with the same, late, and in any order. */
export interface NotifyIntake {
  /**
   * Resolves, one answer for each line, when they are recorded: only then may the director forget them. Throws
   * STORE_UNAVAILABLE when they are not, and must be sent again. Lines of one director are given in the order in which
   * they came.
   */
  take(lines: readonly NotifyLine[]): Promise<readonly NotifyTaken[]>;
  beat(heartbeat: NotifyHeartbeat): Promise<void>;
}
