import {
  fullPath,
  type MemberConfig,
  type NodeConfig,
  nodeOf,
  type PoolConfig,
  type UnitConfig,
} from './config-model.ts';

export type MonitorResult = 'up' | 'down' | 'checking';
export type Availability = 'available' | 'offline' | 'unknown';
export type Enabled = 'enabled' | 'disabled' | 'disabled-by-parent';

export interface Status {
  readonly availability: Availability;
  readonly enabled: Enabled;
  readonly reason: string;
}

/** Everything a client can read about the state of a member; nothing of it is stored. */
export interface MemberStatus extends Status {
  /** `session` of the REST object. */
  readonly session: 'user-enabled' | 'user-disabled' | 'monitor-enabled';
  /** `state` of the REST object. */
  readonly state: 'user-down' | 'unchecked' | 'fqdn-up' | MonitorResult;
  readonly monitorRule: string;
  /** Of the statistics, where the words are others. */
  readonly sessionStatus: 'enabled' | 'user-disabled' | 'addr-disabled';
  readonly monitorStatus: 'unchecked' | 'forced-down' | 'addr-down' | MonitorResult;
  /** May get new connections. */
  readonly takesNew: boolean;
}

/** Looks up what the monitor of a member last said. */
export type MonitorResults = (pool: string, member: string) => MonitorResult;

const hasNone = (monitor: string | undefined) =>
  monitor === undefined || /^(?:|none|\/Common\/none|min \d+ of \{\s*\})$/.test(monitor.trim());

export function memberStatus(
  config: UnitConfig,
  pool: PoolConfig,
  member: MemberConfig,
  results: MonitorResults,
): MemberStatus {
  const own = member.attributes.monitor.trim();
  const rule = own === 'default' ? pool.monitor : own;
  const monitored = !hasNone(rule) && member.fqdn === undefined;
  const result = results(fullPath(pool), fullPath(member));
  const node = nodeOf(config, member);
  const { adminUp, sessionEnabled } = member;
  const nodeUp = node?.adminUp ?? true;
  const nodeEnabled = node?.sessionEnabled ?? true;

  const availability: Availability = !(adminUp && nodeUp)
    ? 'offline'
    : monitored
      ? ({ up: 'available', down: 'offline', checking: 'unknown' } as const)[result]
      : 'unknown';
  const enabled: Enabled = !(sessionEnabled && adminUp)
    ? 'disabled'
    : nodeEnabled && nodeUp
      ? 'enabled'
      : 'disabled-by-parent';
  return {
    availability,
    enabled,
    reason: !adminUp
      ? 'Forced down'
      : !nodeUp
        ? 'Parent down'
        : `${healthWords(monitored, result)}${enabledWords[enabled]}`,
    session: !sessionEnabled ? 'user-disabled' : monitored ? 'monitor-enabled' : 'user-enabled',
    state: !adminUp
      ? 'user-down'
      : member.fqdn !== undefined
        ? 'fqdn-up'
        : monitored
          ? result
          : 'unchecked',
    monitorRule: monitored
      ? `${rule?.trim()} (${own === 'default' ? 'pool monitor' : 'member'})`
      : 'none',
    sessionStatus: !sessionEnabled ? 'user-disabled' : nodeEnabled ? 'enabled' : 'addr-disabled',
    monitorStatus: !adminUp
      ? 'forced-down'
      : !nodeUp
        ? 'addr-down'
        : monitored
          ? result
          : 'unchecked',
    // What a name stands for takes connections, not the name.
    takesNew:
      member.fqdn === undefined &&
      enabled === 'enabled' &&
      availability !== 'offline' &&
      (!monitored || result === 'up'),
  };
}

const enabledWords: Record<Enabled, string> = {
  enabled: '',
  disabled: ', user disabled',
  'disabled-by-parent': ', parent disabled',
};

function healthWords(monitored: boolean, result: MonitorResult): string {
  if (!monitored) return 'Pool member does not have service checking enabled';
  return {
    up: 'Pool member is available',
    down: 'Pool member has been marked down by a monitor',
    checking: 'Pool member has not been checked yet',
  }[result];
}

export interface PoolStatus extends Status {
  readonly activeMembers: number;
  readonly availableMembers: number;
}

export function poolStatus(
  config: UnitConfig,
  pool: PoolConfig,
  results: MonitorResults,
): PoolStatus {
  const statuses = pool.members.map((member) => memberStatus(config, pool, member, results));
  const has = (wanted: Availability) => statuses.some((status) => status.availability === wanted);
  const availability: Availability = has('available')
    ? 'available'
    : has('unknown') || statuses.length === 0
      ? 'unknown'
      : 'offline';
  const allDisabled = statuses.length > 0 && statuses.every(({ enabled }) => enabled !== 'enabled');
  return {
    availability,
    enabled: allDisabled ? 'disabled' : 'enabled',
    reason: allDisabled ? 'The children pool member(s) are disabled' : poolReasons[availability],
    activeMembers: statuses.filter((status) => status.takesNew).length,
    availableMembers: statuses.filter((status) => status.availability === 'available').length,
  };
}

const poolReasons: Record<Availability, string> = {
  available: 'The pool is available',
  offline: 'The children pool member(s) are down',
  unknown:
    "The children pool member(s) either don't have service checking enabled, or service check results are not available yet",
};

export interface NodeStatus extends Status {
  readonly session: 'user-enabled' | 'user-disabled' | 'monitor-enabled';
  readonly state: 'user-down' | 'unchecked' | 'up' | 'fqdn-up';
  readonly monitorRule: string;
  readonly monitorStatus: 'forced-down' | 'unchecked' | 'up';
}

/** A node's monitor always finds it up here; the default one is none. */
export function nodeStatus(node: NodeConfig): NodeStatus {
  const { adminUp, sessionEnabled, fqdn } = node;
  const rule = node.attributes.monitor.trim();
  const monitored = !hasNone(rule) && rule !== 'default' && fqdn === undefined;
  const words = monitored
    ? 'Node address is available'
    : 'Node address does not have service checking enabled';
  return {
    availability: !adminUp ? 'offline' : monitored ? 'available' : 'unknown',
    enabled: adminUp && sessionEnabled ? 'enabled' : 'disabled',
    reason: adminUp ? `${words}${sessionEnabled ? '' : ', user disabled'}` : 'Forced down',
    session: !sessionEnabled ? 'user-disabled' : monitored ? 'monitor-enabled' : 'user-enabled',
    state: !adminUp ? 'user-down' : fqdn !== undefined ? 'fqdn-up' : monitored ? 'up' : 'unchecked',
    monitorRule: monitored ? rule : 'none',
    monitorStatus: !adminUp ? 'forced-down' : monitored ? 'up' : 'unchecked',
  };
}
