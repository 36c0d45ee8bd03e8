import type { Service } from '../domain/inventory.ts';
import type { MemberState } from '../domain/member.ts';
import type { CheckResult } from '../ports/check.ts';
import type { WorkerContext } from './context.ts';

/** Where a member takes connections. */
type Place = Pick<MemberState, 'address' | 'port'>;

/** Where it is looked from. */
interface From {
  readonly balancer: string;
  readonly pool: string;
}

/** A member as one balancer shows it. */
export interface PlanTarget<Member extends Place = MemberState> extends From {
  readonly member: Member;
}

/** The port at which our own check tries the member. */
export function checkedPort(service: Service, { port }: Place): number {
  return service.checkPort ?? port;
}

/** Our own look at a member: from the balancer itself where that can be, else from here. Never throws. */
export async function reachMember(
  context: Pick<WorkerContext, 'adapterOf' | 'check'>,
  service: Service,
  { balancer, pool }: From,
  member: Place,
): Promise<CheckResult> {
  const port = checkedPort(service, member);
  if (service.checkPort === undefined && (port === 0 || pool.startsWith('udp://'))) {
    const why = port === 0 ? 'it has no port of its own' : 'UDP answers no connection';
    return { reached: false, blind: true, reason: `${why}; give the service a check_port.` };
  }
  const adapter = context.adapterOf(balancer);
  return adapter.reach === undefined
    ? context.check.reach(member.address, port)
    : adapter.reach(member.address, port);
}

/** One place to look from for each view of each member: balancers that look from here share one. */
export function lookouts<Member extends Place>(
  { adapterOf }: Pick<WorkerContext, 'adapterOf'>,
  targets: readonly PlanTarget<Member>[],
): readonly PlanTarget<Member>[] {
  const from = ({ balancer, member: { address, port } }: PlanTarget<Member>) =>
    [adapterOf(balancer).reach === undefined ? '' : balancer, address, port].join('|');
  return [...new Map(targets.map((target) => [from(target), target])).values()];
}
