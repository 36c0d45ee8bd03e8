import { durationWords } from '../../domain/duration.ts';
import type { Plan } from '../../domain/plan.ts';
import type { Stage } from '../../domain/stage.ts';

const CHANGE: Record<Plan['verb'], string> = {
  disable: 'Disable',
  enable: 'Enable',
  drain: 'Drain',
  offline: 'Force offline',
  weight: 'Set the weight',
  failover: 'Fail over',
  failback: 'Fail back',
};

/** A stage in a few words, as somebody tells what comes next. Plain text of our own. */
export function stageWords(plan: Plan, at: number): string {
  const stage = plan.stages[at];
  switch (stage?.kind) {
    case undefined:
      return '';
    case 'wait for idle':
      return 'Wait until nobody uses it';
    case 'hold':
      return `Keep it for ${durationWords(stage.forMs)}`;
    case 'write':
      switch (stage.purpose) {
        case 'drain':
          return 'Drain';
        case 'change':
          return CHANGE[plan.verb];
        case 'then':
          return thenWords(plan, at);
        case 'return':
          return 'Come back as before';
      }
  }
}

function thenWords(plan: Plan, at: number): string {
  const ends = plan.steps.filter(({ stage }) => stage === at).map(({ after }) => after.admin);
  if (ends.includes('removed')) return 'Take it out of the table';
  return ends.includes('disabled') ? 'Disable' : 'Go back to what was before';
}

/** What a wait or a hold means, behind its title; empty for a write. */
export function stageDetail(stage: Stage): string {
  switch (stage.kind) {
    case 'write':
      return '';
    case 'wait for idle': {
      const idle = `no session open and none begun for ${durationWords(stage.quietMs)}; at the latest after ${durationWords(stage.withinMs)}`;
      return stage.ifNotIdle === 'go on'
        ? `${idle} it goes on all the same`
        : `${idle} it stays drained and says so`;
    }
    case 'hold':
      return 'then our own check must reach it, else it stays as it is and says so';
  }
}

/** True for a stage that does something: a write without steps is passed over. */
export function isTaken(plan: Plan, at: number): boolean {
  return plan.stages[at]?.kind !== 'write' || plan.steps.some((step) => step.stage === at);
}

/** What comes behind stage `at`: `Disable; keep it for 30 min; come back as before`, or undefined when nothing does. */
export function comesNext(plan: Plan, at: number): string | undefined {
  const later = plan.stages
    .map((_stage, index) => index)
    .filter((index) => index > at && isTaken(plan, index))
    .map((index) => stageWords(plan, index));
  const [first, ...rest] = later;
  if (first === undefined) return undefined;
  return [first, ...rest.map((words) => words.charAt(0).toLowerCase() + words.slice(1))].join('; ');
}
