import type { Actor } from '../domain/actor.ts';
import type { ApprovedPlan } from '../domain/approval.ts';
import type { ChangeRequest, Origin } from '../domain/change.ts';
import type { QuestionCommand } from '../domain/command.ts';
import type { Whisper } from './announcer.ts';

/** A question waiting for a worker. */
export interface QuestionJob {
  readonly id: string;
  readonly command: QuestionCommand;
  readonly actor: Actor;
  readonly origin: Origin;
  readonly acceptedAt: number;
  readonly notAfter: number;
}

/** A short word to one person, whom alone it concerns. */
export interface WhisperJob {
  /** Same id, same message: delivered once however often it is queued. */
  readonly id: string;
  readonly channel: string;
  /** Slack user id who alone sees it. */
  readonly user: string;
  readonly whisper: Whisper;
  /** Dropped after this time: a late ephemeral answer confuses more than it helps. */
  readonly notAfter: number;
}

/** A word to a channel: a reminder, a restore, a change by hand. `text` is plain. */
export interface NoticeJob {
  /** Same id, same message. */
  readonly id: string;
  readonly channel: string;
  readonly text: string;
  /** Slack ids of people and groups it is meant for. */
  readonly mentions: readonly string[];
  /** Posted in the thread of this change's card, if that stands somewhere. */
  readonly changeId?: string;
}

/**
 * Where work waits. All methods throw STORE_UNAVAILABLE: `nothing was queued` when Redis was away,
 * OUTCOME_UNKNOWN when it did not answer in time and the job may still be there.
 */
export interface WorkQueue {
  submitPlan(request: ChangeRequest): Promise<void>;
  submitQuestion(question: QuestionJob): Promise<void>;
  /** Queues the stage's steps on their lanes and the report behind them, all or nothing; the same plan twice is once. */
  submitApproved(approved: ApprovedPlan, stage: number): Promise<void>;
  /** How many changes wait in the fullest of these lanes; those at work are not counted. */
  waitingIn(lanes: readonly string[]): Promise<number>;
  /** Wakes `expire` for this change at this time (ms since the epoch). */
  scheduleExpiry(changeId: string, at: number): Promise<void>;
  /** Wakes `wake` for this change at this time (ms since the epoch). */
  scheduleWake(changeId: string, at: number): Promise<void>;
  /** Asks for the card in Slack to be brought to the record's revision. */
  /** `afterMs`: not before; a card that shows a later state by then is left alone. */
  refreshCard(changeId: string, revision: number, afterMs?: number): Promise<void>;
  whisper(job: WhisperJob): Promise<void>;
  notice(job: NoticeJob): Promise<void>;
  /** Asks for an incident to be shown as it is then; many calls close to each other are one. */
  showIncident(id: string, afterMs: number): Promise<void>;
  /** Asks for this person's Home tab to be drawn anew; many calls close to each other are one. */
  publishHome(userId: string): Promise<void>;
}

/**
 * What the workers do with the jobs. A handler that throws HANDED_BACK or STORE_UNAVAILABLE gets its job again,
 * at the same place in its queue; SLACK_UNAVAILABLE is tried again later for as long as it takes.
 */
export interface JobHandlers {
  plan(request: ChangeRequest): Promise<void>;
  question(question: QuestionJob): Promise<void>;
  /** `approvalMac` is the signature the job carries; it must be the one of the stored approval. */
  apply(job: ApplyJob, signal: AbortSignal): Promise<void>;
  /** Runs when all lanes of a stage are over, however they ended; `round` as in the approval they had, or 0. */
  report(changeId: string, stage: number, round: number): Promise<void>;
  refreshCard(changeId: string): Promise<void>;
  whisper(job: WhisperJob): Promise<void>;
  notice(job: NoticeJob): Promise<void>;
  showIncident(id: string): Promise<void>;
  publishHome(userId: string): Promise<void>;
  expire(changeId: string): Promise<void>;
  /** Looks whether the members are idle, or takes a time box back. */
  wake(changeId: string): Promise<void>;
  sweep(): Promise<void>;
}

export interface ApplyJob {
  readonly changeId: string;
  readonly lane: string;
  readonly stage: number;
  readonly approvalMac: string;
}
