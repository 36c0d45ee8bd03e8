import { findPool, fullPath, type MemberConfig, nodeOf, type PoolConfig } from './config-model.ts';
import type { MemberStatus, Status } from './member-status.ts';
import { accessDenied, requestedNotFound, SoapFault } from './soap-fault.ts';
import { fieldOf, list, type SoapContext, text } from './soap-operations.ts';
import type { SoapValue } from './soap-values.ts';
import type { Load } from './traffic-model.ts';

/** The pools of a sequence of names, which are relative to the session's folder. */
export const poolsOf = (context: SoapContext, names: SoapValue | undefined): PoolConfig[] =>
  list(names).map((name) => {
    const given = text(name);
    const path = given.startsWith('/') ? given : `${context.session.folder}/${given}`;
    const pool = findPool(context.unit.running, path);
    if (pool === undefined) throw requestedNotFound('pool', path);
    return pool;
  });

/** A member by address or node name, with or without partition, and port. */
export function memberOf(context: SoapContext, pool: PoolConfig, value: SoapValue): MemberConfig {
  const address = text(fieldOf(value, 'address'));
  const port = Number(fieldOf(value, 'port') ?? 0);
  const found = pool.members.find((member) => {
    if (member.port !== port) return false;
    const node = nodeOf(context.unit.running, member)?.name ?? member.address;
    return [member.address, node].some(
      (name) => address === name || address === `/${member.partition}/${name}`,
    );
  });
  if (found !== undefined) return found;
  const node = address.startsWith('/') ? address : `/${pool.partition}/${address}`;
  throw requestedNotFound('pool member', `${fullPath(pool)} ${node} ${port}`);
}

/** The n-th list belongs to the n-th pool. */
export function listPerPool(
  pools: readonly unknown[],
  value: SoapValue | undefined,
): readonly (readonly SoapValue[])[] {
  const lists = list(value).map(list);
  if (lists.length === pools.length) return lists;
  const message = `01020031:3: ${pools.length} pools, but ${lists.length} lists of members`;
  throw new SoapFault('Common::InvalidArgument', 16_907_281, message);
}

export interface Change {
  readonly member: MemberConfig;
  readonly apply: (member: MemberConfig) => void;
}

/** Applies changes that were all found to be possible before the first of them. */
export function applyAll(
  context: SoapContext,
  changes: readonly Change[],
  operatorMay: boolean,
): void {
  const { role } = context.account;
  if (role !== 'admin' && !(role === 'operator' && operatorMay)) throw accessDenied();
  const { running } = context.unit;
  for (const { member, apply } of changes) {
    running.generation += 1;
    apply(member);
    member.generation = running.generation;
  }
  if (changes.length > 0) context.group.changed(context.unit);
}

export const setSession = (state: string) => (member: MemberConfig) => {
  member.sessionEnabled = state === 'STATE_ENABLED';
};

export const setMonitor = (state: string) => (member: MemberConfig) => {
  member.adminUp = state === 'STATE_ENABLED';
};

/** Numbers of a member that can be set, and the least of each. */
const LEAST = { connectionLimit: 0, dynamicRatio: 1, priorityGroup: 0, ratio: 1 } as const;

type NumberAttribute = keyof typeof LEAST;

export const numberOf =
  (attribute: NumberAttribute) =>
  (member: MemberConfig): number =>
    member.attributes[attribute];

/** Throws a fault for a number that is too small or too large. */
export const setNumber =
  (attribute: NumberAttribute) =>
  (value: string): ((member: MemberConfig) => void) => {
    const number = Number(value);
    const most = attribute === 'connectionLimit' ? 4_294_967_295 : 65_535;
    if (number < LEAST[attribute] || number > most) {
      const message = `01020031:3: ${attribute} ${value} is not between ${LEAST[attribute]} and ${most}`;
      throw new SoapFault('Common::InvalidArgument', 16_907_281, message);
    }
    return (member) => {
      member.attributes[attribute] = number;
    };
  };

export const enabledState = (enabled: boolean): string =>
  enabled ? 'STATE_ENABLED' : 'STATE_DISABLED';

export const sessionStatus = (status: MemberStatus): string =>
  ({
    enabled: 'SESSION_STATUS_ENABLED',
    'user-disabled': 'SESSION_STATUS_FORCED_DISABLED',
    'addr-disabled': 'SESSION_STATUS_ADDRESS_DISABLED',
  })[status.sessionStatus];

export const monitorStatus = (status: MemberStatus): string =>
  ({
    unchecked: 'MONITOR_STATUS_UNCHECKED',
    checking: 'MONITOR_STATUS_CHECKING',
    up: 'MONITOR_STATUS_UP',
    down: 'MONITOR_STATUS_DOWN',
    'forced-down': 'MONITOR_STATUS_FORCED_DOWN',
    'addr-down': 'MONITOR_STATUS_ADDRESS_DOWN',
  })[status.monitorStatus];

export const objectStatus = (status: Status): SoapValue => ({
  availability_status: {
    available: 'AVAILABILITY_STATUS_GREEN',
    offline: 'AVAILABILITY_STATUS_RED',
    unknown: 'AVAILABILITY_STATUS_BLUE',
  }[status.availability],
  enabled_status: {
    enabled: 'ENABLED_STATUS_ENABLED',
    disabled: 'ENABLED_STATUS_DISABLED',
    'disabled-by-parent': 'ENABLED_STATUS_DISABLED_BY_PARENT',
  }[status.enabled],
  status_description: status.reason,
});

/** Of one member, or of all of a pool together. */
export function statistics(loads: readonly Load[]): SoapValue {
  const sum = (key: keyof Load) => loads.reduce((total, load) => total + load[key], 0);
  const numbers: Readonly<Record<string, number>> = {
    STATISTIC_SERVER_SIDE_BYTES_IN: sum('bitsIn') / 8,
    STATISTIC_SERVER_SIDE_BYTES_OUT: sum('bitsOut') / 8,
    STATISTIC_SERVER_SIDE_CURRENT_CONNECTIONS: sum('current'),
    STATISTIC_SERVER_SIDE_MAXIMUM_CONNECTIONS: sum('max'),
    STATISTIC_SERVER_SIDE_TOTAL_CONNECTIONS: sum('total'),
    STATISTIC_TOTAL_REQUESTS: sum('total'),
  };
  return Object.entries(numbers).map(([type, number]) => {
    const whole = Math.round(number);
    const value = { high: Math.floor(whole / 2 ** 32), low: whole % 2 ** 32 };
    return { type, value, time_stamp: 0 };
  });
}

export function timeStamp(ms: number): SoapValue {
  const date = new Date(ms);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
  };
}
