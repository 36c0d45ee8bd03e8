import type { Actor } from '../domain/actor.ts';
import type { ApprovedPlan } from '../domain/approval.ts';
import type { ChangeRequest, Origin } from '../domain/change.ts';
import type { QuestionCommand } from '../domain/command.ts';

/** A question waiting for a worker. */
export interface QuestionJob {
  readonly id: string;
  readonly command: QuestionCommand;
  readonly actor: Actor;
  readonly origin: Origin;
  readonly acceptedAt: number;
  readonly notAfter: number;
}

/** A short word to one person, or in a card's thread. Text is mrkdwn that was escaped where it was built. */
export interface WhisperJob {
  /** Same id, same message: delivered once however often it is queued. */
  readonly id: string;
  readonly channel: string;
  /** Slack user id who alone sees it. */
  readonly user: string;
  readonly text: string;
  /** Dropped after this time: a late ephemeral answer confuses more than it helps. */
  readonly notAfter: number;
}

/**
 * Where work waits. All methods throw STORE_UNAVAILABLE: `nothing was queued` when Redis was away,
 * OUTCOME_UNKNOWN when it did not answer in time and the job may still be there.
 */
export interface WorkQueue {
  submitPlan(request: ChangeRequest): Promise<void>;
  submitQuestion(question: QuestionJob): Promise<void>;
  /** Queues the steps on their lanes and the report behind them, all or nothing; the same plan twice is once. */
  submitApproved(approved: ApprovedPlan): Promise<void>;
  /** Wakes `expire` for this change at this time (ms since the epoch). */
  scheduleExpiry(changeId: string, at: number): Promise<void>;
  /** Asks for the card in Slack to be brought to the record's revision. */
  refreshCard(changeId: string, revision: number): Promise<void>;
  whisper(job: WhisperJob): Promise<void>;
}
