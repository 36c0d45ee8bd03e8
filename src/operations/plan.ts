import { assertGenuineRequest, signApproval } from '../domain/approval.ts';
import type { ChangeRecord, ChangeRequest } from '../domain/change.ts';
import { type Fault, faultOf, OperationError } from '../domain/errors.ts';
import { findService, type Service } from '../domain/inventory.ts';
import type { PoolState } from '../domain/member.ts';
import { type Plan, planDigest } from '../domain/plan.ts';
import { mayRun } from '../policy/access.ts';
import { type ApprovalNeed, approvalNeed, NOBODY_NEEDED } from '../policy/approval-rule.ts';
import { guard } from '../policy/guard.ts';
import { assertAdmitted, assertAllowed, standingIn } from './access.ts';
import type { WorkerContext } from './context.ts';
import { guardedPool, type PoolAt, readPools } from './devices.ts';
import { followUp } from './follow-up.ts';
import { approvalValidMs, openPerUserAndServiceMax } from './limits.ts';
import { orderNodes } from './order.ts';
import { draftSteps, wantedState } from './plan-steps.ts';
import { warningsFor } from './plan-warnings.ts';

interface Draft {
  readonly plan: Plan;
  readonly need: ApprovalNeed | 'refuse';
  readonly alreadySo: readonly string[];
}

/** Everything the worker checks about the asker and the moment, before any device is read. */
async function assertMayPlan(context: WorkerContext, request: ChangeRequest): Promise<Service> {
  const { command, actor } = request;
  const service = findService(context.inventory, command.service);
  if (service === undefined) {
    throw new OperationError('USAGE', `There is no service ${command.service}.`);
  }
  if (context.clock.now() > request.notAfter) {
    throw new OperationError(
      'EXPIRED',
      'Your request waited too long in the queue; nothing was changed. Ask again.',
    );
  }
  await assertAdmitted(actor.id, context.directory);
  const standing = await standingIn(service.environment, actor.id, context.directory);
  assertAllowed(mayRun(command.verb, service.environment, standing.roles), standing);
  const { channel } = request.origin;
  if (channel !== undefined && (await context.directory.isSharedChannel(channel))) {
    throw new OperationError(
      'NOT_ALLOWED',
      'This channel is shared with another organisation; ask in a channel of your own.',
    );
  }
  await assertFewOpen(context, request, service);
  return service;
}

/**
 * Plans are made side by side: where they will wait for approval, those created earlier count already while they
 * are being made, or ten commands typed at once would all find room.
 */
async function assertFewOpen(context: WorkerContext, request: ChangeRequest, service: Service) {
  const ids = await context.stores.changes.open();
  const own = ids.indexOf(request.id);
  const willWait = service.environment.approval.required > 0;
  const records = await Promise.all(ids.map((id) => context.stores.changes.get(id)));
  const ahead = records.filter(
    (record, at) =>
      record !== undefined &&
      record.id !== request.id &&
      record.request.actor.id === request.actor.id &&
      record.request.command.service === service.name &&
      (record.state === 'waiting' || (willWait && record.state === 'planning' && at < own)),
  );
  if (ahead.length >= openPerUserAndServiceMax) {
    const list = ahead.map((record) => record?.id).join(', ');
    throw new OperationError(
      'TOO_MANY_OPEN',
      `${ahead.length} of your changes of ${service.name} wait for approval or are being planned (${list}); ${openPerUserAndServiceMax} is the limit.`,
    );
  }
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

async function draft(
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
  const states = await readAll(context, order.places);
  const drafted = await draftSteps(context, command, service, order, states);
  const { steps } = drafted;
  const takes = wantedState(command.verb) !== 'enabled';
  const guarded = await Promise.all(
    order.places.map((place) => {
      const state = states.get(`${place.balancer}/${place.pool}`);
      if (state === undefined)
        throw new OperationError('INTERNAL', 'A pool that was read is gone.');
      const touched = new Set(
        steps
          .filter((step) => step.balancer === place.balancer && step.pool === place.pool)
          .map((step) => step.member),
      );
      const none = new Set<string>();
      return guardedPool(context, service, state, takes ? touched : none, {
        changeId: request.id,
        giving: takes ? none : touched,
      });
    }),
  );
  const verdict = guard(guarded, service.minAvailable);
  const members = drafted.targets.map(({ member }) => member);
  const warnings = [
    ...drafted.warnings,
    ...(steps.length === 0 ? [] : await warningsFor(context, service, command.verb, members)),
    ...drafted.alreadySo
      .filter(() => steps.length > 0)
      .map((text) => ({ text: `${text} is ${wantedState(command.verb)} already.`, asks: false })),
  ];
  const body = {
    service: service.name,
    environment: service.environment.name,
    verb: command.verb,
    members: drafted.members,
    steps,
    before: [...states.values()],
    guard: verdict,
    warnings,
    ifPairFails: command.ifPairFails,
    plannedAt: context.clock.now(),
    ...(order.note === undefined ? {} : { orderNote: order.note }),
  };
  return {
    plan: { ...body, digest: planDigest(body) },
    need: approvalNeed(service.environment, warnings, verdict),
    alreadySo: drafted.alreadySo,
  };
}

/** The record after planning: over, waiting, or approved because nobody needs to agree. */
async function decided(
  context: WorkerContext,
  record: ChangeRecord,
  service: Service,
  drafted: Draft,
): Promise<ChangeRecord> {
  const { plan, need } = drafted;
  const now = context.clock.now();
  if (plan.steps.length === 0) {
    const remarks = drafted.alreadySo.map((text) => `${text} is so already.`);
    return {
      ...record,
      plan,
      state: 'done',
      outcome: { steps: [], after: plan.before, at: now, remarks },
    };
  }
  switch (need) {
    case 'refuse': {
      const message = plan.guard.reason ?? 'The guard refused.';
      return { ...record, plan, state: 'refused', fault: { code: 'GUARD', message } };
    }
    case 'approver':
    case 'operator':
      return {
        ...record,
        plan,
        state: 'waiting',
        asks: need,
        expiresAt: now + service.environment.approval.expiresMs,
      };
    case 'nothing': {
      const unsigned = {
        changeId: record.id,
        digest: plan.digest,
        by: NOBODY_NEEDED,
        at: now,
        notAfter: now + approvalValidMs,
        sequence: await context.stores.changes.nextSequence(),
      };
      return {
        ...record,
        plan,
        state: 'approved',
        approval: signApproval(unsigned, context.signingKey),
      };
    }
  }
}

async function planned(context: WorkerContext, record: ChangeRecord): Promise<ChangeRecord> {
  const { request } = record;
  try {
    const service = await assertMayPlan(context, request);
    return await decided(context, record, service, await draft(context, request, service));
  } catch (thrown) {
    const fault: Fault = faultOf(thrown);
    // Without Redis no decision can be kept: the job is tried again as a whole.
    if (fault.code === 'STORE_UNAVAILABLE') throw thrown;
    if (fault.code === 'INTERNAL')
      context.log.error('Planning failed', { changeId: record.id, error: thrown });
    return { ...record, state: 'refused', fault };
  }
}

/**
 * Plans a request: who asks, what the devices show, the exact steps, the guard on live state. Ends in a
 * record that waits, is approved, or is refused with a reason; never in a write. May run twice: a record
 * that left `planning` is not planned again, only its consequences are seen to.
 * Throws BAD_SIGNATURE for a forged request and STORE_UNAVAILABLE when Redis is away.
 */
export async function planChange(context: WorkerContext, request: ChangeRequest): Promise<void> {
  assertGenuineRequest(request, context.signingKey);
  const { changes, audit } = context.stores;
  const { command, actor } = request;
  if (await changes.create(request)) {
    await audit.append({
      kind: 'requested',
      changeId: request.id,
      actor: actor.id,
      detail: { ...command, via: actor.via },
    });
  }
  const current = await changes.get(request.id);
  if (current === undefined) return;
  if (current.state !== 'planning') return followUp(context, current);
  const result = await planned(context, current);
  const record = await changes.update(request.id, (latest) =>
    latest.state === 'planning' ? { ...result, revision: latest.revision } : undefined,
  );
  await audit.append({
    kind: record.state === 'refused' ? 'refused' : 'planned',
    changeId: record.id,
    actor: 'lb-chatops',
    detail: {
      state: record.state,
      digest: record.plan?.digest,
      steps: record.plan?.steps.map((step) => `${step.balancer}: ${step.commands.join(' | ')}`),
      fault: record.fault,
    },
  });
  await followUp(context, record);
}
