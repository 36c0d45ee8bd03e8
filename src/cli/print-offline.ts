import type { ChangeCommand } from '../domain/command.ts';
import type { Plan } from '../domain/plan.ts';
import { jsonText } from './json.ts';
import { memberTable } from './member-table.ts';
import { planLines } from './plan-lines.ts';
import { clean, type PrintOptions, paint } from './print-options.ts';
import { commandText } from './stage-lines.ts';

/** A plan made without Redis and Slack, and the lines with which a person carries it out. */
export interface OfflinePlan {
  readonly plan: Plan;
  /** Members that are as wanted already, as `name on balancer`. */
  readonly alreadySo: readonly string[];
  readonly byHand: readonly string[];
}

const NOTHING_SENT = 'Nothing was sent, nothing was queued, and no change was recorded.';
const NOT_KNOWN =
  'Without Redis it is not known what other changes, drains, time boxes and freezes are under way, nor which weight a member had before it was taken out.';

export function printOfflinePlan(
  command: ChangeCommand,
  { plan, alreadySo, byHand }: OfflinePlan,
  options: PrintOptions,
): string {
  if (options.json) return jsonText({ sent: false, plan, alreadySo, byHand });
  const refusal = plan.guard.allowed
    ? []
    : [
        `${paint('The guard refuses this.', 'red', options)} The lines below would do it all the same.`,
      ];
  const todo =
    byHand.length === 0
      ? [`Nothing to do: ${clean(alreadySo.join(', ')) || 'no member'} is so already.`]
      : ['To type by hand, in this order:', ...byHand.map((line) => `  ${clean(line)}`)];
  return [
    paint(clean(`Plan made offline: ${commandText(command)}`), 'bold', options),
    ...(plan.steps.length === 0 ? [] : planLines(plan, [], options)),
    ...refusal,
    'The balancers now:',
    ...plan.before.map((pool) => memberTable(pool, [], options)),
    ...todo,
    NOT_KNOWN,
    NOTHING_SENT,
  ].join('\n');
}
