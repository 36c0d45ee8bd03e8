import { LB_METHODS } from './load-balancing.ts';

/** A type of the interface: the names are the wire's, everything else is ours. */
export type SoapType =
  | { readonly values: readonly string[] }
  | { readonly fields: readonly (readonly [name: string, type: string])[] }
  | { readonly items: string };

/** Types of XML Schema, which need no definition. */
export const SCALARS: readonly string[] = ['string', 'long', 'boolean'];

const enums: Readonly<Record<string, readonly string[]>> = {
  'Common.EnabledState': ['STATE_DISABLED', 'STATE_ENABLED'],
  'LocalLB.LBMethod': LB_METHODS.map(([, soap]) => soap),
  'LocalLB.MonitorRuleType': [
    'MONITOR_RULE_TYPE_UNDEFINED',
    'MONITOR_RULE_TYPE_NONE',
    'MONITOR_RULE_TYPE_SINGLE',
    'MONITOR_RULE_TYPE_AND_LIST',
    'MONITOR_RULE_TYPE_M_OF_N',
  ],
  'System.ConfigSync.SaveMode': ['SAVE_FULL', 'SAVE_HIGH_LEVEL_CONFIG', 'SAVE_BASE_LEVEL_CONFIG'],
  'System.Failover.FailoverMode': ['FAILOVER_MODE_ACTIVE_ACTIVE', 'FAILOVER_MODE_ACTIVE_STANDBY'],
  'LocalLB.SessionStatus': [
    'SESSION_STATUS_ENABLED',
    'SESSION_STATUS_DISABLED',
    'SESSION_STATUS_FORCED_DISABLED',
    'SESSION_STATUS_ADDRESS_DISABLED',
  ],
  'LocalLB.MonitorStatus': [
    'MONITOR_STATUS_UNCHECKED',
    'MONITOR_STATUS_CHECKING',
    'MONITOR_STATUS_UP',
    'MONITOR_STATUS_DOWN',
    'MONITOR_STATUS_FORCED_DOWN',
    'MONITOR_STATUS_ADDRESS_DOWN',
  ],
  'LocalLB.AvailabilityStatus': [
    'AVAILABILITY_STATUS_NONE',
    'AVAILABILITY_STATUS_GREEN',
    'AVAILABILITY_STATUS_YELLOW',
    'AVAILABILITY_STATUS_RED',
    'AVAILABILITY_STATUS_BLUE',
    'AVAILABILITY_STATUS_GRAY',
  ],
  'LocalLB.EnabledStatus': [
    'ENABLED_STATUS_NONE',
    'ENABLED_STATUS_ENABLED',
    'ENABLED_STATUS_DISABLED',
    'ENABLED_STATUS_DISABLED_BY_PARENT',
  ],
  'Common.StatisticType': [
    'STATISTIC_SERVER_SIDE_BYTES_IN',
    'STATISTIC_SERVER_SIDE_BYTES_OUT',
    'STATISTIC_SERVER_SIDE_CURRENT_CONNECTIONS',
    'STATISTIC_SERVER_SIDE_MAXIMUM_CONNECTIONS',
    'STATISTIC_SERVER_SIDE_TOTAL_CONNECTIONS',
    'STATISTIC_TOTAL_REQUESTS',
  ],
  'System.Failover.FailoverState': [
    'FAILOVER_STATE_STANDBY',
    'FAILOVER_STATE_ACTIVE',
    'FAILOVER_STATE_FORCED_OFFLINE',
  ],
};

const member = ['member', 'Common.IPPortDefinition'] as const;

const structs: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  'Common.ULong64': [
    ['high', 'long'],
    ['low', 'long'],
  ],
  'Common.TimeStamp': ['year', 'month', 'day', 'hour', 'minute', 'second'].map(
    (name) => [name, 'long'] as const,
  ),
  'Common.IPPortDefinition': [
    ['address', 'string'],
    ['port', 'long'],
  ],
  'Common.AddressPort': [
    ['address', 'string'],
    ['port', 'long'],
  ],
  'Common.Statistic': [
    ['type', 'Common.StatisticType'],
    ['value', 'Common.ULong64'],
    ['time_stamp', 'long'],
  ],
  'LocalLB.ObjectStatus': [
    ['availability_status', 'LocalLB.AvailabilityStatus'],
    ['enabled_status', 'LocalLB.EnabledStatus'],
    ['status_description', 'string'],
  ],
  'LocalLB.PoolMember.MemberSessionState': [member, ['session_state', 'Common.EnabledState']],
  'LocalLB.PoolMember.MemberMonitorState': [member, ['monitor_state', 'Common.EnabledState']],
  'LocalLB.PoolMember.MemberSessionStatus': [member, ['session_status', 'LocalLB.SessionStatus']],
  'LocalLB.PoolMember.MemberMonitorStatus': [member, ['monitor_status', 'LocalLB.MonitorStatus']],
  'LocalLB.PoolMember.MemberObjectStatus': [member, ['object_status', 'LocalLB.ObjectStatus']],
  'LocalLB.PoolMember.MemberRatio': [member, ['ratio', 'long']],
  'LocalLB.PoolMember.MemberPriority': [member, ['priority', 'long']],
  'LocalLB.PoolMember.MemberConnectionLimit': [member, ['connection_limit', 'long']],
  'LocalLB.PoolMember.MemberDynamicRatio': [member, ['dynamic_ratio', 'long']],
  'LocalLB.PoolMember.MemberStatisticEntry': [member, ['statistics', 'Common.StatisticSequence']],
  'LocalLB.PoolMember.MemberStatistics': [
    ['statistics', 'LocalLB.PoolMember.MemberStatisticEntrySequence'],
    ['time_stamp', 'Common.TimeStamp'],
  ],
  'LocalLB.MonitorRule': [
    ['type', 'LocalLB.MonitorRuleType'],
    ['quorum', 'long'],
    ['monitor_templates', 'Common.StringSequence'],
  ],
  'LocalLB.Pool.MonitorAssociation': [
    ['pool_name', 'string'],
    ['monitor_rule', 'LocalLB.MonitorRule'],
  ],
  'LocalLB.Pool.PoolStatisticEntry': [
    ['pool_name', 'string'],
    ['statistics', 'Common.StatisticSequence'],
  ],
  'LocalLB.Pool.PoolStatistics': [
    ['statistics', 'LocalLB.Pool.PoolStatisticEntrySequence'],
    ['time_stamp', 'Common.TimeStamp'],
  ],
  'LocalLB.Pool.MemberStatisticEntry': [
    ['member', 'Common.AddressPort'],
    ['statistics', 'Common.StatisticSequence'],
  ],
  'LocalLB.Pool.MemberStatistics': [
    ['statistics', 'LocalLB.Pool.MemberStatisticEntrySequence'],
    ['time_stamp', 'Common.TimeStamp'],
  ],
  'Management.Partition.AuthZPartition': [
    ['partition_name', 'string'],
    ['description', 'string'],
  ],
};

/** Sequences whose name does not follow from that of their items. */
const scalarSequences: Readonly<Record<string, string>> = {
  'Common.IPAddressSequence': 'string',
  'Common.StringSequence': 'string',
  'Common.ULongSequence': 'long',
};

/** `undefined` for a scalar. `XSequence` holds items of X, `XSequenceSequence` sequences of them. */
export function typeOf(name: string): SoapType | undefined {
  if (SCALARS.includes(name)) return undefined;
  const values = enums[name];
  if (values !== undefined) return { values };
  const fields = structs[name];
  if (fields !== undefined) return { fields };
  const scalar = scalarSequences[name];
  if (scalar !== undefined) return { items: scalar };
  if (name.endsWith('Sequence')) return { items: name.slice(0, -'Sequence'.length) };
  throw new Error(`there is no SOAP type ${name}`);
}

/** The types, and all that they are made of; for the definitions of an interface. */
export function closureOf(names: readonly string[]): string[] {
  const found = new Set<string>();
  const visit = (name: string) => {
    const type = typeOf(name);
    if (type === undefined || found.has(name)) return;
    found.add(name);
    if ('items' in type) visit(type.items);
    else if ('fields' in type) for (const [, field] of type.fields) visit(field);
  };
  for (const name of names) visit(name);
  return [...found].sort();
}
