import { assertGenuineRequest, signApproval } from '../domain/approval.ts';
import type { Approval, ChangeRecord, ChangeRequest } from '../domain/change.ts';
import { isSwitch } from '../domain/command.ts';
import { type Fault, faultOf } from '../domain/errors.ts';
import type { Service } from '../domain/inventory.ts';
import type { Plan } from '../domain/plan.ts';
import { approvalNeed, NOBODY_NEEDED } from '../policy/approval-rule.ts';
import { adopt } from './adopt.ts';
import type { WorkerContext } from './context.ts';
import { draftSwitch } from './failover/draft.ts';
import { followUp } from './follow-up.ts';
import { approvalValidMs } from './limits.ts';
import { assertMayPlan } from './plan-admission.ts';
import { type Draft, draftPlan } from './plan-draft.ts';
import { atFirstWrite } from './stages.ts';

/** A yes that no person has to give: because the environment asks for none, or because the glass is broken. */
async function ownApproval(
  context: WorkerContext,
  record: ChangeRecord,
  plan: Plan,
  kind: 'nobody needed' | 'break glass',
): Promise<Approval> {
  const now = context.clock.now();
  const [sequence, life] = await Promise.all([
    context.stores.changes.nextSequence(),
    context.stores.life.current(),
  ]);
  return signApproval(
    {
      changeId: record.id,
      digest: plan.digest,
      kind,
      by: kind === 'break glass' ? record.request.actor.id : NOBODY_NEEDED,
      votes: [],
      at: now,
      notAfter: now + approvalValidMs,
      sequence,
      life,
    },
    context.signingKey,
  );
}

/** The record after planning: over, waiting, or approved because nobody needs to agree. */
async function decided(
  context: WorkerContext,
  record: ChangeRecord,
  service: Service,
  { plan, alreadySo }: Draft,
): Promise<ChangeRecord> {
  const now = context.clock.now();
  if (plan.steps.length === 0) {
    const nobody = { by: NOBODY_NEEDED, kind: 'nobody needed' } as const;
    const adopted = await adopt(context, record, plan, plan.before, nobody);
    const remarks = [...alreadySo.map((text) => `${text} is so already.`), ...adopted];
    const outcome = { steps: [], after: plan.before, at: now, remarks };
    return { ...record, plan, state: 'done', outcome };
  }
  const breaksGlass = record.request.command.breakGlass === true;
  const need = approvalNeed(service.environment, plan.warnings, plan.guard, breaksGlass);
  switch (need) {
    case 'refuse': {
      const message = plan.guard.reason ?? 'The guard refused.';
      return { ...record, plan, state: 'refused', fault: { code: 'GUARD', message } };
    }
    case 'approver':
    case 'operator': {
      const expiresAt = now + service.environment.approval.expiresMs;
      return { ...record, plan, state: 'waiting', asks: need, expiresAt };
    }
    case 'nothing':
    case 'break glass': {
      const kind = need === 'nothing' ? 'nobody needed' : 'break glass';
      const approval = await ownApproval(context, record, plan, kind);
      return atFirstWrite({ ...record, plan, approval, state: 'approved' }, now);
    }
  }
}

async function planned(context: WorkerContext, record: ChangeRecord): Promise<ChangeRecord> {
  const { request } = record;
  try {
    const service = await assertMayPlan(context, request);
    const draft = isSwitch(request.command.verb) ? draftSwitch : draftPlan;
    const drafted = await draft(context, request, service);
    return await decided(context, record, service, drafted);
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
  const isNew = await changes.create(request);
  const asked = { kind: 'requested', changeId: request.id, actor: actor.id } as const;
  const [current] = await Promise.all([
    changes.get(request.id),
    isNew ? audit.append({ ...asked, detail: { ...command, via: actor.via } }) : undefined,
  ]);
  if (current === undefined) return;
  if (current.state !== 'planning') return followUp(context, current);
  const result = await planned(context, current);
  const record = await changes.update(
    request.id,
    (latest) =>
      latest.state === 'planning' ? { ...result, revision: latest.revision } : undefined,
    current,
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
