import type { MemberConfig, PoolConfig } from './config-model.ts';
import { READ, WRITE, type Write } from './soap-member-fields.ts';
import {
  applyAll,
  listPerPool,
  memberOf,
  poolNames,
  poolsOf,
  statistics,
  timeStamp,
} from './soap-members.ts';
import {
  fieldOf,
  getVersion,
  type SoapContext,
  type SoapInterface,
  type SoapOperation,
  text,
} from './soap-operations.ts';
import type { SoapValue } from './soap-values.ts';

const ipPort = (member: MemberConfig): SoapValue => ({
  address: member.address,
  port: member.port,
});

/** For every member of every pool its address and one value more. */
const perMember = (
  struct: string,
  field: string,
  read: (context: SoapContext, pool: PoolConfig, member: MemberConfig) => SoapValue,
): SoapOperation => ({
  parameters: [poolNames],
  returns: `LocalLB.PoolMember.${struct}SequenceSequence`,
  run: (context, [names]) =>
    poolsOf(context, names).map((pool) =>
      pool.members.map((member) => ({
        member: ipPort(member),
        [field]: read(context, pool, member),
      })),
    ),
});

/** Sets one state on the members that are named; the others stay as they are. */
const setter = (
  parameter: string,
  struct: string,
  field: string,
  { change, operatorMay }: Write,
): SoapOperation => ({
  parameters: [poolNames, [parameter, `LocalLB.PoolMember.${struct}SequenceSequence`]],
  run(context, [names, states]) {
    const pools = poolsOf(context, names);
    const lists = listPerPool(pools, states);
    const changes = pools.flatMap((pool, index) =>
      (lists[index] ?? []).map((state) => ({
        member: memberOf(context, pool, fieldOf(state, 'member') ?? ''),
        apply: change(text(fieldOf(state, field))),
      })),
    );
    applyAll(context, changes, operatorMay);
    return undefined;
  },
});

const statisticsOf = (
  context: SoapContext,
  pool: PoolConfig,
  members: readonly MemberConfig[],
): SoapValue => ({
  statistics: members.map((member) => ({
    member: ipPort(member),
    statistics: statistics([context.unit.loadOf(pool, member)]),
  })),
  time_stamp: timeStamp(context.unit.world.clock.now()),
});

/** Deprecated since 11.0, and what the scripts of that time call. */
export const poolMemberInterface: SoapInterface = {
  get_session_enabled_state: perMember('MemberSessionState', 'session_state', READ.sessionEnabled),
  get_session_status: perMember('MemberSessionStatus', 'session_status', READ.sessionStatus),
  get_monitor_status: perMember('MemberMonitorStatus', 'monitor_status', READ.monitorStatus),
  get_object_status: perMember('MemberObjectStatus', 'object_status', READ.objectStatus),
  get_connection_limit: perMember(
    'MemberConnectionLimit',
    'connection_limit',
    READ.connectionLimit,
  ),
  get_dynamic_ratio: perMember('MemberDynamicRatio', 'dynamic_ratio', READ.dynamicRatio),
  get_priority: perMember('MemberPriority', 'priority', READ.priority),
  get_ratio: perMember('MemberRatio', 'ratio', READ.ratio),
  set_session_enabled_state: setter(
    'session_states',
    'MemberSessionState',
    'session_state',
    WRITE.session,
  ),
  set_monitor_state: setter('monitor_states', 'MemberMonitorState', 'monitor_state', WRITE.monitor),
  set_connection_limit: setter(
    'limits',
    'MemberConnectionLimit',
    'connection_limit',
    WRITE.connectionLimit,
  ),
  set_priority: setter('priorities', 'MemberPriority', 'priority', WRITE.priority),
  set_ratio: setter('ratios', 'MemberRatio', 'ratio', WRITE.ratio),
  get_statistics: {
    parameters: [poolNames, ['members', 'Common.IPPortDefinitionSequenceSequence']],
    returns: 'LocalLB.PoolMember.MemberStatisticsSequence',
    run(context, [names, members]) {
      const pools = poolsOf(context, names);
      const lists = listPerPool(pools, members);
      return pools.map((pool, index) => {
        const wanted = (lists[index] ?? []).map((one) => memberOf(context, pool, one));
        return statisticsOf(context, pool, wanted);
      });
    },
  },
  get_all_statistics: {
    parameters: [poolNames],
    returns: 'LocalLB.PoolMember.MemberStatisticsSequence',
    run: (context, [names]) =>
      poolsOf(context, names).map((pool) => statisticsOf(context, pool, pool.members)),
  },
  get_version: getVersion,
};
