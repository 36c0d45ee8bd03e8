import type { MemberConfig, PoolConfig } from './config-model.ts';
import {
  applyAll,
  type Change,
  enabledState,
  listPerPool,
  memberOf,
  monitorStatus,
  numberOf,
  objectStatus,
  poolsOf,
  sessionStatus,
  setMonitor,
  setNumber,
  setSession,
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

const poolNames = ['pool_names', 'Common.StringSequence'] as const;

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

const numberGetter = (struct: string, field: string, attribute: Parameters<typeof numberOf>[0]) =>
  perMember(struct, field, (_, __, member) => numberOf(attribute)(member));

/** Sets one state on the members that are named; the others stay as they are. */
const setter = (
  parameter: string,
  struct: string,
  field: string,
  apply: (value: string) => Change['apply'],
  operatorMay = true,
): SoapOperation => ({
  parameters: [poolNames, [parameter, `LocalLB.PoolMember.${struct}SequenceSequence`]],
  run(context, [names, states]) {
    const pools = poolsOf(context, names);
    const lists = listPerPool(pools, states);
    const changes = pools.flatMap((pool, index) =>
      (lists[index] ?? []).map((state) => ({
        member: memberOf(context, pool, fieldOf(state, 'member') ?? ''),
        apply: apply(text(fieldOf(state, field))),
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
  get_session_enabled_state: perMember('MemberSessionState', 'session_state', (_, __, member) =>
    enabledState(member.sessionEnabled),
  ),
  get_session_status: perMember('MemberSessionStatus', 'session_status', ({ unit }, pool, member) =>
    sessionStatus(unit.statusOf(pool, member)),
  ),
  get_monitor_status: perMember('MemberMonitorStatus', 'monitor_status', ({ unit }, pool, member) =>
    monitorStatus(unit.statusOf(pool, member)),
  ),
  get_object_status: perMember('MemberObjectStatus', 'object_status', ({ unit }, pool, member) =>
    objectStatus(unit.statusOf(pool, member)),
  ),
  get_connection_limit: numberGetter(
    'MemberConnectionLimit',
    'connection_limit',
    'connectionLimit',
  ),
  get_dynamic_ratio: numberGetter('MemberDynamicRatio', 'dynamic_ratio', 'dynamicRatio'),
  get_priority: numberGetter('MemberPriority', 'priority', 'priorityGroup'),
  get_ratio: numberGetter('MemberRatio', 'ratio', 'ratio'),
  set_session_enabled_state: setter(
    'session_states',
    'MemberSessionState',
    'session_state',
    setSession,
  ),
  set_connection_limit: setter(
    'limits',
    'MemberConnectionLimit',
    'connection_limit',
    setNumber('connectionLimit'),
    false,
  ),
  set_priority: setter(
    'priorities',
    'MemberPriority',
    'priority',
    setNumber('priorityGroup'),
    false,
  ),
  set_ratio: setter('ratios', 'MemberRatio', 'ratio', setNumber('ratio'), false),
  set_monitor_state: setter('monitor_states', 'MemberMonitorState', 'monitor_state', setMonitor),
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
