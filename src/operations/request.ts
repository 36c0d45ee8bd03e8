import { signRequest } from '../domain/approval.ts';
import type { ChangeCommand, QuestionCommand, Verb } from '../domain/command.ts';
import { faultOf, OperationError } from '../domain/errors.ts';
import { findSubject, type Service } from '../domain/inventory.ts';
import { mayBreakGlass, mayRun } from '../policy/access.ts';
import { assertAdmitted, assertAllowed, standingIn } from './access.ts';
import { decide } from './approve.ts';
import { idFor } from './change-id.ts';
import type { FrontContext } from './context.ts';
import { chooseDrift } from './drift-choice.ts';
import { assertNotFrozen, freeze } from './freeze.ts';
import { openHome, refreshHomes } from './home.ts';
import {
  answerValidMs,
  commandsPerMinuteMax,
  frontDeadlineMs,
  laneWaitingMax,
  requestValidMs,
} from './limits.ts';
import type { Asker, Operations, Receipt } from './operations.ts';

const ALL_VERBS: readonly Verb[] = [
  'status',
  'pools',
  'compare',
  'disable',
  'enable',
  'drain',
  'offline',
  'weight',
  'failover',
  'failback',
  'approve',
  'deny',
  'cancel',
  'extend',
  'acknowledge',
  'freeze',
  'unfreeze',
  'history',
  'whoami',
  'help',
];

function serviceOf(context: FrontContext, name: string): Service {
  const service = findSubject(context.inventory, name);
  if (service === undefined) throw new OperationError('USAGE', `There is no service ${name}.`);
  return service;
}

async function authorise(
  context: FrontContext,
  command: ChangeCommand,
  service: Service,
  asker: Asker,
): Promise<void> {
  if (context.directory === undefined) return;
  const { environment } = service;
  await assertAdmitted(asker.actor.id, context.directory);
  const standing = await standingIn(environment, asker.actor.id, context.directory);
  const verdict =
    command.breakGlass === true
      ? mayBreakGlass(environment, standing.roles, command.reason)
      : mayRun(command.verb, environment, standing.roles);
  assertAllowed(verdict, standing);
}

/** Nobody changes what is frozen, and nobody floods a service. */
async function assertRoom(context: FrontContext, service: Service, asker: Asker): Promise<void> {
  await assertNotFrozen(context, service.name);
  const now = context.clock.now();
  const count = await context.stores.rate.count(asker.actor.id, service.name, now);
  if (count <= commandsPerMinuteMax) return;
  throw new OperationError(
    'RATE_LIMITED',
    `These are more than ${commandsPerMinuteMax} commands for ${service.name} within a minute.`,
  );
}

/** Behind so many others a change would come as a surprise: it is better to say so now. */
async function assertLaneHasRoom(context: FrontContext, service: Service): Promise<void> {
  const lanes = [...new Set(service.pools.map(({ lane }) => lane))];
  const waiting = await context.queue.waitingIn(lanes);
  if (waiting < laneWaitingMax) return;
  throw new OperationError(
    'LANE_FULL',
    `${waiting} approved changes wait for the balancers of ${service.name}; ${laneWaitingMax} is the limit. Nothing was queued.`,
  );
}

/** Ends in `late` when the work takes longer than the deadline of the front. */
async function raced<T>(context: FrontContext, work: Promise<T>, late: () => T): Promise<T> {
  const done = new AbortController();
  const timer = context.clock.sleep(frontDeadlineMs, done.signal).then(late);
  try {
    return await Promise.race([work, timer]);
  } finally {
    done.abort();
  }
}

function receiptOfFault(id: string, thrown: unknown): Receipt {
  if (thrown instanceof OperationError && thrown.code === 'OUTCOME_UNKNOWN') {
    return { kind: 'unknown', id };
  }
  return { kind: 'refused', fault: faultOf(thrown) };
}

/** How far a submission is, and whether its asker was told already that it will not happen. */
interface Progress {
  queueing: boolean;
  refused: boolean;
}

const SLACK_TOO_SLOW = {
  code: 'DIRECTORY_UNAVAILABLE',
  message: 'Slack did not say in time who you are.',
} as const;

/** From here on the job may arrive; but never after its asker was told that nothing was queued. */
function beginQueueing(progress: Progress): void {
  if (progress.refused) throw new OperationError(SLACK_TOO_SLOW.code, SLACK_TOO_SLOW.message);
  progress.queueing = true;
}

async function submitChange(
  context: FrontContext,
  command: ChangeCommand,
  asker: Asker,
  id: string,
  progress: Progress,
): Promise<Receipt> {
  const service = serviceOf(context, command.service);
  await authorise(context, command, service, asker);
  await assertRoom(context, service, asker);
  // Whoever breaks the glass takes the place in the lane that is left.
  if (command.breakGlass !== true) await assertLaneHasRoom(context, service);
  const acceptedAt = context.clock.now();
  const request = signRequest(
    {
      id,
      command: { ...command, service: service.name },
      actor: asker.actor,
      origin: asker.origin,
      acceptedAt,
      notAfter: acceptedAt + requestValidMs,
    },
    context.signingKey,
  );
  const again = (await context.stores.changes.get(id)) !== undefined;
  beginQueueing(progress);
  await context.queue.submitPlan(request);
  const channel = service.channel ?? asker.origin.channel;
  return { kind: 'accepted', id, again, ...(channel === undefined ? {} : { channel }) };
}

async function submitQuestion(
  context: FrontContext,
  question: QuestionCommand,
  asker: Asker,
  id: string,
  progress: Progress,
): Promise<Receipt> {
  if ('service' in question && question.service !== undefined) serviceOf(context, question.service);
  const acceptedAt = context.clock.now();
  beginQueueing(progress);
  await context.queue.submitQuestion({
    id,
    command: question,
    actor: asker.actor,
    origin: asker.origin,
    acceptedAt,
    notAfter: acceptedAt + answerValidMs,
  });
  return { kind: 'accepted', id, again: false };
}

/** Runs a submission under the front's deadline and turns every end into a truthful receipt. */
async function receipt(
  context: FrontContext,
  id: string,
  submit: (progress: Progress) => Promise<Receipt>,
): Promise<Receipt> {
  const progress: Progress = { queueing: false, refused: false };
  const work = submit(progress).catch((thrown: unknown) => receiptOfFault(id, thrown));
  return raced(context, work, () => {
    // Once the job was handed over it may still arrive; before, it is kept from it.
    if (progress.queueing) return { kind: 'unknown', id };
    progress.refused = true;
    return { kind: 'refused', fault: SLACK_TOO_SLOW };
  });
}

async function verbsFor(context: FrontContext, asker: Asker): Promise<ReadonlySet<Verb>> {
  if (context.directory === undefined) return new Set(ALL_VERBS);
  const { directory } = context;
  const allowed = new Set<Verb>();
  try {
    await assertAdmitted(asker.actor.id, directory);
  } catch (thrown) {
    // Guests, bots and strangers may run nothing: that is an answer, and not a fault.
    if (faultOf(thrown).code === 'NOT_ALLOWED') return allowed;
    throw thrown;
  }
  for (const environment of context.inventory.environments.values()) {
    const standing = await standingIn(environment, asker.actor.id, directory);
    for (const verb of ALL_VERBS) {
      if (mayRun(verb, environment, standing.roles).allowed) allowed.add(verb);
    }
  }
  return allowed;
}

/** The front of the product: checks who asks, queues, answers. It reads no device. */
export function createOperations(context: FrontContext): Operations {
  const change: Operations['change'] = (command, asker) => {
    const id = idFor(asker.deliveryId);
    return receipt(context, id, (progress) => submitChange(context, command, asker, id, progress));
  };
  return {
    change,
    ask(question, asker) {
      const id = idFor(asker.deliveryId);
      return receipt(context, id, (progress) =>
        submitQuestion(context, question, asker, id, progress),
      );
    },
    async decide(decision, asker) {
      const reply = await decide(context, decision, asker);
      // Also after a no: whoever clicked what is over looks at a tab that is out of date.
      void refreshHomes(context, [asker.actor.id]);
      return reply;
    },
    chooseDrift: (decision, asker) => chooseDrift(context, change, decision, asker),
    home: (asker) => openHome(context, asker),
    freeze: (command, asker) => freeze(context, command, asker),
    verbsFor: (asker) => verbsFor(context, asker),
  };
}
