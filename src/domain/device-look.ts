import type { Fault } from './errors.ts';
import type { DeviceIdentity, PoolState } from './member.ts';

/** A node of a pair about itself at one moment; see the port of roles. */
export interface NodeWords {
  readonly addresses: ReadonlySet<string>;
  readonly vrrp?: readonly {
    readonly name: string;
    readonly state: number;
    readonly priority?: number;
  }[];
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
