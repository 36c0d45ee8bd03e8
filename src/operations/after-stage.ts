import type { ChangeRecord, Outcome } from '../domain/change.ts';
import type { Fault } from '../domain/errors.ts';
import { stillElsewhere } from './elsewhere.ts';
import { auditEnd, finish } from './finish.ts';
import { followUp } from './follow-up.ts';
import { returnRetryMs } from './limits.ts';
import { holding, restingIn } from './plan-admission.ts';
import type { Run } from './run.ts';
import { atFirstWrite, atNextStage, endedAtRest } from './stages.ts';

/** Who enables a member ends the drains and time boxes that held it, if all their members are back. */
async function endSuperseded(run: Run): Promise<void> {
  const { plan } = run.approved;
  if (plan.verb !== 'enable') return;
  const { context } = run;
  for (const other of holding(await restingIn(context, plan.service), plan.members)) {
    const covered = other.plan?.members.every((member) => plan.members.includes(member)) === true;
    if (!covered || other.id === run.changeId) continue;
    const remark = `Brought back early by ${run.requester} with change ${run.changeId}.`;
    const ended = await context.stores.changes.update(other.id, (latest) =>
      latest.state === other.state ? endedAtRest(latest, remark, context.clock.now()) : undefined,
    );
    await auditEnd(context, ended);
    await followUp(context, ended);
  }
}

/** How many sessions the restarted process gave to members that should have had none. */
function restoreRemarks(run: Run, outcome: Outcome): readonly string[] {
  if (run.approved.approval.kind !== 'restore') return [];
  return outcome.after.flatMap((state) =>
    state.members
      .filter(({ name }) => run.approved.plan.members.includes(name))
      .map(
        ({ name, sessionsTotal }) =>
          `${sessionsTotal} sessions reached ${name} on ${state.device.balancer} between its restart and the restore.`,
      ),
  );
}

/** Whoever takes a host out of one service learns which others keep sending clients there. */
function elsewhereRemarks(run: Run, outcome: Outcome): readonly string[] {
  const { verb, members } = run.approved.plan;
  if (verb !== 'disable' && verb !== 'drain') return [];
  return stillElsewhere(run.service, members, outcome);
}

/** All lanes of a stage are through: the change goes on to its next stage, comes to rest, or is done. */
export async function afterStage(run: Run, told: Outcome): Promise<ChangeRecord> {
  const { context } = run;
  const remarks = [...restoreRemarks(run, told), ...elsewhereRemarks(run, told)];
  const fresh = remarks.filter((text) => !told.remarks.includes(text));
  const outcome = { ...told, remarks: [...told.remarks, ...fresh] };
  await endSuperseded(run);
  const now = context.clock.now();
  const record = await context.stores.changes.update(run.changeId, (latest) => {
    if (latest.stage !== run.stage) return undefined;
    const next = atNextStage({ ...latest, outcome }, now);
    return next === undefined ? undefined : atFirstWrite(next, now);
  });
  if (record.stage === run.stage) return finish(run, 'done', outcome, record);
  await followUp(context, record);
  return record;
}

/** A freeze came before a later stage had written anything: the change waits on where it waited before. */
export async function backToRest(run: Run, fault: Fault): Promise<ChangeRecord> {
  const { context, stage } = run;
  const now = context.clock.now();
  const before = run.approved.plan.stages[stage - 1];
  const record = await context.stores.changes.update(run.changeId, (latest) => {
    if (latest.stage !== stage) return undefined;
    const rested = { ...latest, stage: stage - 1, runs: 0 };
    const until = now + returnRetryMs;
    if (before?.kind === 'hold') {
      const hold = { until, remindAt: until, reminded: true, obstacle: fault.message };
      return { ...rested, state: 'holding', hold };
    }
    const idleWait = {
      since: now,
      until,
      quietSince: 0,
      sessions: 0,
      arrived: 0,
      totals: {},
      obstacle: fault.message,
    };
    return { ...rested, state: 'draining', idleWait };
  });
  await followUp(context, record);
  return record;
}
