import { isGenuineHold, signHold } from '../domain/approval.ts';
import type { ChangeRecord } from '../domain/change.ts';
import { type MemberSetting, sameSetting } from '../domain/member.ts';
import type { Step } from '../domain/plan.ts';
import { vrrpInstanceOf } from '../domain/vrrp-pool.ts';
import type { MemberHold } from '../ports/records.ts';
import type { FrontContext } from './context.ts';
import { endDrift } from './drift.ts';
import { destination, type Move, type Run } from './run.ts';

/** In again with the weight it had, or with whatever weight nobody had taken from it. */
function isBackIn(want: MemberSetting, restore: MemberSetting): boolean {
  return (
    want.admin === 'enabled' && (restore.admin !== 'enabled' || want.weight === restore.weight)
  );
}

type Remembering = Pick<Run, 'context' | 'changeId' | 'requester' | 'approved' | 'stage'>;

/** When the time box of this change will be over, if it has one that begins right after this stage. */
function untilOf(run: Remembering): { until?: number } {
  const next = run.approved.plan.stages[run.stage + 1];
  return next?.kind === 'hold' ? { until: run.context.clock.now() + next.forMs } : {};
}

/** True when we wrote this hold, and it is as we wrote it. */
export function isOwnHold(context: Pick<FrontContext, 'signingKey'>, hold: MemberHold): boolean {
  const { mac, suspended: _suspended, ...unsigned } = hold;
  return isGenuineHold(unsigned, mac, context.signingKey);
}

/** What stays remembered so that it stays so: a member taken out is held, one brought back is not. */
export async function remember(run: Remembering, move: Move): Promise<void> {
  const { holds } = run.context.stores;
  const { balancer, pool, member, before } = move.step;
  // A node gives way until its next start, or until somebody says failback: nothing is restored there.
  if (vrrpInstanceOf(pool) !== undefined) return;
  const want = destination(move);
  const kept = await holds.ofPool(balancer, pool);
  const known = kept.find((hold) => hold.member === member && isOwnHold(run.context, hold));
  // A member put back out after a failed enable is held again, for the setting that enable would have given it.
  const restore = known?.restore ?? (move.direction === 'back' ? move.step.after : before);
  const place = `${member} in ${pool} on ${balancer}`;
  const by = `change ${run.changeId}`;
  if (sameSetting(want, restore) || isBackIn(want, restore)) {
    await holds.remove(balancer, pool, member);
    if (known !== undefined) {
      await endDrift(
        run.context,
        known,
        `${place} was brought back by ${by}; nothing keeps it out.`,
      );
    }
    return;
  }
  const plan = run.approved.plan.before.find(
    (state) => state.device.balancer === balancer && state.pool === pool,
  );
  const isRestore = run.approved.approval.kind === 'restore';
  const author = {
    changeId: run.changeId,
    actor: run.requester,
    approver: run.approved.approval.by,
    approvalKind: run.approved.approval.kind,
    at: run.context.clock.now(),
    ...untilOf(run),
  };
  const unsigned = {
    balancer,
    pool,
    member,
    want,
    restore,
    incarnation: plan?.device.incarnation ?? '',
    // A restore changes nothing about who took the member out, and until when.
    ...(isRestore && known !== undefined ? provenanceOf(known) : author),
  };
  await holds.put({ ...unsigned, mac: signHold(unsigned, run.context.signingKey) });
  if (known !== undefined) {
    await endDrift(
      run.context,
      known,
      `${place} is ${want.admin}, weight ${want.weight}, by ${by}.`,
    );
  }
}

/** The member is somebody else's by now: what this change remembered of it is over. */
export async function forget(run: Run, { balancer, pool, member }: Step): Promise<void> {
  const { holds } = run.context.stores;
  const kept = await holds.ofPool(balancer, pool);
  const isOwn = kept.some((hold) => hold.member === member && hold.changeId === run.changeId);
  if (isOwn) await holds.remove(balancer, pool, member);
}

function provenanceOf(hold: MemberHold) {
  const { changeId, actor, approver, approvalKind, at, until } = hold;
  return { changeId, actor, approver, approvalKind, at, ...(until === undefined ? {} : { until }) };
}

/** A time box was extended or cancelled: what is remembered of its members has the new end, or none. */
export async function retimeHolds(
  context: Pick<FrontContext, 'stores' | 'signingKey'>,
  record: ChangeRecord,
): Promise<void> {
  const places = new Set(record.plan?.steps.map(({ balancer, pool }) => `${balancer} ${pool}`));
  for (const place of places) {
    const [balancer = '', pool = ''] = place.split(' ');
    const kept = await context.stores.holds.ofPool(balancer, pool);
    for (const hold of kept.filter(
      (each) => each.changeId === record.id && isOwnHold(context, each),
    )) {
      const { mac: _mac, suspended, until: _until, ...rest } = hold;
      const unsigned = { ...rest, ...(record.hold && { until: record.hold.until }) };
      const mac = signHold(unsigned, context.signingKey);
      await context.stores.holds.put({ ...unsigned, mac, ...(suspended && { suspended }) });
    }
  }
}
