/**
 * What a person asked of the member, in the field's words: `enabled` takes clients, `drained` keeps
 * the old and sticky ones, `disabled` takes no new client at all, `offline` (F5: forced offline) none that
 * sticks either. `removed` is not in the device's table any more, where that is something else than disabled (LVS).
 */
export type AdminState = 'enabled' | 'drained' | 'disabled' | 'offline' | 'removed';

/**
 * What the health check says. `failing` is still used, `recovering` is not yet used;
 * `unchecked` has no check configured, `suspended` is not checked because it is disabled.
 */
export type Health =
  | 'up'
  | 'failing'
  | 'recovering'
  | 'down'
  | 'stopping'
  | 'unchecked'
  | 'suspended'
  | 'unknown';

/** Why a member is out, as far as the device itself can tell. */
export type Cause = 'command' | 'configuration' | 'tracking' | 'resolution' | 'health-check';

/** Most sessions before a member takes no new ones, and fewest before it does again (LVS); 0: no such limit. */
export interface ConnectionLimits {
  readonly upper: number;
  readonly lower: number;
}

/** One member as the device shows it at one moment. */
export interface MemberState {
  /** The device's own name of the member. */
  readonly name: string;
  /** Canonical IP address, or the host name when the device shows none. */
  readonly address: string;
  readonly port: number;
  readonly admin: AdminState;
  readonly health: Health;
  /** The device's own words, for instance `UP 1/2` or `MAINT`. */
  readonly status: string;
  /** Empty when it is not out. */
  readonly causes: readonly Cause[];
  /** Weight in force now. */
  readonly weight: number;
  /** Weight from the device's configuration. */
  readonly configuredWeight: number;
  /** Why the weight cannot be set freely, for instance `balance source`; absent when it can. */
  readonly weightFixedBy?: string;
  /** Why another weight may be refused, or changes nothing: a sentence for people; absent when there is no doubt. */
  readonly weightDoubt?: string;
  /** The file that decides over its weight on a device where another program keeps the table. */
  readonly keptIn?: KeptIn;
  /** What would undo a change of ours, and why it would: a sentence for people; absent where a change lasts. */
  readonly undoneBy?: string;
  /** Why no change may be made to it at all, in words for people; absent where one may. */
  readonly heldBy?: string;
  /** Backup servers do not count as capacity. */
  readonly backup: boolean;
  /** How packets get there (LVS: Route, Masq, Tunnel); absent where the device has no such notion. */
  readonly forwarding?: string;
  /** Absent where there is no limit. */
  readonly connectionLimits?: ConnectionLimits;
  /** Sessions open now. */
  readonly sessions: number;
  /** Sessions that are over, or were never quite open, and are remembered for a while (LVS: InActConn). */
  readonly sessionsInactive?: number;
  /** Clients that stick to it now, with a session or without, and come again also when it is out (LVS: PersistConn). */
  readonly stickyNow?: number;
  /** Other services of the device that send new clients to the same host, as the device names them; absent where none does. */
  readonly alsoIn?: readonly string[];
  /** Sessions that an older process of the device still serves, after a reload; absent where it cannot say. */
  readonly sessionsElsewhere?: number;
  /** Sessions since the process started. */
  readonly sessionsTotal: number;
  /** Of those, how many came by cookie and not by balancing; absent without persistence. */
  readonly stickyTotal?: number;
}

/** A file of ours that another program's configuration includes, and by which the weight of a member lasts. */
export interface KeptIn {
  readonly file: string;
  /** What the file is now, in 16 letters, or `absent`. */
  readonly was: string;
  /** What the rest of the configuration is, in 16 letters. */
  readonly base: string;
  /** Weight by the configuration as a whole, and without our file. */
  readonly weight: number;
  readonly ownWeight: number;
  /** A member that is sick stays in the table, with weight 0. */
  readonly staysWhenSick: boolean;
}

/** Which process answered, to tell a reload from a hand change. */
export interface DeviceIdentity {
  readonly balancer: string;
  readonly kind: string;
  readonly version: string;
  /** Process id, boot id or serial: changes when the device forgets what was set at run time. */
  readonly incarnation: string;
  readonly uptimeSeconds: number;
  /** Which of its units answered, where one balancer is several that take over from each other. */
  readonly unit?: string;
  /** What is to be known of the device as a whole, in words, for instance which unit of a pair is active. */
  readonly remark?: string;
}

/** A pool on one device at one moment. */
export interface PoolState {
  readonly device: DeviceIdentity;
  readonly pool: string;
  readonly members: readonly MemberState[];
  /** How clients stick, in the device's words, for instance `cookie`; absent when they do not. */
  readonly persistence?: string;
  /** What its members' `status` holds, as the title of a column, where that is worth one: `session, monitor`. */
  readonly statusTitle?: string;
  /** Of a node in a pair by VRRP: whether it keeps the other one's copy of its connections up to date. */
  readonly connectionsSynced?: boolean;
  /** Milliseconds since the epoch. */
  readonly readAt: number;
}

/** True when new clients can land on the member now: administratively enabled, weight, and not known to be sick. */
export function takesClients(member: MemberState): boolean {
  if (member.admin !== 'enabled' || member.weight === 0) return false;
  return member.health === 'up' || member.health === 'failing' || member.health === 'unchecked';
}

/** The part of a member's state that a change touches and an approval is bound to. */
export interface MemberSetting {
  readonly admin: AdminState;
  readonly weight: number;
  readonly forwarding?: string;
  readonly connectionLimits?: ConnectionLimits;
}

export function settingOf(member: MemberState): MemberSetting {
  return {
    admin: member.admin,
    weight: member.weight,
    ...(member.forwarding === undefined ? {} : { forwarding: member.forwarding }),
    ...(member.connectionLimits === undefined ? {} : { connectionLimits: member.connectionLimits }),
  };
}

export function sameSetting(a: MemberSetting, b: MemberSetting): boolean {
  return (
    a.admin === b.admin &&
    a.weight === b.weight &&
    a.forwarding === b.forwarding &&
    a.connectionLimits?.upper === b.connectionLimits?.upper &&
    a.connectionLimits?.lower === b.connectionLimits?.lower
  );
}
