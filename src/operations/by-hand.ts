import type { ChangeRecord, StepResult } from '../domain/change.ts';
import { durationWords } from '../domain/duration.ts';
import type { Plan } from '../domain/plan.ts';
import type { AdapterOf } from '../ports/adapter.ts';

const TAKEN: readonly (StepResult | undefined)[] = ['verified', 'already so', 'not serving yet'];

/** What somebody types in shells to carry the plan out from a stage on; waits are lines of comment. */
export function linesByHand(
  plan: Plan,
  adapterOf: AdapterOf,
  fromStage = 0,
  isDone: (stepIndex: number) => boolean = () => false,
): readonly string[] {
  const lines: string[] = [];
  for (const [at, stage] of plan.stages.entries()) {
    if (at < fromStage) continue;
    switch (stage.kind) {
      case 'wait for idle':
        lines.push(
          `# wait until no session is open and none began for ${durationWords(stage.quietMs)}, at most ${durationWords(stage.withinMs)}`,
        );
        break;
      case 'hold':
        lines.push(`# after ${durationWords(stage.forMs)}:`);
        break;
      case 'write':
        for (const step of plan.steps) {
          if (step.stage !== at || isDone(step.index)) continue;
          const adapter = adapterOf(step.balancer);
          for (const command of step.commands) {
            lines.push(adapter.byHand?.(command) ?? `${step.balancer}: ${command}`);
          }
        }
    }
  }
  // What nothing is typed after needs no waiting for.
  while (lines.at(-1)?.startsWith('#')) lines.pop();
  return lines;
}

/** The same for what is left of a change: for its card, should the queue be away when it is due. */
export function leftByHand(record: ChangeRecord, adapterOf: AdapterOf): readonly string[] {
  const { plan, outcome } = record;
  if (plan === undefined) return [];
  const results = new Map(outcome?.steps.map((step) => [step.index, step.result]));
  const isDone = (index: number) => TAKEN.includes(results.get(index));
  switch (record.state) {
    case 'waiting':
      return linesByHand(plan, adapterOf);
    case 'approved':
    case 'running':
    case 'unknown':
    case 'draining':
    case 'holding':
    case 'failed':
    case 'half-done':
      return linesByHand(plan, adapterOf, record.stage, isDone);
    default:
      return [];
  }
}
