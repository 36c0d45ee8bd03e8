import { fullPath, type MemberConfig, nodeOf, type PoolConfig } from './config-model.ts';
import { poolStatus } from './member-status.ts';
import {
  applyAll,
  type Change,
  enabledState,
  listPerPool,
  memberOf,
  monitorStatus,
  objectStatus,
  poolsOf,
  sessionStatus,
  setMonitor,
  setRatio,
  setSession,
  statistics,
  timeStamp,
} from './soap-members.ts';
import {
  getVersion,
  list,
  type SoapContext,
  type SoapInterface,
  type SoapOperation,
  text,
} from './soap-operations.ts';
import type { SoapValue } from './soap-values.ts';

const poolNames = ['pool_names', 'Common.StringSequence'] as const;
const members = ['members', 'Common.AddressPortSequenceSequence'] as const;

/** Here the address is the full path of the node. */
const addressPort = (context: SoapContext, member: MemberConfig): SoapValue => {
  const node = nodeOf(context.unit.running, member);
  return {
    address: node === undefined ? `/${member.partition}/${member.address}` : fullPath(node),
    port: member.port,
  };
};

/** One value per pool. */
const perPool = (
  returns: string,
  read: (context: SoapContext, pool: PoolConfig) => SoapValue,
): SoapOperation => ({
  parameters: [poolNames],
  returns,
  run: (context, [names]) => poolsOf(context, names).map((pool) => read(context, pool)),
});

/** One value for each member that is named. */
const perMember = (
  returns: string,
  read: (context: SoapContext, pool: PoolConfig, member: MemberConfig) => SoapValue,
): SoapOperation => ({
  parameters: [poolNames, members],
  returns,
  run(context, [names, wanted]) {
    const pools = poolsOf(context, names);
    const lists = listPerPool(pools, wanted);
    return pools.map((pool, index) =>
      (lists[index] ?? []).map((one) => read(context, pool, memberOf(context, pool, one))),
    );
  },
});

const setter = (
  parameter: string,
  type: string,
  apply: (value: string) => Change['apply'],
  operatorMay = true,
): SoapOperation => ({
  parameters: [poolNames, members, [parameter, type]],
  run(context, [names, wanted, states]) {
    const pools = poolsOf(context, names);
    const memberLists = listPerPool(pools, wanted);
    const stateLists = listPerPool(pools, states);
    const changes = pools.flatMap((pool, index) =>
      (memberLists[index] ?? []).map((one, position) => ({
        member: memberOf(context, pool, one),
        apply: apply(text(list(stateLists[index])[position])),
      })),
    );
    applyAll(context, changes, operatorMay);
    return undefined;
  },
});

const statisticsOf = (
  context: SoapContext,
  pool: PoolConfig,
  wanted: readonly MemberConfig[],
): SoapValue => ({
  statistics: wanted.map((member) => ({
    member: addressPort(context, member),
    statistics: statistics(context.unit.loadOf(pool, member)),
  })),
  time_stamp: timeStamp(context.unit.world.clock.now()),
});

export const poolInterface: SoapInterface = {
  get_list: {
    parameters: [],
    returns: 'Common.StringSequence',
    run: ({ unit, session }) =>
      unit.running.pools
        .filter(({ partition }) => ['Common', session.folder.slice(1)].includes(partition))
        .map(fullPath),
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
  get_member_session_enabled_state: perMember(
    'Common.EnabledStateSequenceSequence',
    (_, __, member) => enabledState(member.sessionEnabled),
  ),
  get_member_session_status: perMember(
    'LocalLB.SessionStatusSequenceSequence',
    ({ unit }, pool, member) => sessionStatus(unit.statusOf(pool, member)),
  ),
  get_member_monitor_status: perMember(
    'LocalLB.MonitorStatusSequenceSequence',
    ({ unit }, pool, member) => monitorStatus(unit.statusOf(pool, member)),
  ),
  get_member_object_status: perMember(
    'LocalLB.ObjectStatusSequenceSequence',
    ({ unit }, pool, member) => objectStatus(unit.statusOf(pool, member)),
  ),
  get_member_ratio: perMember(
    'Common.ULongSequenceSequence',
    (_, __, member) => member.attributes.ratio,
  ),
  get_member_priority: perMember(
    'Common.ULongSequenceSequence',
    (_, __, member) => member.attributes.priorityGroup,
  ),
  set_member_session_enabled_state: setter(
    'session_states',
    'Common.EnabledStateSequenceSequence',
    setSession,
  ),
  set_member_monitor_state: setter(
    'monitor_states',
    'Common.EnabledStateSequenceSequence',
    setMonitor,
  ),
  set_member_ratio: setter('ratios', 'Common.ULongSequenceSequence', setRatio, false),
  get_member_statistics: {
    parameters: [poolNames, members],
    returns: 'LocalLB.Pool.MemberStatisticsSequence',
    run(context, [names, wanted]) {
      const pools = poolsOf(context, names);
      const lists = listPerPool(pools, wanted);
      return pools.map((pool, index) =>
        statisticsOf(
          context,
          pool,
          (lists[index] ?? []).map((one) => memberOf(context, pool, one)),
        ),
      );
    },
  },
  get_all_member_statistics: perPool('LocalLB.Pool.MemberStatisticsSequence', (context, pool) =>
    statisticsOf(context, pool, pool.members),
  ),
  get_version: getVersion,
};
