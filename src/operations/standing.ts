import { isSwitch } from '../domain/command.ts';
import { OperationError } from '../domain/errors.ts';
import { type PoolState, sameSetting, settingOf } from '../domain/member.ts';
import type { Step } from '../domain/plan.ts';
import { guard } from '../policy/guard.ts';
import { capacityMoves } from './capacity.ts';
import { guardedPool, poolsOf, readPools } from './devices.ts';
import { assertMayTakeOver } from './failover/standby.ts';
import { isReturn, memberOf, type Run } from './run.ts';
import { noteTakeover } from './takeover.ts';

/** What a step's member shows, held against what the plan and the journal expect of it. */
export type Standing = 'to do' | 'done already' | 'left alone';

/**
 * A claimed change accepts per step exactly its recorded before or after; a third state stops it. Without a
 * journal entry nothing was sent yet, so only `before` will do: the approval was for that.
 */
export function standingOf(run: Run, step: Step, state: PoolState): Standing {
  const member = memberOf(state, step);
  if (member === undefined) {
    throw new OperationError(
      'STALE',
      `${step.member} is gone from ${step.pool} on ${step.balancer}.`,
    );
  }
  const setting = settingOf(member);
  const begun = run.journal.has(step.index);
  const sameAddress = member.address === step.address && member.port === step.port;
  if (sameAddress && sameSetting(setting, step.before)) return 'to do';
  if (sameAddress && begun && sameSetting(setting, step.after)) return 'done already';
  if (isReturn(run)) return 'left alone';
  if (sameSetting(setting, step.after)) {
    throw new OperationError(
      'STALE',
      `${step.member} is ${setting.admin} on ${step.balancer} already, by somebody else; nothing was changed there.`,
    );
  }
  throw new OperationError(
    'STALE',
    `${step.member} on ${step.balancer} is ${setting.admin} with weight ${setting.weight} now; planned from ${step.before.admin} with weight ${step.before.weight}.`,
  );
}

/** Throws GUARD when live state no longer allows what is still to be taken on this device. */
export async function assertGuard(
  run: Run,
  state: PoolState,
  todo: readonly Step[],
): Promise<void> {
  const { verb } = run.approved.plan;
  if (isSwitch(verb)) {
    const [step] = todo;
    if (step === undefined) return;
    return assertMayTakeOver(run.context, { verb }, run.service, { written: step.balancer });
  }
  const here = todo.filter(
    (step) => step.balancer === state.device.balancer && step.pool === state.pool,
  );
  const pool = await guardedPool(run.context, run.service, state, capacityMoves(here), {
    changeId: run.changeId,
    sequence: run.approved.approval.sequence,
  });
  const verdict = guard([pool], run.service.minAvailable);
  if (!verdict.allowed) throw new OperationError('GUARD', verdict.reason ?? 'The guard refused.');
}

/** Before the first write every pool of the change is read, compared and guarded, on all lanes. */
export async function assertAllSound(run: Run): Promise<readonly PoolState[]> {
  const steps = run.approved.plan.steps.filter((step) => step.stage === run.stage);
  const places = poolsOf(run.service).filter((place) =>
    steps.some((step) => step.balancer === place.balancer && step.pool === place.pool),
  );
  const sound = (await readPools(run.context, places)).map((reading) => {
    if ('fault' in reading) throw new OperationError(reading.fault.code, reading.fault.message);
    noteTakeover(run, reading.state);
    const here = steps.filter((s) => s.balancer === reading.balancer && s.pool === reading.pool);
    for (const step of here) standingOf(run, step, reading.state);
    return { state: reading.state, here };
  });
  await Promise.all(sound.map(({ state, here }) => assertGuard(run, state, here)));
  return sound.map(({ state }) => state);
}
