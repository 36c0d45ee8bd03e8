import type { ApprovedPlan } from '../domain/approval.ts';
import type { ChangeRecord, Outcome, StepOutcome } from '../domain/change.ts';
import { type Fault, OperationError } from '../domain/errors.ts';
import { findSubject, type Service } from '../domain/inventory.ts';
import type { MemberSetting, MemberState, PoolState } from '../domain/member.ts';
import type { Step } from '../domain/plan.ts';
import type { WriteGate } from '../ports/adapter.ts';
import type { JournalEntry } from '../ports/records.ts';
import type { WorkerContext } from './context.ts';
import { permitAttemptsMax, permitValidMs, runValidMs } from './limits.ts';

/** The worker stops, or Redis is away: the job goes back to the head of its lane and nothing is decided. */
export class HandBack extends OperationError {
  constructor(reason: string) {
    super('HANDED_BACK', reason);
    this.name = 'HandBack';
  }
}

/** A step did not get where it should. `unchanged` says that the member verifiably is as it was. */
export class StepFailed extends Error {
  readonly fault: Fault;
  readonly unchanged: boolean;

  constructor(fault: Fault, unchanged: boolean) {
    super(fault.message);
    this.name = 'StepFailed';
    this.fault = fault;
    this.unchanged = unchanged;
  }
}

/** A step in the direction it is taken: forward as planned, or back to what was before. */
export interface Move {
  readonly step: Step;
  readonly direction: 'forward' | 'back';
}

export function destination(move: Move): MemberSetting {
  return move.direction === 'forward' ? move.step.after : move.step.before;
}

/** One worker applying one lane of one approved change. */
export interface Run {
  readonly context: WorkerContext;
  readonly service: Service;
  readonly changeId: string;
  /** Slack user id of whoever asked. */
  readonly requester: string;
  readonly approved: ApprovedPlan;
  readonly lane: string;
  /** The one balancer that the request is for, when it names one. */
  readonly on?: string;
  /** Index of the write stage this run takes. */
  readonly stage: number;
  /** Fences every earlier holder of the lane. */
  readonly epoch: number;
  /** Ends when this worker is asked to stop. */
  readonly signal: AbortSignal;
  /** No write starts after this time (ms since the epoch). Counted anew by `keepGoing`: waiting is no idling. */
  notAfter: number;
  /** What earlier runs of this change wrote down, by step. */
  readonly journal: Map<number, JournalEntry>;
  /** What is known of each step so far; begins with what earlier lanes ended with. */
  readonly results: Map<number, StepOutcome>;
  readonly remarks: string[];
}

export function serviceOf(context: WorkerContext, record: ChangeRecord): Service {
  const service = findSubject(context.inventory, record.request.command.service);
  if (service === undefined) {
    throw new OperationError('STALE', `${record.request.command.service} left the inventory.`);
  }
  return service;
}

export function stepsOf(run: Run): readonly Step[] {
  return run.approved.plan.steps.filter(
    (step) => step.lane === run.lane && step.stage === run.stage,
  );
}

/** A return takes back what is still as it was left; whatever somebody changed meanwhile is theirs. */
export function isReturn(run: Pick<Run, 'approved' | 'stage'>): boolean {
  const stage = run.approved.plan.stages[run.stage];
  return stage?.kind === 'write' && stage.purpose === 'return';
}

export function memberOf(state: PoolState, step: Step): MemberState | undefined {
  return state.members.find((member) => member.name === step.member);
}

/** Something was verified, or a silence is over: the time for the next write begins now. */
export function keepGoing(run: Run): void {
  run.notAfter = run.context.clock.now() + runValidMs;
}

export function assertGoingOn(run: Run): void {
  if (run.signal.aborted) throw new HandBack('This worker is stopping.');
}

/**
 * The gate of this run: the lane is still ours, there is time left, and Redis answered so fast that the
 * permit is still fresh. Its time counts from before the question, so a process that was frozen in
 * between finds the permit too old.
 */
export function gateOf(run: Run): WriteGate {
  const { journal } = run.context.stores;
  return async () => {
    for (let attempt = 0; attempt < permitAttemptsMax; attempt += 1) {
      assertGoingOn(run);
      if (run.context.clock.now() > run.notAfter) {
        throw new OperationError('EXPIRED', 'The time for this change is over; nothing was sent.');
      }
      const asked = performance.now();
      await journal.assertHolder(run.lane, run.epoch);
      if (performance.now() - asked < permitValidMs / 2) {
        return { validUntilMs: asked + permitValidMs };
      }
    }
    throw new OperationError('STORE_UNAVAILABLE', 'Redis answers too slowly to write safely.');
  };
}

/** The outcome so far, steps in order; those nobody looked at are `not started`. */
export function outcomeOf(
  run: Pick<Run, 'approved' | 'results' | 'remarks' | 'context'>,
  after: readonly PoolState[],
  fault?: Outcome['fault'],
): Outcome {
  const steps = run.approved.plan.steps.map(
    ({ index }): StepOutcome => run.results.get(index) ?? { index, result: 'not started' },
  );
  return {
    steps,
    after,
    at: run.context.clock.now(),
    remarks: [...run.remarks],
    ...(fault === undefined ? {} : { fault }),
  };
}
