import { signHold } from '../domain/approval.ts';
import type { ApprovalKind, ChangeRecord } from '../domain/change.ts';
import { type MemberState, type PoolState, settingOf } from '../domain/member.ts';
import type { Plan } from '../domain/plan.ts';
import type { WorkerContext } from './context.ts';
import { readPools } from './devices.ts';
import type { Run } from './run.ts';

/** Verbs after which a member stays out until somebody brings it back. */
const TAKES_OUT: readonly Plan['verb'][] = ['disable', 'drain', 'offline'];

const isOutAsAsked = (plan: Plan, member: MemberState) =>
  plan.members.includes(member.name) && member.admin !== 'enabled';

/**
 * Puts members on record that are out already and that nobody holds: from now on they are out by this change.
 * Writes nothing to a device. Returns a sentence about each.
 */
export async function adopt(
  context: WorkerContext,
  record: ChangeRecord,
  plan: Plan,
  states: readonly PoolState[],
  agreed: { readonly by: string; readonly kind: ApprovalKind },
): Promise<readonly string[]> {
  if (!TAKES_OUT.includes(plan.verb) || record.request.command.forMs !== undefined) return [];
  const adopted: string[] = [];
  for (const { device, pool, members } of states) {
    const holds = await context.stores.holds.ofPool(device.balancer, pool);
    for (const member of members.filter((candidate) => isOutAsAsked(plan, candidate))) {
      if (holds.some((hold) => hold.member === member.name)) continue;
      const unsigned = {
        balancer: device.balancer,
        pool,
        member: member.name,
        changeId: record.id,
        actor: record.request.actor.id,
        approver: agreed.by,
        approvalKind: agreed.kind,
        want: settingOf(member),
        restore: {
          ...settingOf(member),
          admin: 'enabled' as const,
          weight: member.weight > 0 ? member.weight : member.configuredWeight,
        },
        incarnation: device.incarnation,
        at: context.clock.now(),
      };
      await context.stores.holds.put({
        ...unsigned,
        mac: signHold(unsigned, context.signingKey),
      });
      await context.stores.audit.append({
        kind: 'adopted',
        changeId: record.id,
        actor: record.request.actor.id,
        detail: { balancer: device.balancer, pool, member: member.name },
      });
      adopted.push(`${member.name} on ${device.balancer} was out already; it is on record now.`);
    }
  }
  return adopted;
}

/** The same for the nodes on which an approved change had nothing to write, as they are now. */
export async function adoptRest(run: Run, record: ChangeRecord): Promise<readonly string[]> {
  const { plan, approval } = run.approved;
  const written = new Set(plan.steps.map(({ balancer, pool }) => `${balancer}/${pool}`));
  const rest = plan.before.filter(
    ({ device, pool, members }) =>
      !written.has(`${device.balancer}/${pool}`) &&
      members.some((member) => isOutAsAsked(plan, member)),
  );
  if (rest.length === 0 || !TAKES_OUT.includes(plan.verb)) return [];
  const places = rest.map(({ device, pool }) => ({ balancer: device.balancer, pool }));
  const readings = await readPools(run.context, places);
  const states = readings.flatMap((reading) => ('state' in reading ? [reading.state] : []));
  return adopt(run.context, record, plan, states, approval);
}
