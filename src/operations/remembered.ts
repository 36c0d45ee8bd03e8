import { approvedPlan } from '../domain/approval.ts';
import type { ChangeRecord } from '../domain/change.ts';
import type { MemberSetting } from '../domain/member.ts';
import type { Step } from '../domain/plan.ts';
import type { FrontContext } from './context.ts';
import { isOwnHold } from './remember.ts';

/** A member that is not as it was: what it was before, and what it is to be now. */
export interface RememberedMember {
  readonly member: string;
  readonly restore: MemberSetting;
  readonly want: MemberSetting;
}

type Remembering = Pick<FrontContext, 'inventory' | 'stores' | 'signingKey'>;

const AT_WORK: readonly ChangeRecord['state'][] = ['approved', 'running', 'unknown'];

/**
 * What a device that keeps nothing of its former members must be told to show them: the members that changes hold
 * out, and those that a change at work may have taken out this moment, which a worker that dies then leaves to the next
 * one. What is not signed by us is nothing.
 */
export async function rememberedMembers(
  context: Remembering,
  balancer: string,
  pool: string,
): Promise<readonly RememberedMember[]> {
  const [holds, steps] = await Promise.all([
    context.stores.holds.ofPool(balancer, pool),
    stepsAtWork(context, balancer, pool),
  ]);
  const known = new Map<string, RememberedMember>();
  for (const { member, before, after } of steps) {
    const restore = known.get(member)?.restore ?? before;
    known.set(member, { member, restore, want: after });
  }
  for (const hold of holds) {
    if (!isOwnHold(context, hold) || hold.suspended !== undefined) continue;
    const { member, restore, want } = hold;
    known.set(member, { member, restore, want: known.get(member)?.want ?? want });
  }
  return [...known.values()];
}

/** The steps of changes at work on this pool that take members out, earlier stages first. */
async function stepsAtWork(
  context: Remembering,
  balancer: string,
  pool: string,
): Promise<readonly Step[]> {
  const { changes } = context.stores;
  const here = [...context.inventory.services.values()].filter((service) =>
    service.pools.some((at) => at.pool === pool && at.balancers.includes(balancer)),
  );
  const ids = await Promise.all(here.map(({ name }) => changes.openOf(name)));
  const records = await Promise.all(ids.flat().map((id) => changes.get(id).catch(() => undefined)));
  return records
    .flatMap((record) => (record === undefined ? [] : ownSteps(context, record)))
    .filter((step) => step.balancer === balancer && step.pool === pool)
    .filter((step) => step.after.admin !== 'enabled')
    .sort((a, b) => a.stage - b.stage);
}

function ownSteps({ signingKey }: Remembering, record: ChangeRecord): readonly Step[] {
  if (!AT_WORK.includes(record.state)) return [];
  try {
    const { steps } = approvedPlan(record, signingKey).plan;
    return steps.filter(({ stage }) => stage <= record.stage);
  } catch {
    // Forged, or not approved: nobody writes by it.
    return [];
  }
}
