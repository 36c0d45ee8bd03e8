import type { ChangeCommand } from '../../domain/command.ts';
import { type Fault, OperationError } from '../../domain/errors.ts';
import type { Service } from '../../domain/inventory.ts';
import type { MemberState, PoolState } from '../../domain/member.ts';
import { comparePair } from '../compare.ts';
import type { WorkerContext } from '../context.ts';
import { type PoolAt, readPools } from '../devices.ts';

/** The nodes of a pair as they are before a switch. */
export interface PairStanding {
  readonly pair: string;
  readonly master: string;
  /** Who gives way, by an earlier failover. */
  readonly yielding: readonly string[];
  /** What each node says of its part, in the order of the inventory. */
  readonly states: readonly PoolState[];
}

export function nodeIn({ states }: Pick<PairStanding, 'states'>, node: string): MemberState {
  const found = states.find(({ device }) => device.balancer === node)?.members[0];
  if (found === undefined) throw new OperationError('INTERNAL', `${node} was not read.`);
  return found;
}

/** Asks every node. Throws ROLES_UNKNOWN without exactly one MASTER, and the fault of a node that cannot be read. */
export async function pairStanding(
  context: WorkerContext,
  service: Service,
): Promise<PairStanding> {
  const [target] = service.pools;
  if (target === undefined) throw new OperationError('INTERNAL', `${service.name} has no nodes.`);
  const roles = await context.roles.of(target.lane);
  if (roles === 'none') {
    throw new OperationError('UNSUPPORTED', `The nodes of pair ${target.lane} have no roles.`);
  }
  const places: readonly PoolAt[] = target.balancers.map((balancer) => ({
    balancer,
    pool: target.pool,
  }));
  const states: PoolState[] = [];
  for (const reading of await readPools(context, places)) {
    if ('fault' in reading) throw new OperationError(reading.fault.code, reading.fault.message);
    states.push(reading.state);
  }
  const master = target.balancers.find((node) => roles.get(node) === 'MASTER');
  if (master === undefined) {
    throw new OperationError('ROLES_UNKNOWN', `No node of pair ${target.lane} is MASTER now.`);
  }
  const yielding = states.flatMap(({ members }) =>
    members.filter(({ admin }) => admin !== 'enabled').map(({ name }) => name),
  );
  return { pair: target.lane, master, yielding, states };
}

/** Which node is written to, and which one will be MASTER then; undefined where there is nothing to take back. */
export function switchedNodes(
  command: Pick<ChangeCommand, 'verb'>,
  { pair, master, yielding, states }: PairStanding,
): { readonly written: string; readonly next: string } | undefined {
  const nodes = states.map(({ device }) => device.balancer);
  const next = nodes.find((node) => node !== master);
  if (next === undefined || nodes.length !== 2) {
    throw new OperationError('UNSUPPORTED', `Pair ${pair} has ${nodes.length} nodes, not two.`);
  }
  if (command.verb === 'failover') return { written: master, next };
  const [written] = yielding;
  return written === undefined ? undefined : { written, next: written };
}

/** Why the node that is to be MASTER must not be; undefined when it may. One sentence each. */
export async function whyNotNext(
  context: WorkerContext,
  command: Pick<ChangeCommand, 'verb'>,
  standing: PairStanding,
  next: string,
): Promise<string | undefined> {
  const { pair, yielding } = standing;
  const { health, status } = nodeIn(standing, next);
  if (health !== 'up') return `${next} cannot take over: keepalived there says ${status}.`;
  if (command.verb === 'failover' && yielding.length > 0) {
    return `${yielding.join(' and ')} gives way already, by an earlier failover: fail back first.`;
  }
  const { differences, faults } = await comparePair(context, pair);
  const [fault] = faults;
  if (fault !== undefined) return `${fault.balancer} could not be compared: ${fault.fault.message}`;
  if (differences.length === 0) return undefined;
  const what = differences.length === 1 ? 'one thing' : `${differences.length} things`;
  return `The nodes of ${pair} differ in ${what}: see compare ${pair}.`;
}

/** Throws GUARD unless the standby may take over now: asked again right before the write. */
export async function assertMayTakeOver(
  context: WorkerContext,
  command: Pick<ChangeCommand, 'verb'>,
  service: Service,
  planned: { readonly written: string },
): Promise<void> {
  const standing = await pairStanding(context, service);
  const nodes = switchedNodes(command, standing);
  const fault: Fault | undefined =
    nodes?.written === planned.written
      ? undefined
      : {
          code: 'STALE',
          message: `${standing.master} is MASTER of ${standing.pair} now; plan anew.`,
        };
  if (fault !== undefined || nodes === undefined) {
    throw new OperationError(fault?.code ?? 'STALE', fault?.message ?? 'Nothing gives way now.');
  }
  const why = await whyNotNext(context, command, standing, nodes.next);
  if (why !== undefined) throw new OperationError('GUARD', why);
}
