import type { Fault } from './errors.ts';
import type { DeviceIdentity, PoolState } from './member.ts';

/** How the interface of a VRRP instance is, where it is not well. */
export type LinkFault = 'no carrier' | 'down';

/** A node of a pair about itself at one moment. */
export interface NodeWords {
  /** Every address that its interfaces have. */
  readonly addresses: ReadonlySet<string>;
  /** Each VRRP instance with keepalived's number: 0 starting, 1 BACKUP, 2 MASTER, 3 FAULT; absent where it may not be asked. */
  readonly vrrp?: readonly {
    readonly name: string;
    readonly state: number;
    readonly priority?: number;
    /** The interface it runs on, and what is wrong with that. */
    readonly link?: { readonly name: string; readonly fault: LinkFault };
  }[];
  /** keepalived runs there and was asked, but said nothing in time. */
  readonly isMute?: true;
  /** Of the machine: which start of it this is, and how long it has run by its own clock. */
  readonly boot?: { readonly id: string; readonly uptimeSeconds: number };
}

/** One pool in a look at a device; a pool that is not there must not hide the others. */
export type PoolLook =
  | { readonly pool: string; readonly state: PoolState }
  | { readonly pool: string; readonly fault: Fault };

/** All that is watched of one device, as of one moment. */
export interface DeviceLook {
  readonly device: DeviceIdentity;
  readonly pools: readonly PoolLook[];
  /** Of a node of a pair that has roles. */
  readonly words?: NodeWords;
  /** Of devices that stand in for each other behind one name. */
  readonly units?: readonly {
    readonly name: string;
    readonly status: string;
    readonly active: boolean;
    /** It did not answer; `status` says why. */
    readonly away: boolean;
  }[];
  /** How they agree, in the device's words; absent where nobody says. */
  readonly sync?: string;
  /** Something on the device adds and removes members by its own checks. */
  readonly keeper?: 'keepalived';
}
