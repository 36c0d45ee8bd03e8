import type { ChangeCommand } from '../domain/command.ts';
import { durationWords } from '../domain/duration.ts';
import type { Plan } from '../domain/plan.ts';
import type { Stage } from '../domain/stage.ts';
import { clean } from './print-options.ts';

/** The command as somebody would type it again, without reason and flags about the pair. */
export function commandText(command: ChangeCommand): string {
  const { verb, service, members, weight, now, until, forMs, on, breakGlass } = command;
  const unit = weight?.unit === 'percent' ? '%' : '';
  return [
    `${verb} ${service} ${members.join(',')}`,
    ...(weight === undefined ? [] : [`${weight.value}${unit}`]),
    ...(now === true ? ['now'] : []),
    ...(until === undefined ? [] : ['until idle']),
    ...(until?.withinMs === undefined ? [] : [`within ${durationWords(until.withinMs)}`]),
    ...(until === undefined || until.afterwards === 'keep' ? [] : [`then ${until.afterwards}`]),
    ...(forMs === undefined ? [] : [`for ${durationWords(forMs)}`]),
    ...(on === undefined ? [] : [`on ${on}`]),
    ...(breakGlass === true ? ['break glass'] : []),
  ].join(' ');
}

/** What is sent to whom, in order; between two writes what is waited for. */
export function stageLines(plan: Plan): readonly string[] {
  return plan.stages.flatMap((stage, at) => {
    const steps = plan.steps.filter((step) => step.stage === at);
    const lines = steps.flatMap(({ balancer, commands }) =>
      commands.map((command) => clean(`  ${balancer}> ${command}`)),
    );
    const between = betweenText(stage);
    return between === undefined ? lines : [`  ${between}`, ...lines];
  });
}

function betweenText(stage: Stage): string | undefined {
  switch (stage.kind) {
    case 'write':
      return undefined;
    case 'wait for idle': {
      const late = stage.ifNotIdle === 'go on' ? 'then it goes on' : 'else it stays drained';
      return `(until no session is open and none began for ${durationWords(stage.quietMs)}; at most ${durationWords(stage.withinMs)}, ${late})`;
    }
    case 'hold':
      return `(after ${durationWords(stage.forMs)}, once a check reaches it)`;
  }
}
