import { findPool, fullPath, POOL_ATTRIBUTES, type PoolConfig } from './config-model.ts';
import { LB_METHODS } from './load-balancing.ts';
import { poolStatus } from './member-status.ts';
import { accessDenied, SoapFault } from './soap-fault.ts';
import { objectStatus } from './soap-member-fields.ts';
import { listPerPool, poolNames, poolsOf, statistics, timeStamp } from './soap-members.ts';
import {
  getVersion,
  list,
  type SoapContext,
  type SoapInterface,
  type SoapOperation,
  text,
} from './soap-operations.ts';
import {
  addMembers,
  addressPort,
  memberStatistics,
  membersParameter,
  poolMembersOperations,
} from './soap-pool-members.ts';
import type { SoapValue } from './soap-values.ts';

/** One value per pool. */
const perPool = (
  returns: string,
  read: (context: SoapContext, pool: PoolConfig) => SoapValue,
): SoapOperation => ({
  parameters: [poolNames],
  returns,
  run: (context, [names]) => poolsOf(context, names).map((pool) => read(context, pool)),
});

/** Pools an administrator changes, each with its value; whole or not at all. */
const change = (
  parameters: SoapOperation['parameters'],
  run: (context: SoapContext, values: readonly (SoapValue | undefined)[]) => void,
): SoapOperation => ({
  parameters,
  run(context, values) {
    if (context.account.role !== 'admin') throw accessDenied();
    const before = structuredClone(context.unit.running);
    try {
      run(context, values);
    } catch (thrown) {
      context.unit.running = before;
      throw thrown;
    }
    context.unit.running.generation += 1;
    context.group.changed(context.unit);
    return undefined;
  },
});

const perPoolSetter = (
  parameter: string,
  type: string,
  write: (pool: PoolConfig, value: string) => void,
): SoapOperation =>
  change([poolNames, [parameter, type]], (context, [names, values]) => {
    for (const [index, pool] of poolsOf(context, names).entries()) {
      write(pool, text(list(values)[index]));
    }
  });

const soapMethod = (pool: PoolConfig): string =>
  LB_METHODS.find(([rest]) => rest === pool.attributes.loadBalancingMode)?.[1] ??
  'LB_METHOD_ROUND_ROBIN';

const restMethod = (soap: string): string =>
  LB_METHODS.find(([, name]) => name === soap)?.[0] ?? 'round-robin';

/** The monitors of a pool: one, all of several, or so many of them. */
function monitorRule({ monitor = '' }: PoolConfig): SoapValue {
  const quorum = Number(/^min (\d+) of/.exec(monitor)?.[1] ?? 0);
  const templates = monitor.match(/\/[^\s{}]+/g) ?? [];
  const kind = quorum > 0 ? 'M_OF_N' : (['NONE', 'SINGLE'][templates.length] ?? 'AND_LIST');
  return { type: `MONITOR_RULE_TYPE_${kind}`, quorum, monitor_templates: templates };
}

const poolStatistics = (context: SoapContext, pools: readonly PoolConfig[]): SoapValue => ({
  statistics: pools.map((pool) => ({
    pool_name: fullPath(pool),
    statistics: statistics(pool.members.map((member) => context.unit.loadOf(pool, member))),
  })),
  time_stamp: timeStamp(context.unit.world.clock.now()),
});

/** The folder of the session and Common; all when it asks below the root. */
function visiblePools({ unit, session }: SoapContext): PoolConfig[] {
  if (session.recursive && session.folder === '/') return unit.running.pools;
  const folders = ['Common', session.folder.slice(1)];
  return unit.running.pools.filter(({ partition }) => folders.includes(partition));
}

function createPool(context: SoapContext, given: string, method: string, members: SoapValue): void {
  const { unit, session } = context;
  const path = given.startsWith('/') ? given : `${session.folder}/${given}`;
  const [, partition = '', name = ''] = /^\/([^/]*)\/(.+)$/.exec(path) ?? [];
  if (!unit.running.partitions.some((known) => known.name === partition)) {
    const message = `01020036:3: The requested folder (/${partition}) was not found.`;
    throw new SoapFault('Common::OperationFailed', 16_908_342, message);
  }
  if (findPool(unit.running, path) !== undefined) {
    const message = `01020066:3: The requested Pool (${path}) already exists in partition ${partition}.`;
    throw new SoapFault('Common::OperationFailed', 16_908_390, message);
  }
  const pool: PoolConfig = {
    name,
    partition,
    generation: unit.running.generation,
    monitor: undefined,
    attributes: { ...POOL_ATTRIBUTES, loadBalancingMode: restMethod(method) },
    metadata: [],
    members: [],
  };
  unit.running.pools.push(pool);
  addMembers(context, pool, members);
}

export const poolInterface: SoapInterface = {
  get_list: {
    parameters: [],
    returns: 'Common.StringSequence',
    run: (context) => visiblePools(context).map(fullPath),
  },
  get_member: perPool('Common.IPPortDefinitionSequenceSequence', (_, pool) =>
    pool.members.map(({ address, port }) => ({ address, port })),
  ),
  get_member_v2: perPool('Common.AddressPortSequenceSequence', (context, pool) =>
    pool.members.map((member) => addressPort(context, member)),
  ),
  get_object_status: perPool('LocalLB.ObjectStatusSequence', ({ unit }, pool) =>
    objectStatus(poolStatus(unit.running, pool, unit.monitorResults)),
  ),
  get_active_member_count: perPool(
    'Common.ULongSequence',
    ({ unit }, pool) => poolStatus(unit.running, pool, unit.monitorResults).activeMembers,
  ),
  get_minimum_active_member: perPool('Common.ULongSequence', (_, pool) =>
    Number(pool.attributes.minActiveMembers ?? 0),
  ),
  get_lb_method: perPool('LocalLB.LBMethodSequence', (_, pool) => soapMethod(pool)),
  set_lb_method: perPoolSetter('lb_methods', 'LocalLB.LBMethodSequence', (pool, method) => {
    pool.attributes.loadBalancingMode = restMethod(method);
  }),
  get_description: perPool('Common.StringSequence', (_, pool) =>
    String(pool.attributes.description ?? ''),
  ),
  set_description: perPoolSetter('descriptions', 'Common.StringSequence', (pool, words) => {
    pool.attributes.description = words;
  }),
  get_monitor_association: perPool('LocalLB.Pool.MonitorAssociationSequence', (_, pool) => ({
    pool_name: fullPath(pool),
    monitor_rule: monitorRule(pool),
  })),
  get_statistics: {
    parameters: [poolNames],
    returns: 'LocalLB.Pool.PoolStatistics',
    run: (context, [names]) => poolStatistics(context, poolsOf(context, names)),
  },
  get_all_statistics: {
    parameters: [],
    returns: 'LocalLB.Pool.PoolStatistics',
    run: (context) => poolStatistics(context, visiblePools(context)),
  },
  get_all_member_statistics: perPool('LocalLB.Pool.MemberStatisticsSequence', (context, pool) =>
    memberStatistics(context, pool, pool.members),
  ),
  create_v2: change(
    [poolNames, ['lb_methods', 'LocalLB.LBMethodSequence'], membersParameter],
    (context, [names, methods, members]) => {
      const wanted = list(names);
      const lists = listPerPool(wanted, members);
      for (const [index, name] of wanted.entries()) {
        createPool(context, text(name), text(list(methods)[index]), lists[index] ?? []);
      }
    },
  ),
  delete_pool: change([poolNames], (context, [names]) => {
    const gone = poolsOf(context, names);
    const { running } = context.unit;
    running.pools = running.pools.filter((pool) => !gone.includes(pool));
  }),
  ...poolMembersOperations,
  get_version: getVersion,
};
