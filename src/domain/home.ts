import type { ChangeRecord } from './change.ts';
import type { Fault } from './errors.ts';
import type { MemberSetting } from './member.ts';
import type { PairGap } from './pair-gap.ts';

/** A member that the bot keeps from serving as it is configured to, on one balancer. */
export interface OutMember {
  readonly service: string;
  readonly environment: string;
  readonly balancer: string;
  readonly pool: string;
  readonly member: string;
  /** What it is kept at, and what it goes back to. */
  readonly want: MemberSetting;
  readonly restore: MemberSetting;
  readonly changeId: string;
  /** Slack user id of whoever asked. */
  readonly actor: string;
  /** Slack user id, or the rule that needed nobody. */
  readonly approver: string;
  /** Since when, ms since the epoch. */
  readonly at: number;
  /** When it comes back by itself; absent where it stays out until somebody brings it back. */
  readonly until?: number;
}

/** When a balancer last answered and, if that is so, why it did not answer since. */
export interface DeviceSighting {
  readonly balancer: string;
  /** Milliseconds since the epoch; absent where it never answered. */
  readonly answeredAt?: number;
  /** Only of a look later than `answeredAt`. */
  readonly fault?: Fault & { readonly at: number };
}

/** What one person sees who opens the bot's Home tab. */
export type Home =
  | {
      readonly kind: 'home';
      /** Slack user id of whoever looks at it. */
      readonly userId: string;
      readonly at: number;
      /** Changes that wait and that this person may agree to, newest first. */
      readonly approvals: readonly ChangeRecord[];
      /** Changes of this person that wait for others, newest first. */
      readonly mine: readonly ChangeRecord[];
      /** Oldest first. */
      readonly out: readonly OutMember[];
      /** Nodes of pairs that a change left out and that are not alike yet, oldest first. */
      readonly gaps?: readonly PairGap[];
      /** Balancers of the services this person may look at, in the order of the inventory. */
      readonly devices: readonly DeviceSighting[];
      /** Why something may be missing, for instance a user group that could not be read. */
      readonly faults: readonly Fault[];
    }
  /** Guests, strangers and whoever else may not use the bot. */
  | { readonly kind: 'refused'; readonly reason: string };
