import type { ChangeRequest } from '../../domain/change.ts';
import { OperationError } from '../../domain/errors.ts';
import { type Service, servicesOnPair } from '../../domain/inventory.ts';
import { settingOf } from '../../domain/member.ts';
import { type PlanWarning, planDigest, type Step } from '../../domain/plan.ts';
import type { WorkerContext } from '../context.ts';
import { readPools } from '../devices.ts';
import type { Draft } from '../plan-draft.ts';
import { nodeIn, type PairStanding, pairStanding, switchedNodes, whyNotNext } from './standby.ts';

/** Connections open through a node: what is cut when another one takes over without a copy of them. */
async function openThrough(context: WorkerContext, pair: string, node: string): Promise<number> {
  const pools = servicesOnPair(context.inventory, pair).flatMap((service) =>
    service.pools.filter(({ lane }) => lane === pair).map(({ pool }) => pool),
  );
  const places = [...new Set(pools)].map((pool) => ({ balancer: node, pool }));
  let open = 0;
  for (const reading of await readPools(context, places)) {
    if ('fault' in reading) throw new OperationError(reading.fault.code, reading.fault.message);
    for (const { sessions } of reading.state.members) open += sessions;
  }
  return open;
}

async function warningsOf(
  context: WorkerContext,
  standing: PairStanding,
  next: string,
): Promise<readonly PlanWarning[]> {
  const { pair, master, states } = standing;
  const roles = states.map(({ device, members }) => `${device.balancer} ${members[0]?.status}`);
  const open = await openThrough(context, pair, master);
  const synced = states.every(({ connectionsSynced }) => connectionsSynced === true);
  const count = open === 1 ? '1 established connection' : `${open} established connections`;
  const fate = synced
    ? `${count} through ${master}: a sync daemon runs on both nodes, so those older than two seconds go on.`
    : open === 0
      ? `No established connection goes through ${master} now; no sync daemon copies them.`
      : `${count} through ${master} will be reset: no sync daemon copies them.`;
  return [
    { text: `Now: ${roles.join('; ')}. Afterwards ${next} is MASTER.`, asks: false },
    { text: fate, asks: open > 0 && !synced },
  ];
}

/** The plan of `failover` and `failback`: one write on one node, and whether the other one may take over. */
export async function draftSwitch(
  context: WorkerContext,
  request: ChangeRequest,
  service: Service,
): Promise<Draft> {
  const { command } = request;
  const standing = await pairStanding(context, service);
  const nodes = switchedNodes(command, standing);
  const steps = nodes === undefined ? [] : [stepOn(context, service, standing, nodes.written)];
  const why =
    nodes === undefined ? undefined : await whyNotNext(context, command, standing, nodes.next);
  const body = {
    service: service.name,
    environment: service.environment.name,
    verb: command.verb,
    members: [nodes?.written ?? standing.master],
    stages: [{ kind: 'write', purpose: 'change' }] as const,
    steps,
    before: standing.states,
    guard: { allowed: why === undefined, pools: [], ...(why === undefined ? {} : { reason: why }) },
    warnings: nodes === undefined ? [] : await warningsOf(context, standing, nodes.next),
    ifPairFails: command.ifPairFails,
    plannedAt: context.clock.now(),
  };
  const alreadySo =
    nodes === undefined ? [`${standing.master} as MASTER, with nobody giving way,`] : [];
  return { plan: { ...body, digest: planDigest(body) }, alreadySo };
}

function stepOn(
  context: WorkerContext,
  service: Service,
  standing: PairStanding,
  node: string,
): Step {
  const [target] = service.pools;
  const member = nodeIn(standing, node);
  const admin = member.admin === 'enabled' ? ('drained' as const) : ('enabled' as const);
  const pool = target?.pool ?? '';
  const words = context.adapterOf(node).commandsFor(pool, member, { admin, weight: member.weight });
  return {
    index: 0,
    stage: 0,
    lane: standing.pair,
    balancer: node,
    pool,
    member: member.name,
    address: member.address,
    port: member.port,
    commands: words.commands,
    before: settingOf(member),
    after: words.after,
  };
}
