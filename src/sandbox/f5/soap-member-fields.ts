import type { MemberConfig, PoolConfig } from './config-model.ts';
import type { MemberStatus, Status } from './member-status.ts';
import { SoapFault } from './soap-fault.ts';
import type { SoapContext } from './soap-operations.ts';
import type { SoapValue } from './soap-values.ts';

/* What LocalLB.Pool and LocalLB.PoolMember read and write of a member, each in structures of its own. */

type Read = (context: SoapContext, pool: PoolConfig, member: MemberConfig) => SoapValue;

export interface Write {
  /** The change that a value asks for. Throws a fault for one that cannot be. */
  readonly change: (value: string) => (member: MemberConfig) => void;
  readonly operatorMay: boolean;
}

const setSession = (state: string) => (member: MemberConfig) => {
  member.sessionEnabled = state === 'STATE_ENABLED';
};

const setMonitor = (state: string) => (member: MemberConfig) => {
  member.adminUp = state === 'STATE_ENABLED';
};

/** Numbers of a member that can be set, and the least of each. */
const LEAST = { connectionLimit: 0, dynamicRatio: 1, priorityGroup: 0, ratio: 1 } as const;

type NumberAttribute = keyof typeof LEAST;

const numberOf =
  (attribute: NumberAttribute): Read =>
  (_, __, member) =>
    member.attributes[attribute];

/** Throws a fault for a number that is too small or too large. */
const setNumber =
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

const enabledState = (enabled: boolean): string => (enabled ? 'STATE_ENABLED' : 'STATE_DISABLED');

const sessionStatus = (status: MemberStatus): string =>
  ({
    enabled: 'SESSION_STATUS_ENABLED',
    'user-disabled': 'SESSION_STATUS_FORCED_DISABLED',
    'addr-disabled': 'SESSION_STATUS_ADDRESS_DISABLED',
  })[status.sessionStatus];

const monitorStatus = (status: MemberStatus): string =>
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

export const READ = {
  connectionLimit: numberOf('connectionLimit'),
  dynamicRatio: numberOf('dynamicRatio'),
  monitorStatus: ({ unit }, pool, member) => monitorStatus(unit.statusOf(pool, member)),
  objectStatus: ({ unit }, pool, member) => objectStatus(unit.statusOf(pool, member)),
  priority: numberOf('priorityGroup'),
  ratio: numberOf('ratio'),
  sessionEnabled: (_, __, member) => enabledState(member.sessionEnabled),
  sessionStatus: ({ unit }, pool, member) => sessionStatus(unit.statusOf(pool, member)),
} satisfies Readonly<Record<string, Read>>;

export const WRITE = {
  connectionLimit: { change: setNumber('connectionLimit'), operatorMay: false },
  monitor: { change: setMonitor, operatorMay: true },
  priority: { change: setNumber('priorityGroup'), operatorMay: false },
  ratio: { change: setNumber('ratio'), operatorMay: false },
  session: { change: setSession, operatorMay: true },
} satisfies Readonly<Record<string, Write>>;
