import { faultOf } from '../domain/errors.ts';
import type { Step } from '../domain/plan.ts';
import { rolesAskEveryMs, rolesSettleMs } from './limits.ts';
import { type NodeOrder, orderNodes } from './order.ts';
import { assertGoingOn, type Run, stepsOf } from './run.ts';

/** The steps of one lane, device by device, and why in this order. */
export interface StepOrder {
  readonly groups: readonly (readonly Step[])[];
  readonly note: string | undefined;
}

/**
 * The order that the roles ask for now. While nothing is written, a pair without exactly one MASTER is refused at once;
 * afterwards a takeover that has just begun is given time to end. Throws ROLES_UNKNOWN, or HandBack when the worker stops.
 */
async function orderNow(run: Run): Promise<NodeOrder> {
  const { clock, roles } = run.context;
  const until = clock.now() + (run.journal.size > 0 ? rolesSettleMs : 0);
  for (;;) {
    try {
      return await orderNodes(run.service, run.on, roles);
    } catch (thrown) {
      if (faultOf(thrown).code !== 'ROLES_UNKNOWN' || clock.now() >= until) throw thrown;
    }
    assertGoingOn(run);
    await clock.sleep(rolesAskEveryMs, run.signal);
  }
}

function say(run: Run, remark: string): void {
  if (!run.remarks.includes(remark)) run.remarks.push(remark);
}

/** The steps of this lane in the order the roles ask for now; a swap since the plan is said. */
export async function orderedSteps(run: Run): Promise<StepOrder> {
  const { places, note, silence } = await orderNow(run);
  const planned = run.approved.plan.orderNote;
  if (note !== undefined && planned !== undefined && note !== planned) {
    say(run, `The roles swapped since the plan: ${note}`);
  }
  if (silence !== undefined) say(run, silence);
  const steps = stepsOf(run);
  const groups = places
    .map((place) => steps.filter((s) => s.balancer === place.balancer && s.pool === place.pool))
    .filter((group) => group.length > 0);
  return { groups, note };
}

/**
 * Asked before each further device: the pair may have changed its roles since the one before was written. The order
 * of what is left does not matter then, but that there is one MASTER does. Throws as `orderedSteps`.
 */
export async function assertRolesHold(run: Run, { note }: StepOrder): Promise<void> {
  if (note === undefined) return;
  const now = (await orderNow(run)).note;
  if (now !== undefined && now !== note) say(run, `The roles swapped during the change: ${now}`);
}
