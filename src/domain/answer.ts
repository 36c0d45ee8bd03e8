import type { ChangeState } from './change.ts';
import type { Comparison } from './comparison.ts';
import type { Fault } from './errors.ts';
import type { WatchEvent } from './event.ts';
import type { DeviceSighting } from './home.ts';
import type { PoolState } from './member.ts';
import type { PairGap } from './pair-gap.ts';

/** Why a member is out and by whom, where the bot knows more than the device. */
export interface Provenance {
  readonly balancer: string;
  readonly pool: string;
  readonly member: string;
  /** For instance `disabled by U0OPS (approved by U0LEAD), change q7k2m9xt` or `by hand on the device`. */
  readonly by: 'bot' | 'hand' | 'health check' | 'configuration' | 'tracking' | 'unknown';
  readonly changeId?: string;
  readonly actor?: string;
  readonly approver?: string;
  /** When it comes back by itself, ms since the epoch. */
  readonly until?: number;
}

/** A stop of writes that is in force. */
export interface FreezeLine {
  /** Name of a service, or `*` for all. */
  readonly scope: string;
  /** Slack user id. */
  readonly by: string;
  readonly at: number;
  /** Until somebody lifts it when absent. */
  readonly until?: number;
  readonly reason: string;
}

export interface ServiceStatus {
  readonly service: string;
  readonly environment: string;
  readonly pools: readonly PoolState[];
  /** Balancers that could not be read, with the reason. */
  readonly faults: readonly { readonly balancer: string; readonly fault: Fault }[];
  readonly out: readonly Provenance[];
}

/** An event, as people are told it. */
export type EventLine = Pick<WatchEvent, 'at' | 'lane' | 'kind' | 'text'>;

export interface HistoryLine {
  readonly changeId: string;
  readonly at: number;
  readonly service: string;
  readonly verb: string;
  readonly members: readonly string[];
  readonly state: ChangeState;
  readonly actor: string;
  readonly approver?: string;
  readonly reason?: string;
}

/** The answer to a question, in data; Slack and the shell render it each in their way. */
export type Answer =
  | {
      readonly kind: 'status';
      readonly services: readonly ServiceStatus[];
      /** The freezes that concern them. */
      readonly freezes?: readonly FreezeLine[];
      /** When the balancers of these services last answered. */
      readonly devices?: readonly DeviceSighting[];
      /** Nodes of their pairs that a change left out and that are not alike yet. */
      readonly gaps?: readonly PairGap[];
      readonly at: number;
    }
  | {
      readonly kind: 'pools';
      readonly pools: readonly {
        service: string;
        environment: string;
        on: string;
        pool: string;
        balancers: readonly string[];
      }[];
    }
  | {
      readonly kind: 'comparison';
      /** Name of the service or pair. */
      readonly about: string;
      readonly comparisons: readonly Comparison[];
      readonly at: number;
    }
  | {
      readonly kind: 'history';
      readonly lines: readonly HistoryLine[];
      /** What happened by itself, newest first. */
      readonly events?: readonly EventLine[];
      /** Service or pair that was asked for. */
      readonly service?: string;
    }
  | {
      readonly kind: 'whoami';
      readonly id: string;
      readonly via: 'slack' | 'shell';
      readonly may: readonly { environment: string; roles: readonly string[] }[];
    }
  | { readonly kind: 'fault'; readonly fault: Fault };
