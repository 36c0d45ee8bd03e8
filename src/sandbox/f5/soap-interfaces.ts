import { SoapFault } from './soap-fault.ts';
import { getVersion, type SoapInterface, text } from './soap-operations.ts';
import { poolInterface } from './soap-pool.ts';
import { poolMemberInterface } from './soap-pool-member.ts';

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
  is_redundant: { parameters: [], returns: 'boolean', run: ({ group }) => group.isPair },
  get_version: getVersion,
};

const session: SoapInterface = {
  get_session_identifier: {
    parameters: [],
    returns: 'long',
    run: (context) => context.sessionId(),
  },
  get_session_timeout: {
    parameters: [],
    returns: 'long',
    run: (context) => context.session.timeoutS,
  },
  set_session_timeout: {
    parameters: [['timeout', 'long']],
    run(context, [seconds]) {
      context.session.timeoutS = Number(seconds);
      return undefined;
    },
  },
  get_active_folder: {
    parameters: [],
    returns: 'string',
    run: (context) => context.session.folder,
  },
  set_active_folder: {
    parameters: [['folder', 'string']],
    run(context, [folder]) {
      const name = text(folder).replace(/^\/|\/$/g, '');
      if (!context.unit.running.partitions.some((partition) => partition.name === name)) {
        const message = `01020036:3: The requested folder (/${name}) was not found.`;
        throw new SoapFault('Common::OperationFailed', 16_908_342, message);
      }
      context.session.folder = `/${name}`;
      return undefined;
    },
  },
  get_version: getVersion,
};

const partition: SoapInterface = {
  get_partition_list: {
    parameters: [],
    returns: 'Management.Partition.AuthZPartitionSequence',
    run: ({ unit }) =>
      unit.running.partitions.map(({ name }) => ({ partition_name: name, description: '' })),
  },
  get_active_partition: {
    parameters: [],
    returns: 'string',
    run: (context) => context.session.folder.slice(1),
  },
  set_active_partition: {
    parameters: [['active_partition', 'string']],
    run: (context, values) => session.set_active_folder?.run(context, values),
  },
  get_version: getVersion,
};

export const SOAP_INTERFACES: Readonly<Record<string, SoapInterface>> = {
  'LocalLB.Pool': poolInterface,
  'LocalLB.PoolMember': poolMemberInterface,
  'Management.Partition': partition,
  'System.Failover': failover,
  'System.Session': session,
  'System.SystemInfo': { get_version: getVersion },
};
