import { approvedPlan } from '../domain/approval.ts';
import type { ChangeRecord, ChangeState, Outcome } from '../domain/change.ts';
import { isOpen } from '../domain/change.ts';
import { faultOf } from '../domain/errors.ts';
import type { PoolState } from '../domain/member.ts';
import { earlierResults } from './begin-run.ts';
import type { WorkerContext } from './context.ts';
import { type PoolAt, readPools } from './devices.ts';
import { keepStates } from './keep-state.ts';
import { remember } from './remember.ts';
import { outcomeOf, type Run } from './run.ts';
import { noteTakeover } from './takeover.ts';

/**
 * Every pool of the plan as it is now; one that cannot be read is named in the remarks instead. What its balancers start
 * from is brought up to date at the same time.
 */
export async function readAfter(
  run: Pick<Run, 'context' | 'approved' | 'remarks'>,
): Promise<readonly PoolState[]> {
  const places = new Map<string, PoolAt>();
  for (const { balancer, pool } of run.approved.plan.steps) {
    places.set(`${balancer}/${pool}`, { balancer, pool });
  }
  const states: PoolState[] = [];
  const balancers = [...places.values()].map(({ balancer }) => balancer);
  const [readings, notKept] = await Promise.all([
    readPools(run.context, [...places.values()]),
    keepStates(run.context, balancers),
  ]);
  run.remarks.push(...notKept);
  for (const reading of readings) {
    if ('state' in reading) {
      states.push(reading.state);
      noteTakeover(run, reading.state);
    } else
      run.remarks.push(
        `${reading.balancer} could not be read afterwards: ${reading.fault.message}`,
      );
  }
  return states;
}

/**
 * Ends a change: audit, record, claims, card. Called again, it leaves an ended record as it is. `known`: the record as
 * it was just read.
 */
export async function finish(
  run: Pick<Run, 'context' | 'changeId'>,
  state: ChangeState,
  outcome: Outcome,
  known?: ChangeRecord,
): Promise<ChangeRecord> {
  const { stores, queue } = run.context;
  await stores.audit.append({
    kind: 'finished',
    changeId: run.changeId,
    actor: 'lb-chatops',
    detail: {
      state,
      fault: outcome.fault,
      remarks: outcome.remarks,
      steps: outcome.steps.map(({ index, result }) => ({ index, result })),
    },
  });
  const next = (latest: ChangeRecord): ChangeRecord | undefined => {
    if (!isOpen(latest.state)) return undefined;
    const { fault } = outcome;
    return { ...latest, state, outcome, ...(fault === undefined ? {} : { fault }) };
  };
  const record = await stores.changes.update(run.changeId, next, known);
  await Promise.all([
    stores.claims.release(run.changeId),
    queue.refreshCard(record.id, record.revision),
  ]);
  return record;
}

/** The last entry of a change that ended at rest, without a write. */
export async function auditEnd(
  context: Pick<WorkerContext, 'stores'>,
  record: ChangeRecord,
): Promise<void> {
  if (isOpen(record.state)) return;
  await context.stores.audit.append({
    kind: 'finished',
    changeId: record.id,
    actor: 'lb-chatops',
    detail: { state: record.state, fault: record.fault, remarks: record.outcome?.remarks },
  });
}

/** What must be known of a change to end it without its worker. */
type Ending = Pick<
  Run,
  'context' | 'changeId' | 'requester' | 'approved' | 'stage' | 'results' | 'remarks'
>;

/**
 * Gives up with the truth: what each device shows now, no further write. Steps of earlier stages are settled; what
 * this one did reach is remembered, or it would look like somebody's hand.
 */
export async function halfDone(run: Ending, why: string): Promise<ChangeRecord> {
  run.remarks.push(why);
  const after = await readAfter(run);
  for (const step of run.approved.plan.steps.filter(({ stage }) => stage === run.stage)) {
    const pool = after.find(
      (state) => state.device.balancer === step.balancer && state.pool === step.pool,
    );
    const member = pool?.members.find((candidate) => candidate.name === step.member);
    if (member === undefined) run.results.set(step.index, { index: step.index, result: 'unknown' });
    else if (member.admin === step.after.admin && member.weight === step.after.weight) {
      run.results.set(step.index, { index: step.index, result: 'verified', member });
      await remember(run, { step, direction: 'forward' });
    } else run.results.set(step.index, { index: step.index, result: 'failed', member });
  }
  return finish(run, 'half-done', outcomeOf(run, after));
}

/**
 * Called when a change's lane jobs are over, however they ended. A record that is still open then lost its
 * workers for good: it ends as `half-done` with what the devices say.
 */
export async function settle(
  context: WorkerContext,
  changeId: string,
  stage: number,
  round = 0,
): Promise<void> {
  const record = await context.stores.changes.get(changeId);
  const abandoned =
    record?.stage === stage &&
    (record.approval?.round ?? 0) === round &&
    ['approved', 'running', 'unknown'].includes(record.state);
  if (!abandoned || record.plan === undefined) return;
  try {
    const run = {
      context,
      changeId,
      requester: record.request.actor.id,
      approved: approvedPlan(record, context.signingKey),
      stage,
      results: earlierResults(record.outcome),
      remarks: [...(record.outcome?.remarks ?? [])],
    };
    await halfDone(run, 'No worker could finish it.');
  } catch (thrown) {
    context.log.error('Settling failed', { changeId, error: faultOf(thrown) });
    throw thrown;
  }
}
