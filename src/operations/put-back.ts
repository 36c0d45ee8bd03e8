import type { ChangeRecord } from '../domain/change.ts';
import { isSwitch } from '../domain/command.ts';
import { type Fault, faultOf, OperationError } from '../domain/errors.ts';
import { type PoolState, sameSetting, settingOf } from '../domain/member.ts';
import type { Step } from '../domain/plan.ts';
import { guard } from '../policy/guard.ts';
import { confirmStep, takeStep } from './apply-step.ts';
import { capacityMoves } from './capacity.ts';
import { guardedPool, readPool } from './devices.ts';
import { finish, readAfter } from './finish.ts';
import { HandBack, keepGoing, memberOf, outcomeOf, type Run, StepFailed, stepsOf } from './run.ts';

/** Steps of this lane that this change made and that stand, last one first. */
function standingSteps(run: Run): readonly Step[] {
  return stepsOf(run)
    .filter((step) => {
      const entry = run.journal.get(step.index);
      return entry?.phase === 'verified' || entry?.direction === 'back';
    })
    .filter((step) => run.journal.get(step.index)?.phase !== 'put back')
    .reverse();
}

/** Putting a member back out (after a failed enable) takes capacity: the guard has its word there too. */
async function assertGuardAllows(run: Run, step: Step, state: PoolState): Promise<void> {
  // Giving way, or not any more, takes no member from anybody.
  if (isSwitch(run.approved.plan.verb)) return;
  const back = { ...step, before: step.after, after: step.before };
  const pool = await guardedPool(run.context, run.service, state, capacityMoves([back]), {
    changeId: run.changeId,
    sequence: run.approved.approval.sequence,
  });
  const verdict = guard([pool], run.service.minAvailable);
  if (!verdict.allowed) throw new OperationError('GUARD', verdict.reason ?? 'The guard refused.');
}

async function putBackStep(run: Run, step: Step): Promise<void> {
  const state = await readPool(run.context, step);
  const member = memberOf(state, step);
  if (member === undefined) throw new OperationError('STALE', `${step.member} is gone.`);
  const move = { step, direction: 'back' as const };
  const setting = settingOf(member);
  if (sameSetting(setting, step.before)) {
    run.results.set(step.index, await confirmStep(run, move, member));
    return;
  }
  if (!sameSetting(setting, step.after)) {
    throw new OperationError(
      'STALE',
      `${step.member} on ${step.balancer} was changed by somebody else meanwhile; left as it is.`,
    );
  }
  await assertGuardAllows(run, step, state);
  run.results.set(step.index, await takeStep(run, move, member));
}

/**
 * After a failure on one device: puts back what this lane changed before, through the guard, unless the person
 * asked to keep the half, or the failed member is not verifiably as it was. Ends the change either way.
 */
export async function putBack(run: Run, fault: Fault, unchanged: boolean): Promise<ChangeRecord> {
  keepGoing(run);
  const standing = standingSteps(run);
  const where = standing.map((step) => `${step.member} on ${step.balancer}`).join(', ');
  if (standing.length === 0) return ended(run, 'failed', fault);
  if (run.approved.plan.ifPairFails === 'keep half') {
    run.remarks.push(`Kept, as you asked: ${where}.`);
    return ended(run, 'half-done', fault);
  }
  if (!unchanged) {
    run.remarks.push(
      `Not put back, because it is not certain what the other device did: ${where}.`,
    );
    return ended(run, 'half-done', fault);
  }
  for (const step of standing) {
    try {
      await putBackStep(run, step);
      run.remarks.push(`${step.member} on ${step.balancer} was put back.`);
    } catch (thrown) {
      if (thrown instanceof HandBack) throw thrown;
      const reason = thrown instanceof StepFailed ? thrown.fault : faultOf(thrown);
      if (reason.code === 'FENCED' || reason.code === 'STORE_UNAVAILABLE') throw thrown;
      run.remarks.push(`${step.member} on ${step.balancer} was NOT put back: ${reason.message}`);
      return ended(run, 'half-done', fault);
    }
  }
  return ended(run, 'failed', fault);
}

async function ended(run: Run, state: 'failed' | 'half-done', fault: Fault): Promise<ChangeRecord> {
  const after = await readAfter(run);
  const standing = [...run.results.values()].some(
    ({ result }) => result === 'verified' || result === 'not serving yet',
  );
  return finish(run, standing ? 'half-done' : state, outcomeOf(run, after, fault));
}
