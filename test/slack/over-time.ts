import type { ChangeRecord, ChangeState } from '../../src/domain/change.ts';
import type { ChangeCommand } from '../../src/domain/command.ts';
import { type Plan, planDigest, type Step } from '../../src/domain/plan.ts';
import type { Stage } from '../../src/domain/stage.ts';
import { approver, noon, outcome, plan, record } from './sample.ts';

export const DRAIN_FIRST: readonly Stage[] = [
  { kind: 'write', purpose: 'drain' },
  { kind: 'wait for idle', quietMs: 30_000, withinMs: 60_000, ifNotIdle: 'go on' },
  { kind: 'write', purpose: 'change' },
];

export const UNTIL_IDLE: readonly Stage[] = [
  { kind: 'write', purpose: 'change' },
  { kind: 'wait for idle', quietMs: 30_000, withinMs: 600_000, ifNotIdle: 'stay' },
  { kind: 'write', purpose: 'then' },
];

export const BOXED: readonly Stage[] = [
  { kind: 'write', purpose: 'change' },
  { kind: 'hold', forMs: 1_800_000 },
  { kind: 'write', purpose: 'return' },
];

const ENABLED = { admin: 'enabled', weight: 100 } as const;
const DRAINED = { admin: 'drained', weight: 100 } as const;
const DISABLED = { admin: 'disabled', weight: 100 } as const;

/** The settings each write stage leads from and to, in order. */
function pathOf(stages: readonly Stage[], verb: Plan['verb']) {
  if (stages[0]?.kind === 'write' && stages[0].purpose === 'drain')
    return [ENABLED, DRAINED, DISABLED];
  if (stages.some((stage) => stage.kind === 'hold')) {
    return [ENABLED, verb === 'weight' ? { ...ENABLED, weight: 50 } : DISABLED, ENABLED];
  }
  return verb === 'drain' ? [ENABLED, DRAINED, DISABLED] : [ENABLED, { ...ENABLED, weight: 50 }];
}

/** The sample plan in several stages, each write of them on both nodes. */
export function staged(stages: readonly Stage[], verb: Plan['verb'] = 'disable'): Plan {
  const base = plan();
  const path = pathOf(stages, verb);
  let write = 0;
  const steps: Step[] = [];
  for (const [at, stage] of stages.entries()) {
    if (stage.kind !== 'write') continue;
    const before = path[write] ?? ENABLED;
    const after = path[write + 1] ?? ENABLED;
    write += 1;
    for (const step of base.steps) {
      const target = `${step.pool}/${step.member}`;
      const commands = [
        before.weight === after.weight
          ? `to ${after.admin} ${target}`
          : `set weight ${target} ${after.weight}`,
      ];
      steps.push({ ...step, index: steps.length, stage: at, commands, before, after });
    }
  }
  const body = { ...base, verb, stages, steps };
  return { ...body, digest: planDigest(body) };
}

export interface At {
  readonly stages: readonly Stage[];
  /** Index of the stage it has come to. */
  readonly stage: number;
  readonly command?: Partial<ChangeCommand>;
  readonly over?: Partial<ChangeRecord>;
}

/** A change in stages, approved, as far as `stage`; what came before is verified. */
export function changeAt(
  state: ChangeState,
  { stages, stage, command = {}, over = {} }: At,
): ChangeRecord {
  const planned = staged(stages, command.verb ?? 'disable');
  const results = planned.steps.map((step) => (step.stage < stage ? 'verified' : 'not started'));
  const done = outcome(planned, results);
  const past = done.steps.filter(({ result }) => result === 'verified');
  return record(state, {
    command,
    over: {
      plan: planned,
      stage,
      outcome: { ...done, steps: past },
      approval: {
        changeId: 'q7k2m9xt',
        digest: planned.digest,
        kind: 'people',
        by: approver,
        votes: [approver],
        at: noon + 3000,
        notAfter: noon + 60_000,
        sequence: 1,
        mac: 'cd',
      },
      ...over,
    },
  });
}
