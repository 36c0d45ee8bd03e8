import { RestError } from './rest-errors.ts';
import { accessDenied, SoapFault } from './soap-fault.ts';
import {
  getVersion,
  type SoapContext,
  type SoapInterface,
  type SoapOperation,
  text,
} from './soap-operations.ts';
import { poolInterface } from './soap-pool.ts';
import { poolMemberInterface } from './soap-pool-member.ts';
import { sessionInterface, setActiveFolder } from './soap-session.ts';

function adminOnly(context: SoapContext): void {
  if (context.account.role !== 'admin') throw accessDenied();
}

/** What an administrator does to the unit itself. */
const command = (
  parameters: SoapOperation['parameters'],
  run: (context: SoapContext, values: readonly string[]) => void,
): SoapOperation => ({
  parameters,
  run(context, values) {
    adminOnly(context);
    run(context, values.map(text));
    return undefined;
  },
});

const failover: SoapInterface = {
  get_failover_state: {
    parameters: [],
    returns: 'System.Failover.FailoverState',
    run: ({ group, unit }) =>
      ({
        active: 'FAILOVER_STATE_ACTIVE',
        standby: 'FAILOVER_STATE_STANDBY',
        'forced-offline': 'FAILOVER_STATE_FORCED_OFFLINE',
      })[group.roleOf(unit)],
  },
  get_failover_mode: {
    parameters: [],
    returns: 'System.Failover.FailoverMode',
    run: () => 'FAILOVER_MODE_ACTIVE_STANDBY',
  },
  get_peer_address: {
    parameters: [],
    returns: 'Common.IPAddressSequence',
    run: ({ group, unit }) =>
      group.units.filter((other) => other !== unit).map(({ managementIp }) => managementIp),
  },
  is_redundant: { parameters: [], returns: 'boolean', run: ({ group }) => group.isPair },
  set_standby: command([], ({ group, unit }) => {
    if (group.isPair && group.roleOf(unit) === 'active') group.failOver();
  }),
  set_offline: command([], ({ group, unit }) => {
    if (group.isPair && group.roleOf(unit) === 'active') group.failOver();
    group.setOffline(unit, true);
  }),
  set_offline_release: command([], ({ group, unit }) => group.setOffline(unit, false)),
  get_version: getVersion,
};

const partition: SoapInterface = {
  get_partition_list: {
    parameters: [],
    returns: 'Management.Partition.AuthZPartitionSequence',
    run: ({ unit }) =>
      unit.running.partitions.map(({ name, description = '' }) => ({
        partition_name: name,
        description,
      })),
  },
  get_active_partition: {
    parameters: [],
    returns: 'string',
    run: (context) => context.session.folder.slice(1),
  },
  set_active_partition: {
    parameters: [['active_partition', 'string']],
    run: (context, values) => setActiveFolder.run(context, values),
  },
  get_version: getVersion,
};

const configSync: SoapInterface = {
  save_configuration: command(
    [
      ['filename', 'string'],
      ['save_flag', 'System.ConfigSync.SaveMode'],
    ],
    ({ unit }) => unit.save(),
  ),
  synchronize_to_group_v2: command(
    [
      ['group', 'string'],
      ['device', 'string'],
      ['force', 'boolean'],
    ],
    ({ group, unit }, [name = '']) => {
      try {
        group.sync(unit, name.replace(/^\/Common\//, ''), 'to-group');
      } catch (thrown) {
        if (!(thrown instanceof RestError)) throw thrown;
        throw new SoapFault('Common::OperationFailed', 17_237_812, thrown.message);
      }
    },
  ),
  get_version: getVersion,
};

export const SOAP_INTERFACES: Readonly<Record<string, SoapInterface>> = {
  'LocalLB.Pool': poolInterface,
  'LocalLB.PoolMember': poolMemberInterface,
  'Management.Partition': partition,
  'System.ConfigSync': configSync,
  'System.Failover': failover,
  'System.Session': sessionInterface,
  'System.SystemInfo': { get_version: getVersion },
};

/** Their writes wait for the end of a transaction; those of the others are done at once. */
export const IN_TRANSACTIONS: readonly string[] = ['LocalLB.Pool', 'LocalLB.PoolMember'];
