import type { ChangeRequest } from '../domain/change.ts';
import type { ChangeCommand } from '../domain/command.ts';
import { OperationError } from '../domain/errors.ts';
import type { Service } from '../domain/inventory.ts';
import type { PoolState } from '../domain/member.ts';
import { type Plan, type PlanWarning, planDigest, type Step } from '../domain/plan.ts';
import { guard } from '../policy/guard.ts';
import { capacityMoves } from './capacity.ts';
import type { WorkerContext } from './context.ts';
import { guardedPool, type PoolAt, readPools } from './devices.ts';
import { orderNodes } from './order.ts';
import { leftOutWarnings } from './pair-gaps.ts';
import { assertUnclaimed, restingIn } from './plan-admission.ts';
import { type DraftSteps, draftSteps } from './plan-steps.ts';
import { warningsFor } from './plan-warnings.ts';
import { stagesFor } from './stages.ts';

export interface Draft {
  readonly plan: Plan;
  readonly alreadySo: readonly string[];
}

/** Reads every pool; one device that cannot be read is enough to refuse: what it would do is not known. */
async function readAll(context: WorkerContext, places: readonly PoolAt[]) {
  const states = new Map<string, PoolState>();
  for (const reading of await readPools(context, places)) {
    if ('fault' in reading) throw new OperationError(reading.fault.code, reading.fault.message);
    states.set(`${reading.balancer}/${reading.pool}`, reading.state);
  }
  return states;
}

/** What the nodes that the command leaves out will differ in, once it is carried out. */
async function leftOut(
  context: WorkerContext,
  service: Service,
  { on }: ChangeCommand,
  { targets, steps }: DraftSteps,
): Promise<readonly PlanWarning[]> {
  if (on === undefined) return [];
  const wanted = targets.flatMap(({ balancer, pool, member }) => {
    const isOwn = (step: Step) =>
      step.balancer === balancer && step.pool === pool && step.member === member.name;
    return balancer === on
      ? [{ pool, member: { ...member, ...steps.findLast(isOwn)?.after } }]
      : [];
  });
  const texts = await leftOutWarnings(context, service, on, wanted);
  return texts.map((text) => ({ text, asks: false }));
}

/** The whole plan of a request on the devices as they are now. */
export async function draftPlan(
  context: WorkerContext,
  request: ChangeRequest,
  service: Service,
): Promise<Draft> {
  const { command } = request;
  const order = await orderNodes(service, command.on, context.roles);
  if (order.places.length === 0) {
    throw new OperationError(
      'USAGE',
      `${service.name} does not live on ${command.on ?? 'anything'}.`,
    );
  }
  const [states, resting] = await Promise.all([
    readAll(context, order.places),
    restingIn(context, command.service),
  ]);
  const { stages, writes } = stagesFor(
    command,
    service,
    states.values(),
    order.places.map(({ balancer }) => context.adapterOf(balancer).capabilities),
  );
  const drafted = await draftSteps(context, command, service, order, states, { stages, writes });
  const { steps } = drafted;
  assertUnclaimed(request, drafted.members, resting);
  // Later stages never take more than the first one does: what they disable is drained by then.
  const first = Math.min(...steps.map((step) => step.stage));
  const guarded = await Promise.all(
    order.places.map((place) => {
      const state = states.get(`${place.balancer}/${place.pool}`);
      if (state === undefined) {
        throw new OperationError('INTERNAL', 'A pool that was read is gone.');
      }
      const here = steps.filter(
        (step) =>
          step.stage === first && step.balancer === place.balancer && step.pool === place.pool,
      );
      return guardedPool(context, service, state, capacityMoves(here), { changeId: request.id });
    }),
  );
  const silence = order.silence === undefined ? [] : [{ text: order.silence, asks: false }];
  const warnings = [
    ...drafted.warnings,
    ...silence,
    ...(steps.length === 0 ? [] : await leftOut(context, service, command, drafted)),
    ...(steps.length === 0 ? [] : await warningsFor(context, service, command, drafted.targets)),
    ...drafted.alreadySo
      .filter(() => steps.length > 0)
      .map((text) => ({ text: `${text} is as wanted already.`, asks: false })),
  ];
  const body = {
    service: service.name,
    environment: service.environment.name,
    verb: command.verb,
    members: drafted.members,
    stages,
    steps,
    before: [...states.values()],
    guard: guard(guarded, service.minAvailable),
    warnings,
    ifPairFails: command.ifPairFails,
    plannedAt: context.clock.now(),
    ...(order.note === undefined ? {} : { orderNote: order.note }),
  };
  return { plan: { ...body, digest: planDigest(body) }, alreadySo: drafted.alreadySo };
}
