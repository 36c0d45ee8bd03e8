import { approvedPlan, assertGenuineRecord } from '../domain/approval.ts';
import type { ChangeRecord, ChangeState, Outcome } from '../domain/change.ts';
import { OperationError } from '../domain/errors.ts';
import { approvalSuffices } from '../policy/approval-rule.ts';
import { askedAgain, isOfAnotherLife, sayAskedAgain } from './ask-again.ts';
import type { WorkerContext } from './context.ts';
import { followUp } from './follow-up.ts';
import { runValidMs } from './limits.ts';
import { HandBack, type Run, serviceOf } from './run.ts';

const RUNNABLE: readonly ChangeState[] = ['approved', 'running', 'unknown'];

/** Moves the record to `running` and counts this start; undefined when there is nothing to run. */
export async function claim(
  context: WorkerContext,
  changeId: string,
  stage: number,
): Promise<ChangeRecord | undefined> {
  const now = context.clock.now();
  const [life, known] = await Promise.all([
    context.stores.life.current(),
    context.stores.changes.get(changeId),
  ]);
  const next = (latest: ChangeRecord): ChangeRecord | undefined => {
    if (!RUNNABLE.includes(latest.state) || latest.stage !== stage) return undefined;
    if (isOfAnotherLife(latest, life)) return askedAgain(context, latest);
    const late = latest.state === 'approved' && now > (latest.approval?.notAfter ?? 0);
    if (late) {
      const message = 'It waited too long for its turn after the approval; nothing was changed.';
      return { ...latest, state: 'expired', fault: { code: 'EXPIRED', message } };
    }
    return {
      ...latest,
      state: latest.state === 'unknown' ? 'unknown' : 'running',
      runs: latest.runs + 1,
    };
  };
  const record = await context.stores.changes.update(changeId, next, known);
  if (RUNNABLE.includes(record.state)) return record.stage === stage ? record : undefined;
  if (record.state === 'waiting') await sayAskedAgain(context, record);
  // Over already, or just expired: whoever ended it may have died before its last word.
  await followUp(context, record);
  return undefined;
}

/**
 * Between its claim and its turn on the lane this process may have stood still while another one went on, or while the
 * change ended: then what it knows of the change is old. Throws HandBack. Asked with the lane in hand: whoever claims
 * the change after that takes the lane away.
 */
async function assertStillClaimed(context: WorkerContext, claimed: ChangeRecord): Promise<void> {
  const latest = await context.stores.changes.get(claimed.id);
  const isOurs =
    latest !== undefined &&
    RUNNABLE.includes(latest.state) &&
    latest.stage === claimed.stage &&
    latest.runs === claimed.runs;
  if (!isOurs) throw new HandBack(`Change ${claimed.id} went on without this worker.`);
}

/** What is known of the steps already; a step that failed or was not reached is open again. */
export function earlierResults(outcome: Outcome | undefined): Run['results'] {
  const kept = (outcome?.steps ?? []).filter(
    (step) =>
      step.result === 'verified' ||
      step.result === 'not serving yet' ||
      step.result === 'already so',
  );
  return new Map(kept.map((step) => [step.index, step]));
}

/** What this stage wrote down; steps of earlier stages are settled. */
async function journalOf(context: WorkerContext, record: ChangeRecord): Promise<Run['journal']> {
  const own = new Set(
    record.plan?.steps.filter((step) => step.stage === record.stage).map(({ index }) => index),
  );
  const entries = await context.stores.journal.read(record.id);
  return new Map([...entries].filter(([index]) => own.has(index)));
}

/** Takes the lane. Throws HandBack when the change went on without this worker. */
export async function beginRun(
  context: WorkerContext,
  record: ChangeRecord,
  lane: string,
  signal: AbortSignal,
): Promise<Run> {
  const { on } = record.request.command;
  const epoch = await context.stores.journal.takeLane(lane);
  const [journal] = await Promise.all([
    journalOf(context, record),
    assertStillClaimed(context, record),
  ]);
  return {
    context,
    service: serviceOf(context, record),
    ...(on === undefined ? {} : { on }),
    changeId: record.id,
    requester: record.request.actor.id,
    approved: approvedPlan(record, context.signingKey),
    lane,
    stage: record.stage,
    epoch,
    signal,
    notAfter: context.clock.now() + runValidMs,
    journal,
    results: earlierResults(record.outcome),
    remarks: [...(record.outcome?.remarks ?? [])],
  };
}

/** Before the first write an approval is as old as it is, whatever state the record claims. */
export function assertInTime(run: Run): void {
  const { notAfter } = run.approved.approval;
  if (run.journal.size > 0 || run.context.clock.now() <= notAfter) return;
  throw new OperationError('EXPIRED', 'The approval is too old; nothing was changed.');
}

/** What lies in Redis is not believed: the request, the job and the approval must be genuine, and suffice. */
export function assertStillApproved(
  context: WorkerContext,
  record: ChangeRecord,
  approvalMac: string,
): void {
  assertGenuineRecord(record, context.signingKey);
  if (record.approval?.mac !== approvalMac) {
    throw new OperationError(
      'BAD_SIGNATURE',
      `Change ${record.id}: the job is for another approval.`,
    );
  }
  const verdict = approvalSuffices(record, serviceOf(context, record).environment);
  if (!verdict.allowed) {
    throw new OperationError('BAD_SIGNATURE', `Change ${record.id}: ${verdict.reason}`);
  }
}
