import { type ChangeRecord, isOpen, type StepOutcome } from '../domain/change.ts';
import { type ErrorCode, type Fault, faultOf } from '../domain/errors.ts';
import type { MemberState, PoolState } from '../domain/member.ts';
import type { Step } from '../domain/plan.ts';
import type { ApplyJob } from '../ports/queue.ts';
import { adoptRest } from './adopt.ts';
import { afterStage, backToRest } from './after-stage.ts';
import { assertRolesHold, orderedSteps } from './apply-order.ts';
import { confirmStep, takeStep } from './apply-step.ts';
import { assertInTime, assertStillApproved, beginRun, claim } from './begin-run.ts';
import type { WorkerContext } from './context.ts';
import { readPool } from './devices.ts';
import { beginTakeOver } from './failover/take-over.ts';
import { finish, halfDone, readAfter } from './finish.ts';
import { assertNotFrozen } from './freeze.ts';
import { readFreshMs, runsMax } from './limits.ts';
import { noteGaps } from './pair-gaps.ts';
import { putBack } from './put-back.ts';
import { forget } from './remember.ts';
import {
  assertGoingOn,
  HandBack,
  type Move,
  memberOf,
  outcomeOf,
  type Run,
  StepFailed,
  stepsOf,
} from './run.ts';
import { assertAllSound, assertGuard, standingOf } from './standing.ts';
import { untilReadable } from './until-readable.ts';

/** One device: read, compare, guard on what it shows now, then step by step. */
async function applyOnDevice(
  run: Run,
  steps: readonly Step[],
  early: Early,
  isStillInOrder: () => Promise<void>,
): Promise<void> {
  const [first] = steps;
  if (first === undefined) return;
  const [state] = await Promise.all([
    early(first) ?? readPool(run.context, first),
    isStillInOrder(),
  ]);
  const todo = steps.filter((step) => standingOf(run, step, state) === 'to do');
  await assertGuard(run, state, todo);
  const takeOver = beginTakeOver(run);
  try {
    for (const step of steps) {
      const move: Move = { step, direction: 'forward' };
      const member = memberOf(state, step);
      if (member === undefined) continue;
      run.results.set(step.index, await taken(run, move, member, state));
    }
    run.remarks.push(...((await takeOver?.seen()) ?? []));
  } finally {
    takeOver?.stop();
  }
}

/** What was read of a step's pool so lately that reading it again would tell nothing new. */
type Early = (step: Step) => PoolState | undefined;

async function taken(
  run: Run,
  move: Move,
  member: MemberState,
  state: PoolState,
): Promise<StepOutcome> {
  const { step } = move;
  switch (standingOf(run, step, state)) {
    case 'to do':
      return takeStep(run, move, member);
    case 'done already':
      return confirmStep(run, move, member);
    case 'left alone':
      await forget(run, step);
      run.remarks.push(
        `${step.member} on ${step.balancer} was left alone: somebody changed it meanwhile (${member.status}, weight ${member.weight}).`,
      );
      return { index: step.index, result: 'already so', member };
  }
}

/** Everything is looked at before the first write of a stage; the readings serve the first device as well. */
async function lookAtAll(run: Run): Promise<Early> {
  const [thawed, read] = await Promise.allSettled([
    assertNotFrozen(run.context, run.service.name),
    assertAllSound(run),
  ]);
  // A freeze comes first, whatever the devices show meanwhile.
  if (thawed.status === 'rejected') throw thawed.reason;
  if (read.status === 'rejected') throw read.reason;
  const readings = read.value;
  return ({ balancer, pool }) =>
    readings.find(
      (state) =>
        state.device.balancer === balancer &&
        state.pool === pool &&
        run.context.clock.now() - state.readAt <= readFreshMs,
    );
}

/** Writes this lane's steps; the second device only after the first is verified. */
async function forward(run: Run): Promise<void> {
  const { steps } = run.approved.plan;
  const isFirst = !steps.some((step) => step.stage === run.stage && run.results.has(step.index));
  const [order, early] = await Promise.all([
    orderedSteps(run),
    isFirst && run.journal.size === 0 ? lookAtAll(run) : (): undefined => undefined,
  ]);
  for (const [index, group] of order.groups.entries()) {
    await applyOnDevice(run, group, early, async () => {
      if (index > 0) await assertRolesHold(run, order);
    });
  }
}

function failedStep(run: Run): Step | undefined {
  const [next] = stepsOf(run)
    .filter(
      (step) => !run.results.has(step.index) || run.results.get(step.index)?.result === 'unknown',
    )
    .sort((a, b) => Number(run.journal.has(b.index)) - Number(run.journal.has(a.index)));
  return next;
}

/** What becomes of a change that met a fault: refused before any write, else put back or left half. */
async function failed(run: Run, thrown: unknown): Promise<ChangeRecord> {
  const fault = thrown instanceof StepFailed ? thrown.fault : faultOf(thrown);
  const written = run.journal.size > 0 || run.results.size > 0;
  if (fault.code === 'FROZEN' && run.stage > 0) return backToRest(run, fault);
  if (!written) {
    const state = fault.code === 'EXPIRED' ? 'expired' : 'refused';
    return finish(run, state, outcomeOf(run, [], fault));
  }
  const step = failedStep(run);
  if (step !== undefined)
    run.results.set(step.index, { index: step.index, result: 'failed', fault });
  const unchanged = thrown instanceof StepFailed ? thrown.unchanged : true;
  if (unchanged) await keepFault(run, fault);
  return putBack(run, fault, unchanged);
}

/** The fault is kept before anything is put back, so that a worker that takes over goes on putting back. */
async function keepFault(run: Run, fault: Fault): Promise<void> {
  await run.context.stores.changes.update(run.changeId, (latest) => ({
    ...latest,
    state: 'running',
    outcome: outcomeOf(run, [], fault),
  }));
}

function isLastLane(run: Run): boolean {
  return run.approved.plan.steps
    .filter((step) => step.stage === run.stage)
    .every((step) => run.results.has(step.index));
}

async function completed(run: Run, record: ChangeRecord): Promise<ChangeRecord> {
  const after = await readAfter(run);
  for (const remark of await noteGaps(run, after)) {
    if (!run.remarks.includes(remark)) run.remarks.push(remark);
  }
  if (isLastLane(run)) {
    run.remarks.push(...(await adoptRest(run, record)));
    return afterStage(run, outcomeOf(run, after));
  }
  return run.context.stores.changes.update(run.changeId, (latest) => ({
    ...latest,
    state: 'running',
    runs: 0,
    outcome: outcomeOf(run, after),
  }));
}

const SILENCES: readonly ErrorCode[] = ['UNREACHABLE', 'TIMEOUT', 'CUT_REPLY'];

/** A device on which a step was begun and not settled fell silent again: nothing may be concluded from that. */
function isSilence(run: Run, thrown: unknown): boolean {
  if (thrown instanceof StepFailed || !SILENCES.includes(faultOf(thrown).code)) return false;
  return stepsOf(run).some((step) => run.journal.get(step.index)?.phase === 'about-to');
}

async function goOn(run: Run, record: ChangeRecord): Promise<ChangeRecord> {
  if (record.runs > runsMax) return halfDone(run, 'Two workers died while carrying it out.');
  const fault = record.outcome?.fault;
  const wasFailing = fault !== undefined && record.state === 'running';
  if (wasFailing) return putBack(run, fault, true);
  for (;;) {
    // A worker died after it had begun to write: the device may be silent, and only it knows what was done.
    if (run.journal.size > 0) await untilReadable(run);
    try {
      assertInTime(run);
      await forward(run);
      return await completed(run, record);
    } catch (thrown) {
      if (thrown instanceof HandBack) throw thrown;
      const { code } = faultOf(thrown);
      if (code === 'FENCED' || code === 'STORE_UNAVAILABLE') throw thrown;
      if (!isSilence(run, thrown)) return failed(run, thrown);
    }
  }
}

/**
 * Applies one lane of an approved change: the only place from which devices are written. Verifies the
 * approval, takes the lane, reads and guards again, then step by step. Can be run again by another worker
 * after a crash at any line. Throws HandBack when this worker must stop (the job goes back to the head of the
 * lane), FENCED when another took over, STORE_UNAVAILABLE when Redis is away (no answer, no write).
 */
export async function applyLane(
  context: WorkerContext,
  { changeId, lane, stage, approvalMac }: ApplyJob,
  signal: AbortSignal,
): Promise<void> {
  const record = await claim(context, changeId, stage);
  if (record === undefined) return;
  try {
    assertStillApproved(context, record, approvalMac);
    const [run] = await Promise.all([
      beginRun(context, record, lane, signal),
      record.runs === 1 ? context.queue.refreshCard(record.id, record.revision) : undefined,
    ]);
    assertGoingOn(run);
    await goOn(run, record);
  } catch (thrown) {
    const { code } = faultOf(thrown);
    if (code === 'BAD_SIGNATURE') return refuseForged(context, record, thrown);
    if (thrown instanceof HandBack || code === 'STORE_UNAVAILABLE') {
      await giveBackStart(context, record);
    } else context.log.warn('A lane stopped', { changeId, lane, error: thrown });
    throw thrown;
  }
}

/** A start that ended in an orderly stop is not one of the two that a change may lose; somebody else's is not ours. */
async function giveBackStart(context: WorkerContext, claimed: ChangeRecord): Promise<void> {
  await context.stores.changes
    .update(claimed.id, (latest) =>
      isOpen(latest.state) && latest.stage === claimed.stage && latest.runs === claimed.runs
        ? { ...latest, runs: Math.max(0, latest.runs - 1) }
        : undefined,
    )
    .catch(() => undefined);
}

async function refuseForged(
  context: WorkerContext,
  record: ChangeRecord,
  thrown: unknown,
): Promise<void> {
  const fault = faultOf(thrown);
  context.log.error('A change with a forged approval was refused', { changeId: record.id });
  await context.stores.audit.append({
    kind: 'refused',
    changeId: record.id,
    actor: 'lb-chatops',
    detail: { fault },
  });
  const refused = await context.stores.changes.update(record.id, (latest) => ({
    ...latest,
    state: 'refused',
    fault,
  }));
  await context.stores.claims.release(record.id);
  await context.queue.refreshCard(refused.id, refused.revision);
}
