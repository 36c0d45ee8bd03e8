import type { ChangeState } from '../domain/change.ts';
import type { WriteVerb } from '../domain/command.ts';
import type { ErrorCode } from '../domain/errors.ts';
import type { EventKind } from '../domain/event.ts';
import type { IncidentKind } from '../domain/incident.ts';

/** What became of the question whether a change may be made. `refused` is a click that did not count. */
export type ApprovalEnd = 'given' | 'denied' | 'cancelled' | 'expired' | 'asked again' | 'refused';

/** Counts and measures what the product does, for whoever watches over it. Never throws. */
export interface Metrics {
  /** A plan was made or refused, so many ms after the command was taken. */
  planned(environment: string, ms: number): void;
  /** The first stage of a change was carried out, so many ms after its approval. */
  applied(environment: string, ms: number): void;
  changeEnded(change: {
    readonly environment: string;
    readonly verb: WriteVerb;
    readonly state: ChangeState;
  }): void;
  guardRefused(environment: string): void;
  approval(environment: string, end: ApprovalEnd): void;
  /** Reading or writing a device ended in this fault. */
  deviceFault(balancer: string, code: ErrorCode): void;
  /** A held member was changed by hand on this device. */
  drifted(balancer: string): void;
  /** The watcher recorded an event. */
  happened(kind: EventKind): void;
  /** An incident began, or turned out to be of another kind. */
  incident(kind: IncidentKind): void;
}
