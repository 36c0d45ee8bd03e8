import type { ChangeRecord } from '../domain/change.ts';
import type { ChangeCommand } from '../domain/command.ts';
import type { Service } from '../domain/inventory.ts';
import type { AdminState, PoolState } from '../domain/member.ts';
import type { Stage, WriteStage } from '../domain/stage.ts';
import type { Capabilities } from '../ports/adapter.ts';
import { idleWithinMs, remindBeforeMs } from './limits.ts';

/** A write stage with the administrative state it leads to; `original` is what the member had before the change. */
export interface PlannedWrite {
  readonly stage: number;
  readonly to: AdminState | 'original' | 'unchanged';
}

export interface StagePlan {
  readonly stages: readonly Stage[];
  readonly writes: readonly PlannedWrite[];
}

interface Draft {
  readonly stage: Stage;
  readonly to?: PlannedWrite['to'];
}

const write = (purpose: WriteStage['purpose'], to: PlannedWrite['to']): Draft => ({
  stage: { kind: 'write', purpose },
  to,
});

/** Where clients stick, they are let go first; `now` is for whoever has no time for that. */
function disableDrafts(command: ChangeCommand, service: Service, sticky: boolean): Draft[] {
  if (!sticky || command.now === true) return [write('change', 'disabled')];
  return [
    write('drain', 'drained'),
    {
      stage: {
        kind: 'wait for idle',
        quietMs: Math.min(service.quietForMs, service.drainForMs),
        withinMs: service.drainForMs,
        ifNotIdle: 'go on',
      },
    },
    write('change', 'disabled'),
  ];
}

function drainDrafts(command: ChangeCommand, service: Service, lagMs: number): Draft[] {
  const drain = write('change', 'drained');
  if (command.until === undefined) return [drain];
  const idle: Draft = {
    stage: {
      kind: 'wait for idle',
      // A device that counts late must have counted twice before its silence means anything.
      quietMs: Math.max(service.quietForMs, 2 * lagMs),
      withinMs: command.until.withinMs ?? idleWithinMs,
      ifNotIdle: 'stay',
    },
  };
  switch (command.until.afterwards) {
    case 'keep':
      return [drain, idle];
    case 'disable':
      return [drain, idle, write('then', 'disabled')];
    case 'remove':
      return [drain, idle, write('then', 'removed')];
    case 'go back':
      return [drain, idle, write('then', 'original')];
  }
}

function drafts(command: ChangeCommand, service: Service, sticky: boolean, lagMs: number): Draft[] {
  switch (command.verb) {
    case 'enable':
      return [write('change', 'enabled')];
    case 'weight':
      return [write('change', 'unchanged')];
    case 'failover':
      return [write('change', 'drained')];
    case 'failback':
      return [write('change', 'enabled')];
    case 'disable':
      return disableDrafts(command, service, sticky);
    case 'offline':
      return [write('change', 'offline')];
    case 'drain':
      return drainDrafts(command, service, lagMs);
  }
}

/** The stages of a command on these pools, in order. */
export function stagesFor(
  command: ChangeCommand,
  service: Service,
  states: Iterable<PoolState>,
  abilities: readonly Pick<Capabilities, 'disablesAtOnce' | 'totalsLagMs'>[] = [],
): StagePlan {
  const sticky = [...states].some((state) => state.persistence !== undefined);
  const isDrainedFirst = sticky && !abilities.some(({ disablesAtOnce }) => disablesAtOnce);
  const lagMs = Math.max(0, ...abilities.map(({ totalsLagMs = 0 }) => totalsLagMs));
  const row = drafts(command, service, isDrainedFirst, lagMs);
  if (command.forMs !== undefined) {
    row.push({ stage: { kind: 'hold', forMs: command.forMs } }, write('return', 'original'));
  }
  return {
    stages: row.map(({ stage }) => stage),
    writes: row.flatMap(({ to }, stage) => (to === undefined ? [] : [{ stage, to }])),
  };
}

/** The record at its next stage: at rest, approved for the next write, or undefined when there is none left. */
export function atNextStage(record: ChangeRecord, now: number): ChangeRecord | undefined {
  const stage = record.stage + 1;
  const next = record.plan?.stages[stage];
  const { idleWait: _idle, hold: _hold, ...rest } = record;
  const base = { ...rest, stage, runs: 0 };
  switch (next?.kind) {
    case undefined:
      return undefined;
    case 'write':
      return { ...base, state: 'approved' };
    case 'wait for idle':
      return {
        ...base,
        state: 'draining',
        idleWait: {
          since: now,
          until: now + next.withinMs,
          sessions: 0,
          arrived: 0,
          totals: {},
        },
      };
    case 'hold': {
      const remindAt = now + Math.max(next.forMs / 2, next.forMs - remindBeforeMs);
      return {
        ...base,
        state: 'holding',
        hold: { until: now + next.forMs, remindAt, reminded: false },
      };
    }
  }
}

/**
 * An approved record, past the write stages that have nothing to do (a member that is drained already needs no
 * drain): at the first stage with steps, or at the wait before it.
 */
export function atFirstWrite(record: ChangeRecord, now: number): ChangeRecord {
  let current = record;
  for (;;) {
    const stage = current.plan?.stages[current.stage];
    const steps = current.plan?.steps.some((step) => step.stage === current.stage);
    if (stage?.kind !== 'write' || steps === true) return current;
    const next = atNextStage(current, now);
    if (next === undefined) return current;
    current = next;
  }
}

/** True when nothing is left to be written or waited for: what a later stage would do, an earlier one did. */
export function isThrough({ plan, stage: at }: ChangeRecord): boolean {
  return (plan?.stages ?? []).every(
    ({ kind }, stage) =>
      stage < at ||
      (kind === 'write' && plan?.steps.some((step) => step.stage === stage) === false),
  );
}

export function isResting(record: ChangeRecord): boolean {
  return record.state === 'draining' || record.state === 'holding';
}

/** A change that ends while it is at rest: nothing more is written, and the remark says what stays. */
export function endedAtRest(record: ChangeRecord, remark: string, now: number): ChangeRecord {
  const { idleWait: _idle, hold: _hold, ...rest } = record;
  const steps = record.outcome?.steps ?? [];
  const outcome = {
    steps,
    after: record.outcome?.after ?? [],
    at: now,
    remarks: [...(record.outcome?.remarks ?? []), remark],
  };
  return { ...rest, state: 'done', outcome };
}
