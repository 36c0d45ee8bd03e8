import type { ChangeRecord, IdleWait } from '../domain/change.ts';
import { durationWords } from '../domain/duration.ts';
import { faultOf, OperationError } from '../domain/errors.ts';
import type { PoolState } from '../domain/member.ts';
import type { IdleStage } from '../domain/stage.ts';
import type { WorkerContext } from './context.ts';
import { poolsOf, readPools } from './devices.ts';
import { auditEnd } from './finish.ts';
import { followUp, nextLook } from './follow-up.ts';
import { refuseForged } from './forged.ts';
import { freezeOn, freezeWords } from './freeze.ts';
import { progressEveryMs } from './limits.ts';
import { assertApproved, renewed } from './renew.ts';
import { takeBack } from './return.ts';
import { serviceOf } from './run.ts';
import { atFirstWrite, atNextStage, endedAtRest, isResting, isThrough } from './stages.ts';

/** The sessions of the change's members on every device, and how many began since the last look. */
function countSessions(record: ChangeRecord, states: readonly PoolState[], before: IdleWait) {
  const members = record.plan?.members ?? [];
  const totals: Record<string, number> = {};
  let sessions = 0;
  let arrived = 0;
  let sticky: number | undefined;
  for (const state of states) {
    for (const member of state.members.filter(({ name }) => members.includes(name))) {
      sessions += member.sessions + (member.sessionsElsewhere ?? 0);
      if (member.stickyNow !== undefined) sticky = (sticky ?? 0) + member.stickyNow;
      // Another incarnation counts from nothing: after a reload the old number says nothing.
      const { balancer, incarnation } = state.device;
      const key = `${balancer}/${state.pool}/${member.name}/${incarnation}`;
      totals[key] = member.sessionsTotal;
      arrived += Math.max(0, member.sessionsTotal - (before.totals[key] ?? member.sessionsTotal));
    }
  }
  return { sessions, arrived, totals, ...(sticky === undefined ? {} : { sticky }) };
}

/** One look at the members: how the wait stands now. A device that does not answer makes nobody idle. */
async function look(
  context: WorkerContext,
  record: ChangeRecord,
  wait: IdleWait,
): Promise<IdleWait> {
  const service = serviceOf(context, record);
  const steps = record.plan?.steps ?? [];
  const places = poolsOf(service).filter((place) =>
    steps.some((step) => step.balancer === place.balancer && step.pool === place.pool),
  );
  const readings = await readPools(context, places);
  const silent = readings.find((reading) => 'fault' in reading);
  const { quietSince: _quiet, obstacle: _obstacle, sticky: _sticky, ...rest } = wait;
  if (silent !== undefined && 'fault' in silent) {
    return { ...rest, obstacle: `${silent.balancer}: ${silent.fault.message}` };
  }
  const states = readings.flatMap((reading) => ('state' in reading ? [reading.state] : []));
  const { sessions, arrived, totals, sticky } = countSessions(record, states, wait);
  const now = context.clock.now();
  const quiet = sessions === 0 && arrived === 0 && (sticky ?? 0) === 0;
  return {
    ...rest,
    sessions,
    arrived: wait.arrived + arrived,
    totals,
    ...(sticky === undefined ? {} : { sticky }),
    ...(quiet ? { quietSince: wait.quietSince ?? now } : {}),
  };
}

function idleStageOf(record: ChangeRecord): IdleStage {
  const stage = record.plan?.stages[record.stage];
  if (stage?.kind === 'wait for idle') return stage;
  throw new OperationError('INTERNAL', `Change ${record.id} waits for nothing.`);
}

/** The wait is over: on to the next stage, or the end where there is none or the members never became idle. */
function afterWait(
  context: WorkerContext,
  record: ChangeRecord,
  wait: IdleWait,
  idle: boolean,
): ChangeRecord {
  const now = context.clock.now();
  const took = durationWords(now - wait.since);
  const remark = idle
    ? `Idle after ${took}; ${wait.arrived} sessions arrived meanwhile.`
    : `Not idle within ${took}: ${wait.sessions} sessions open, ${wait.arrived} arrived meanwhile${stickyWords(wait)}.`;
  if (!idle && idleStageOf(record).ifNotIdle === 'stay') {
    const members = record.plan?.members.join(', ') ?? '';
    return endedAtRest(record, `${remark} ${members} stays drained; nothing more happens.`, now);
  }
  const next = atNextStage(record, now);
  if (next === undefined || isThrough(next)) return endedAtRest(record, remark, now);
  const outcome = next.outcome && { ...next.outcome, remarks: [...next.outcome.remarks, remark] };
  return atFirstWrite(renewed(context, { ...next, ...(outcome && { outcome }) }), now);
}

function stickyWords({ sticky = 0 }: IdleWait): string {
  return sticky === 0 ? '' : `, ${sticky} sticky clients may come again`;
}

async function lookForIdle(context: WorkerContext, record: ChangeRecord): Promise<void> {
  const { idleWait } = record;
  if (idleWait === undefined) return;
  const stage = idleStageOf(record);
  const wait = await look(context, record, idleWait);
  const now = context.clock.now();
  const idle = wait.quietSince !== undefined && now - wait.quietSince >= stage.quietMs;
  const over = idle || now >= wait.until;
  const freeze = over ? await freezeOn(context, serviceOf(context, record).name) : undefined;
  let wordy = false;
  const updated = await context.stores.changes.update(record.id, (latest) => {
    if (latest.state !== 'draining' || latest.stage !== record.stage) return undefined;
    if (freeze !== undefined) {
      return { ...latest, idleWait: { ...wait, obstacle: freezeWords(freeze, now) } };
    }
    if (over) return afterWait(context, latest, wait, idle);
    wordy = isWorthSaying(latest.idleWait, wait, now);
    return {
      ...latest,
      idleWait: { ...wait, ...(wordy ? { saidAt: now } : saidAt(latest.idleWait)) },
    };
  });
  if (updated.state === 'draining' && !wordy && freeze === undefined) {
    // Calm: the record moves on every look, the card only now and then.
    await context.queue.scheduleWake(record.id, nextLook(now));
    return;
  }
  await auditEnd(context, updated);
  await followUp(context, updated);
}

const saidAt = (wait: IdleWait | undefined) =>
  wait?.saidAt === undefined ? {} : { saidAt: wait.saidAt };

/** The card is brought up to date every `progressEveryMs`, and when the last session has gone. */
function isWorthSaying(before: IdleWait | undefined, wait: IdleWait, now: number): boolean {
  const last = before?.saidAt ?? before?.since ?? now;
  const becameQuiet = before?.quietSince === undefined && wait.quietSince !== undefined;
  return now - last >= progressEveryMs || (becameQuiet && now - last >= progressEveryMs / 5);
}

/**
 * Looks after a change at rest: whether its members are idle, or whether its time is over. Called by a timer and
 * by the sweep, as often as they like; a change that is not at rest is left alone, and a forged one is refused.
 */
export async function wake(context: WorkerContext, changeId: string): Promise<void> {
  const record = await context.stores.changes.get(changeId);
  if (record === undefined || !isResting(record)) return;
  try {
    assertApproved(context, record);
  } catch (thrown) {
    return refuseForged(context, changeId, faultOf(thrown));
  }
  if (record.state === 'draining') return lookForIdle(context, record);
  return takeBack(context, record);
}
