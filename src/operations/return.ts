import type { ChangeRecord, HoldTime } from '../domain/change.ts';
import { durationWords } from '../domain/duration.ts';
import type { Fault } from '../domain/errors.ts';
import type { Step } from '../domain/plan.ts';
import type { WorkerContext } from './context.ts';
import { auditEnd } from './finish.ts';
import { channelOf, followUp } from './follow-up.ts';
import { freezeOn, freezeWords } from './freeze.ts';
import { returnLateMs, returnRetryMs } from './limits.ts';
import { checkedPort, lookouts, reachMember } from './reach.ts';
import { renewed } from './renew.ts';
import { serviceOf } from './run.ts';
import { atFirstWrite, atNextStage, endedAtRest } from './stages.ts';

function returnSteps(record: ChangeRecord): readonly Step[] {
  return record.plan?.steps.filter((step) => step.stage === record.stage + 1) ?? [];
}

/** The first member that our own check does not reach: it must not take clients again. */
async function unreached(
  context: WorkerContext,
  record: ChangeRecord,
): Promise<string | undefined> {
  const backIn = returnSteps(record).filter(
    (step) => step.after.admin === 'enabled' && step.before.admin !== 'enabled',
  );
  const service = serviceOf(context, record);
  const results = await Promise.all(
    lookouts(
      context,
      backIn.map((step) => ({ balancer: step.balancer, pool: step.pool, member: step })),
    ).map(async ({ member: step }) => ({
      step,
      result: await reachMember(context, service, step, step),
    })),
  );
  for (const { step, result } of results) {
    if (!result.reached)
      return `${step.member} at ${step.address} port ${checkedPort(service, step)}: ${result.reason}`;
  }
  return undefined;
}

/** Changes the time box in place, if the change still holds. */
function changeHold(
  context: WorkerContext,
  record: ChangeRecord,
  next: (hold: HoldTime) => HoldTime,
): Promise<ChangeRecord> {
  return context.stores.changes.update(record.id, (latest) =>
    latest.state === 'holding' && latest.hold !== undefined
      ? { ...latest, hold: next(latest.hold) }
      : undefined,
  );
}

/** Stays out, and says so loudly: the record ends as failed, so its ending mentions everybody concerned. */
async function staysOut(context: WorkerContext, record: ChangeRecord, why: string): Promise<void> {
  const now = context.clock.now();
  const fault: Fault = {
    code: 'NOT_RETURNED',
    message: `The time is over, but our own check does not reach ${why}`,
  };
  const ended = await context.stores.changes.update(record.id, (latest) => {
    if (latest.state !== 'holding') return undefined;
    const ended = endedAtRest(latest, 'Nothing was brought back; the members stay out.', now);
    return { ...ended, state: 'failed', fault };
  });
  await context.stores.audit.append({
    kind: 'failed',
    changeId: record.id,
    actor: 'lb-chatops',
    detail: { fault },
  });
  await auditEnd(context, ended);
  await followUp(context, ended);
}

/** To the write stage that takes it back; from there on it is like every other write, lane and guard included. */
async function begin(context: WorkerContext, record: ChangeRecord, due: number): Promise<void> {
  const now = context.clock.now();
  const updated = await context.stores.changes.update(record.id, (latest) => {
    if (latest.state !== 'holding' || latest.stage !== record.stage) return undefined;
    const next = atNextStage(latest, now);
    if (next === undefined) return endedAtRest(latest, 'There was nothing to take back.', now);
    const late = now - due;
    const remark = `Came back ${durationWords(late)} late.`;
    const outcome = next.outcome && {
      ...next.outcome,
      remarks: late > returnLateMs ? [...next.outcome.remarks, remark] : next.outcome.remarks,
    };
    return atFirstWrite(renewed(context, { ...next, ...(outcome && { outcome }) }), now);
  });
  await auditEnd(context, updated);
  await followUp(context, updated);
}

/** A word to whoever asked, in time for `extend`. Its id makes a second try the same word. */
async function remind(context: WorkerContext, record: ChangeRecord, left: number): Promise<void> {
  const channel = channelOf(context, record);
  if (channel === undefined) return;
  const members = record.plan?.members.join(', ') ?? '';
  await context.queue.notice({
    id: `remind.${record.id}.${record.hold?.until ?? 0}`,
    channel,
    changeId: record.id,
    mentions: [record.request.actor.id],
    text: `${members} in ${record.plan?.service ?? ''} comes back in ${durationWords(left)}. To keep it longer: extend ${record.id} 30m`,
  });
}

/**
 * A time box: reminds, and when the time is over takes the change back: behind a freeze, behind a health check, and
 * never over somebody else's change (the write itself sees to that). Exactly once, because the record leaves
 * `holding` in one atomic step.
 */
export async function takeBack(context: WorkerContext, record: ChangeRecord): Promise<void> {
  const { hold } = record;
  if (hold === undefined) return;
  const now = context.clock.now();
  if (now < hold.until) {
    if (hold.reminded || now < hold.remindAt) {
      return context.queue.scheduleWake(record.id, hold.reminded ? hold.until : hold.remindAt);
    }
    await remind(context, record, hold.until - now);
    return followUp(
      context,
      await changeHold(context, record, (is) => ({ ...is, reminded: true })),
    );
  }
  const freeze = await freezeOn(context, serviceOf(context, record).name);
  if (freeze !== undefined) {
    const obstacle = freezeWords(freeze, now);
    const waiting = await changeHold(context, record, (is) => ({ ...is, obstacle }));
    if (hold.obstacle === undefined) return followUp(context, waiting);
    return context.queue.scheduleWake(
      record.id,
      (Math.floor(now / returnRetryMs) + 1) * returnRetryMs,
    );
  }
  const why = await unreached(context, record);
  return why === undefined ? begin(context, record, hold.until) : staysOut(context, record, why);
}
