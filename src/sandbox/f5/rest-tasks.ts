import { ORIGIN, objectOf, ok, type RestCall, type RestHandler } from './rest-call.ts';
import { badRequest, notAllowed, objectNotFound } from './rest-errors.ts';
import type { Unit } from './unit.ts';

/*
 * Saving as a task: made, started with `VALIDATING`, asked until it says `COMPLETED`. Clients take it for
 * configurations that take longer to save than a request may last.
 */

interface Task {
  readonly command: string;
  state: 'STARTED' | 'COMPLETED';
}

const tasks = new WeakMap<Unit, Task[]>();

const PATH = '/mgmt/tm/task/sys/config';

function tasksOf(call: RestCall): Task[] {
  if (call.account.role !== 'admin') throw notAllowed('sys config');
  const known = tasks.get(call.unit) ?? [];
  tasks.set(call.unit, known);
  return known;
}

const answer = (id: number, task: Task) =>
  ok({
    _taskId: id,
    _taskState: task.state,
    command: task.command,
    kind: 'tm:task:sys:config:configtaskstate',
    selfLink: `${ORIGIN}${PATH}/${id}`,
  });

function wanted(call: RestCall): { id: number; task: Task } {
  const id = Number(call.names.task);
  const task = tasksOf(call)[id - 1];
  if (task === undefined) throw objectNotFound(call.names.task ?? '');
  return { id, task };
}

const make: RestHandler = (call) => {
  const { command } = objectOf(call);
  if (command !== 'save') throw badRequest(`invalid command "${String(command)}"`);
  const task: Task = { command, state: 'STARTED' };
  return answer(tasksOf(call).push(task), task);
};

const start: RestHandler = (call) => {
  const { id, task } = wanted(call);
  if (objectOf(call)._taskState !== 'VALIDATING') {
    throw badRequest('invalid property value "_taskState"');
  }
  call.unit.save();
  task.state = 'COMPLETED';
  return { ...answer(id, task), status: 202 };
};

export const taskRoutes: Readonly<Record<string, RestHandler>> = {
  [`POST ${PATH}`]: make,
  [`GET ${PATH}/:task`]: (call) => {
    const { id, task } = wanted(call);
    return answer(id, task);
  },
  [`PUT ${PATH}/:task`]: start,
  [`PATCH ${PATH}/:task`]: start,
};
