import type { Actor } from './actor.ts';
import type { ChangeCommand } from './command.ts';
import type { Fault } from './errors.ts';
import type { MemberState, PoolState } from './member.ts';
import type { Plan } from './plan.ts';

/**
 * The life of a change.
 * planning -> waiting -> approved -> running -> done | failed | refused | half-done
 *                     -> denied | cancelled | expired
 * planning -> approved (nobody needs to agree) | refused.
 * Between two stages of a change: running -> draining (waits until the members are idle) -> approved, and
 * running -> holding (done for a while, comes back by itself) -> approved.
 * `unknown` is running with a device that does not say what it did; the lane stays closed meanwhile.
 */
export type ChangeState =
  | 'planning'
  | 'waiting'
  | 'approved'
  | 'running'
  | 'unknown'
  | 'draining'
  | 'holding'
  | 'done'
  | 'failed'
  | 'refused'
  | 'half-done'
  | 'denied'
  | 'cancelled'
  | 'expired';

const OPEN: readonly ChangeState[] = [
  'planning',
  'waiting',
  'approved',
  'running',
  'unknown',
  'draining',
  'holding',
];

export function isOpen(state: ChangeState): boolean {
  return OPEN.includes(state);
}

/** Where the request came from and where its answers go. */
export interface Origin {
  readonly via: 'slack' | 'shell';
  /** Channel the command was typed in; absent for the shell. */
  readonly channel?: string;
}

/** The request as accepted: written once, never changed. */
export interface ChangeRequest {
  readonly id: string;
  readonly command: ChangeCommand;
  readonly actor: Actor;
  readonly origin: Origin;
  /** Milliseconds since the epoch. */
  readonly acceptedAt: number;
  /** No plan is made after this time: a command that Redis held back must not surprise anybody. */
  readonly notAfter: number;
  /** HMAC over the fields above, made by the process that took the command. */
  readonly mac: string;
}

/** One person's yes where several are needed. */
export interface Vote {
  readonly changeId: string;
  readonly digest: string;
  /** Slack user id. */
  readonly by: string;
  readonly at: number;
  readonly mac: string;
}

/** How a change came to be approved. */
export type ApprovalKind = 'people' | 'nobody needed' | 'break glass' | 'restore';

/** A person's yes (or the rule that needed none), bound to one digest. */
export interface Approval {
  readonly changeId: string;
  readonly digest: string;
  readonly kind: ApprovalKind;
  /** Slack user id of whoever gave the last yes, or the rule that needed none, in words. */
  readonly by: string;
  /** Everybody who said yes. */
  readonly votes: readonly string[];
  readonly at: number;
  /** No write starts after this time. Set anew on reaching the head of the lane. */
  readonly notAfter: number;
  /** Order among all approvals: capacity taken by smaller numbers counts first. */
  readonly sequence: number;
  /** Life of the store in which it was given: in another one it is asked again before the first write. */
  readonly life?: string;
  /** How many times it was asked before; absent the first time. */
  readonly round?: number;
  readonly mac: string;
}

export type StepResult =
  | 'verified'
  /** Taken by the device, but the member does not serve yet. */
  | 'not serving yet'
  | 'already so'
  | 'put back'
  | 'not started'
  | 'failed'
  | 'unknown';

export interface StepOutcome {
  readonly index: number;
  readonly result: StepResult;
  /** The member as the device showed it afterwards. */
  readonly member?: MemberState;
  readonly fault?: Fault;
}

/** What happened, as the devices say. */
export interface Outcome {
  readonly steps: readonly StepOutcome[];
  /** Every pool of the change, read after the last write; a pool that could not be read is missing. */
  readonly after: readonly PoolState[];
  readonly at: number;
  readonly fault?: Fault;
  /** Extra sentences a person must read, for instance that the first node was put back. */
  readonly remarks: readonly string[];
}

/** How the wait for idle members stands. */
export interface IdleWait {
  readonly since: number;
  readonly until: number;
  /** Nothing new has come since then, and no session is open; absent while somebody is there. */
  readonly quietSince?: number;
  /** Sessions open at the last look, over all devices. */
  readonly sessions: number;
  /** Clients that stick at the last look, where the device knows how many: they may come again. */
  readonly sticky?: number;
  /** Sessions that began since the wait began: cookie clients that still arrive. */
  readonly arrived: number;
  /** Sessions ever, by `balancer/member/incarnation`, at the last look. */
  readonly totals: Readonly<Record<string, number>>;
  /** Why the last look failed, or what holds the change back. */
  readonly obstacle?: string;
  /** When the card was last brought up to date, ms since the epoch. */
  readonly saidAt?: number;
}

/** How a time box stands. */
export interface HoldTime {
  /** When it comes back, ms since the epoch. */
  readonly until: number;
  readonly remindAt: number;
  readonly reminded: boolean;
  /** Why it did not come back in time, for instance a freeze. */
  readonly obstacle?: string;
}

/** The whole truth about one change. Kept in Redis; the card in Slack is a view of it. */
export interface ChangeRecord {
  readonly v: 1;
  readonly id: string;
  /** Grows by one with every write of the record. */
  readonly revision: number;
  readonly state: ChangeState;
  readonly request: ChangeRequest;
  readonly plan?: Plan;
  /** Who must agree: a second person, or anybody with the operator role (also the requester). */
  readonly asks?: 'approver' | 'operator';
  /** When a waiting plan is dropped. */
  readonly expiresAt?: number;
  readonly approval?: Approval;
  /** How many times an approval was lost with the life of the store, and asked again. */
  readonly round?: number;
  /** Who denied or cancelled. */
  readonly decidedBy?: string;
  /** Why it is refused, denied, cancelled or expired. */
  readonly fault?: Fault;
  readonly outcome?: Outcome;
  /** Index of the stage that runs, waits or comes next. */
  readonly stage: number;
  /** Present while the change waits for its members to be idle. */
  readonly idleWait?: IdleWait;
  /** Present while the change keeps what it did and will take it back. */
  readonly hold?: HoldTime;
  /** Yeses so far, where several people must agree. */
  readonly votes?: readonly Vote[];
  /** A break-glass change stays open for somebody else to acknowledge. */
  readonly acknowledged?: { readonly by: string; readonly at: number };
  /** How many times a worker began to apply it. More than two ends in `half-done`. */
  readonly runs: number;
  readonly updatedAt: number;
}
