import { fullPath, type MemberConfig, nodeOf, type PoolConfig } from './config-model.ts';
import { createMember } from './member-writes.ts';
import { RestError } from './rest-errors.ts';
import { accessDenied, requestedNotFound, SoapFault } from './soap-fault.ts';
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
  list,
  type SoapContext,
  type SoapInterface,
  type SoapOperation,
  text,
} from './soap-operations.ts';
import type { SoapValue } from './soap-values.ts';

/* The operations of LocalLB.Pool that are about members, which are named one by one. */

export const membersParameter = ['members', 'Common.AddressPortSequenceSequence'] as const;

/** Here the address is the full path of the node. */
export const addressPort = (context: SoapContext, member: MemberConfig): SoapValue => {
  const node = nodeOf(context.unit.running, member);
  return {
    address: node === undefined ? `/${member.partition}/${member.address}` : fullPath(node),
    port: member.port,
  };
};

/** One value for each member that is named. */
const perMember = (
  returns: string,
  read: (context: SoapContext, pool: PoolConfig, member: MemberConfig) => SoapValue,
): SoapOperation => ({
  parameters: [poolNames, membersParameter],
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
  { change, operatorMay }: Write,
): SoapOperation => ({
  parameters: [poolNames, membersParameter, [parameter, type]],
  run(context, [names, wanted, states]) {
    const pools = poolsOf(context, names);
    const memberLists = listPerPool(pools, wanted);
    const stateLists = listPerPool(pools, states);
    const changes = pools.flatMap((pool, index) =>
      (memberLists[index] ?? []).map((one, position) => ({
        member: memberOf(context, pool, one),
        apply: change(text(list(stateLists[index])[position])),
      })),
    );
    applyAll(context, changes, operatorMay);
    return undefined;
  },
});

const NUMBERS = 'Common.ULongSequenceSequence';
const STATES = 'Common.EnabledStateSequenceSequence';

/** A member of `members`, as the body of a REST call: the address may be the path of a node. */
export function addMembers(context: SoapContext, pool: PoolConfig, wanted: SoapValue): void {
  for (const one of list(wanted)) {
    const address = text(fieldOf(one, 'address'));
    const [, partition = pool.partition, node = address] = /^\/([^/]+)\/(.+)$/.exec(address) ?? [];
    const port = Number(fieldOf(one, 'port'));
    const name = node.includes(':') ? `${node}.${port}` : `${node}:${port}`;
    try {
      createMember(context.unit, pool, { name, partition });
    } catch (thrown) {
      if (!(thrown instanceof RestError)) throw thrown;
      throw new SoapFault('Common::OperationFailed', 16_908_390, thrown.message);
    }
  }
}

/** `add_member_v2` and `remove_member_v2`: whole or not at all. */
const membership = (
  change: (context: SoapContext, pool: PoolConfig, members: readonly SoapValue[]) => void,
): SoapOperation => ({
  parameters: [poolNames, membersParameter],
  run(context, [names, wanted]) {
    if (context.account.role !== 'admin') throw accessDenied();
    const before = structuredClone(context.unit.running);
    try {
      const pools = poolsOf(context, names);
      const lists = listPerPool(pools, wanted);
      for (const [index, pool] of pools.entries()) change(context, pool, lists[index] ?? []);
    } catch (thrown) {
      context.unit.running = before;
      throw thrown;
    }
    context.group.changed(context.unit);
    return undefined;
  },
});

export const memberStatistics = (
  context: SoapContext,
  pool: PoolConfig,
  wanted: readonly MemberConfig[],
): SoapValue => ({
  statistics: wanted.map((member) => ({
    member: addressPort(context, member),
    statistics: statistics([context.unit.loadOf(pool, member)]),
  })),
  time_stamp: timeStamp(context.unit.world.clock.now()),
});

export const poolMembersOperations: SoapInterface = {
  get_member_address: perMember(
    'Common.IPAddressSequenceSequence',
    (_, __, member) => member.address,
  ),
  get_member_session_enabled_state: perMember(STATES, READ.sessionEnabled),
  get_member_session_status: perMember('LocalLB.SessionStatusSequenceSequence', READ.sessionStatus),
  get_member_monitor_status: perMember('LocalLB.MonitorStatusSequenceSequence', READ.monitorStatus),
  get_member_object_status: perMember('LocalLB.ObjectStatusSequenceSequence', READ.objectStatus),
  get_member_connection_limit: perMember(NUMBERS, READ.connectionLimit),
  get_member_description: perMember(
    'Common.StringSequenceSequence',
    (_, __, member) => member.attributes.description ?? '',
  ),
  get_member_dynamic_ratio: perMember(NUMBERS, READ.dynamicRatio),
  get_member_priority: perMember(NUMBERS, READ.priority),
  get_member_ratio: perMember(NUMBERS, READ.ratio),
  set_member_session_enabled_state: setter('session_states', STATES, WRITE.session),
  set_member_monitor_state: setter('monitor_states', STATES, WRITE.monitor),
  set_member_connection_limit: setter('limits', NUMBERS, WRITE.connectionLimit),
  set_member_priority: setter('priorities', NUMBERS, WRITE.priority),
  set_member_ratio: setter('ratios', NUMBERS, WRITE.ratio),
  add_member_v2: membership(addMembers),
  remove_member_v2: membership((context, pool, members) => {
    for (const one of members) {
      const member = memberOf(context, pool, one);
      if (!pool.members.includes(member)) throw requestedNotFound('pool member', member.name);
      pool.members.splice(pool.members.indexOf(member), 1);
    }
  }),
  get_member_statistics: {
    parameters: [poolNames, membersParameter],
    returns: 'LocalLB.Pool.MemberStatisticsSequence',
    run(context, [names, wanted]) {
      const pools = poolsOf(context, names);
      const lists = listPerPool(pools, wanted);
      return pools.map((pool, index) =>
        memberStatistics(
          context,
          pool,
          (lists[index] ?? []).map((one) => memberOf(context, pool, one)),
        ),
      );
    },
  },
};
