/**
 * A change is a row of stages. Only `write` stages touch devices, each through the lanes; between them a change
 * may wait, and a wait holds no lane and no worker.
 */
export type Stage = WriteStage | IdleStage | HoldStage;

export interface WriteStage {
  readonly kind: 'write';
  /** `change` is what was asked for, `drain` goes before it, `then` follows a drain, `return` ends a time box. */
  readonly purpose: 'drain' | 'change' | 'then' | 'return';
}

/** Waits until nobody uses the members any more: no session, and no new one for `quietMs`. */
export interface IdleStage {
  readonly kind: 'wait for idle';
  readonly quietMs: number;
  readonly withinMs: number;
  /** `go on` takes the next stage when the time is over all the same; `stay` leaves the members drained and says so. */
  readonly ifNotIdle: 'go on' | 'stay';
}

/** Keeps what was done for a while; the next stage takes it back. */
export interface HoldStage {
  readonly kind: 'hold';
  readonly forMs: number;
}
