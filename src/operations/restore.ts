import { signApproval, signRequest } from '../domain/approval.ts';
import { type ChangeRecord, type ChangeRequest, isOpen } from '../domain/change.ts';
import type { WriteVerb } from '../domain/command.ts';
import { OperationError } from '../domain/errors.ts';
import type { Service } from '../domain/inventory.ts';
import { type MemberState, type PoolState, settingOf } from '../domain/member.ts';
import { planDigest, type Step } from '../domain/plan.ts';
import { guard } from '../policy/guard.ts';
import type { MemberHold } from '../ports/records.ts';
import { capacityMoves } from './capacity.ts';
import { idFor } from './change-id.ts';
import type { WorkerContext } from './context.ts';
import { guardedPool } from './devices.ts';
import { followUp } from './follow-up.ts';
import { approvalValidMs, requestValidMs, restoresPerHourMax } from './limits.ts';

const HOUR_MS = 3_600_000;

/** A held member that the device forgot, and how it stands there now. */
export interface Forgotten {
  readonly hold: MemberHold;
  readonly member: MemberState;
}

/** Whether the device was started anew since the first of them was left as it was to stay. */
export function isRestarted(state: PoolState, forgotten: readonly Forgotten[]): boolean {
  return forgotten.some(({ hold }) => hold.incarnation !== state.device.incarnation);
}

/** What became of it, in words that go on with "… forgot". */
export function whatHappened(state: PoolState, forgotten: readonly Forgotten[]): string {
  const { balancer } = state.device;
  if (isRestarted(state, forgotten)) return `${balancer} was restarted or reloaded and forgot it`;
  const [undoneBy] = forgotten.flatMap(({ member }) => member.undoneBy ?? []);
  return `${balancer} undid it by itself: ${undoneBy ?? 'it does not last there'}`;
}

/** The verb that leaves a member as this one must stay. */
export function verbOf({ want }: Pick<MemberHold, 'want'>): WriteVerb {
  switch (want.admin) {
    case 'disabled':
    case 'removed':
      return 'disable';
    case 'drained':
      return 'drain';
    case 'offline':
      return 'offline';
    case 'enabled':
      return 'weight';
  }
}

function requestFor(
  context: WorkerContext,
  service: Service,
  state: PoolState,
  forgotten: readonly Forgotten[],
  occasion: string,
): ChangeRequest {
  const [first] = forgotten;
  if (first === undefined) throw new OperationError('INTERNAL', 'There is nothing to restore.');
  const { balancer } = state.device;
  const acceptedAt = context.clock.now();
  const members = forgotten.map(({ member }) => member.name);
  return signRequest(
    {
      // One restore per restart, whoever sees it and how often.
      id: idFor(`restore.${balancer}.${state.pool}.${occasion}.${first.hold.changeId}`),
      command: {
        verb: verbOf(first.hold),
        service: service.name,
        members,
        on: balancer,
        ifPairFails: 'keep half',
        reason: `${whatHappened(state, forgotten)} (change ${first.hold.changeId}).`,
      },
      actor: { id: first.hold.actor, via: 'slack' },
      origin: { via: 'shell' },
      acceptedAt,
      notAfter: acceptedAt + requestValidMs,
    },
    context.signingKey,
  );
}

function stepsFor(
  context: WorkerContext,
  service: Service,
  state: PoolState,
  forgotten: readonly Forgotten[],
): readonly Step[] {
  const { balancer } = state.device;
  const lane =
    service.pools.find((pool) => pool.balancers.includes(balancer) && pool.pool === state.pool)
      ?.lane ?? balancer;
  return forgotten.flatMap(({ hold, member }, index) => {
    const { admin, weight } = hold.want;
    const words = context.adapterOf(balancer).commandsFor(state.pool, member, { admin, weight });
    if (words.commands.length === 0) return [];
    return {
      index,
      stage: 0,
      lane,
      balancer,
      pool: state.pool,
      member: member.name,
      address: member.address,
      port: member.port,
      commands: words.commands,
      before: settingOf(member),
      after: words.after,
    };
  });
}

/** The record of a restore, approved by the approval of the change it restores. */
async function approvedRestore(
  context: WorkerContext,
  record: ChangeRecord,
  service: Service,
  state: PoolState,
  forgotten: readonly Forgotten[],
): Promise<ChangeRecord> {
  const steps = stepsFor(context, service, state, forgotten);
  const guarded = await guardedPool(context, service, state, capacityMoves(steps), {
    changeId: record.id,
  });
  const now = context.clock.now();
  const body = {
    service: service.name,
    environment: service.environment.name,
    verb: record.request.command.verb,
    members: forgotten.map(({ member }) => member.name),
    stages: [{ kind: 'write', purpose: 'change' }] as const,
    steps,
    before: [state],
    guard: guard([guarded], service.minAvailable),
    warnings: [],
    ifPairFails: 'keep half' as const,
    plannedAt: now,
  };
  const plan = { ...body, digest: planDigest(body) };
  if (!plan.guard.allowed) {
    const message = plan.guard.reason ?? 'The guard refused.';
    return { ...record, plan, state: 'refused', fault: { code: 'GUARD', message } };
  }
  const approval = signApproval(
    {
      changeId: record.id,
      digest: plan.digest,
      kind: 'restore',
      by: `restore of ${forgotten[0]?.hold.changeId ?? ''}`,
      votes: [],
      at: now,
      notAfter: now + approvalValidMs,
      sequence: await context.stores.changes.nextSequence(),
    },
    context.signingKey,
  );
  return { ...record, plan, approval, state: 'approved' };
}

/**
 * Puts back what a restarted device forgot: a change of its own, under the approval of the first one, through
 * lane, guard and read-back. The same restart twice is one change. Returns false when this balancer was
 * restored too often within the hour: then a person must look.
 */
export async function restore(
  context: WorkerContext,
  service: Service,
  state: PoolState,
  forgotten: readonly Forgotten[],
): Promise<boolean> {
  const { changes, audit, rate } = context.stores;
  const now = context.clock.now();
  const { balancer } = state.device;
  // A restart is one occasion. A device that undoes by itself gives one each time, so many in an hour.
  const hour = `${state.device.incarnation}.${Math.floor(now / HOUR_MS)}`;
  const isRestart = isRestarted(state, forgotten);
  const turns = isRestart ? 1 : restoresPerHourMax + 1;
  let occasion = state.device.incarnation;
  let request = requestFor(context, service, state, forgotten, occasion);
  for (let turn = 0; turn < turns; turn += 1) {
    if (!isRestart) occasion = `${hour}.${turn}`;
    request = requestFor(context, service, state, forgotten, occasion);
    const known = await changes.get(request.id);
    if (known === undefined) break;
    if (isRestart || isOpen(known.state)) return true;
  }
  // Restarts count, not what each of them forgot.
  const count = await rate.distinct(`restore.${balancer}`, occasion, now, HOUR_MS);
  if (count > restoresPerHourMax) return false;
  if (!(await changes.create(request))) return true;
  const created = await changes.get(request.id);
  if (created === undefined) return true;
  const result = await approvedRestore(context, created, service, state, forgotten);
  const record = await changes.update(request.id, (latest) =>
    latest.state === 'planning' ? { ...result, revision: latest.revision } : undefined,
  );
  await audit.append({
    kind: record.state === 'refused' ? 'refused' : 'planned',
    changeId: record.id,
    actor: 'lb-chatops',
    detail: {
      restores: forgotten.map(({ hold }) => `${hold.member} of ${hold.changeId}`),
      balancer,
      incarnation: state.device.incarnation,
    },
  });
  await followUp(context, record);
  return true;
}
