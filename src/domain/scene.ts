import type { Fault } from './errors.ts';
import type { Incident } from './incident.ts';
import type { AdminState } from './member.ts';

/**
 * Role of a node of a VRRP pair as evidence shows it. `DOWN`: keepalived does not run; `STRANDED`: it has the VIP and
 * is not MASTER, for instance because all of keepalived was killed.
 */
export type NodeRole = 'MASTER' | 'BACKUP' | 'FAULT' | 'DOWN' | 'STRANDED';

/** One piece of evidence of a role. Looks that show the same follow each other as `at` to `until`. */
export interface RoleEvidence {
  readonly role: NodeRole;
  /** Our clock; of lines as their own time amounts to. */
  readonly at: number;
  /** Still so at this time. */
  readonly until: number;
  /** Of looks: when the first of them was over. It shows a moment between `at` and this. */
  readonly seenBy?: number;
  /** The node did not answer a look before: what it was meanwhile, nobody knows. */
  readonly unseenBefore?: true;
  readonly priority?: number;
  /** Of a FAULT: what is wrong with the interface, as far as that is it. */
  readonly why?: string;
  /**
   * Of a line: the boot and number it came with. Where the number before it is known too, nothing else happened until
   * `unchangedTo`.
   */
  readonly line?: {
    readonly bootId: string;
    readonly sequence: number;
    readonly unchangedTo?: number;
  };
}

/** What is known of the lines of one director. */
export interface LineState {
  readonly bootId: string;
  /** Highest number so far. */
  readonly sequence: number;
  /** Numbers between that never came, bounded. */
  readonly missing: readonly number[];
  /** Earlier boots, the latest last, bounded. */
  readonly pastBoots: readonly string[];
  /** Smallest difference seen between our clock and the director's, in ms: what is left of the delay. */
  readonly offsetMs: number;
  readonly clockTold: boolean;
  /** Our clock, of the last line or heartbeat. */
  readonly heardAt: number;
}

/** A member as it was last seen on one device. */
export interface MemberFacts {
  readonly admin: AdminState;
  readonly weight: number;
  readonly sick: boolean;
  readonly serves: boolean;
  readonly backup: boolean;
}

export interface PoolFacts {
  readonly members: Readonly<Record<string, MemberFacts>>;
  /** Members that a health keeper took out of the table, with the weight they had. */
  readonly removed?: Readonly<Record<string, number>>;
  /** The pool itself could not be read, though the device answered. */
  readonly fault?: string;
}

/** One unit of a device group. */
export interface UnitFacts {
  readonly name: string;
  readonly status: string;
  readonly active: boolean;
  /** Since when it could not take over: it does not answer, or says that it is no standby. */
  readonly unfitSince?: number;
}

/** Who of a device group is active, as long as it is one. */
export interface ActiveUnit {
  readonly name: string;
  /** Who was before, and when this one was first seen to be it. */
  readonly former?: string;
  readonly movedAt?: number;
  /** Since when none or several are. */
  readonly oddSince?: number;
}

/** A device as it was last seen. */
export interface DeviceFacts {
  /** When it last answered; absent before the first time. */
  readonly answeredAt?: number;
  /** Since when it does not answer, and why. */
  readonly silent?: { readonly since: number; readonly looks: number; readonly fault: Fault };
  readonly incarnation?: string;
  /** Since when not even its host answers. */
  readonly hostSilentSince?: number;
  /** Which start of the machine this is and when that was by the machine's own clock, where its host says so. */
  readonly boot?: { readonly id: string; readonly at: number };
  /** When the machine was last found again after a silence or another start, and what had become of it. */
  readonly returned?: {
    readonly at: number;
    /** `stood still`: its clock too; `ran on`: it did not notice, or could not tell. */
    readonly after: 'started anew' | 'stood still' | 'ran on';
    readonly awayMs: number;
  };
  readonly pools: Readonly<Record<string, PoolFacts>>;
  readonly units?: readonly UnitFacts[];
  readonly activeUnit?: ActiveUnit;
  readonly sync?: string;
}

/** What a watcher measured by trying the VIP again and again. Times by our clock. */
export interface VipMeasure {
  readonly vip: string;
  readonly everyMs: number;
  /** The first try that was answered, and the latest that is known of. */
  readonly since: number;
  readonly until: number;
  /** Times without an answer, the latest few. */
  readonly silences: readonly VipSilence[];
}

/** The first and last try that were lost, the answered ones before and after; without `until` it lasts. */
export interface VipSilence {
  readonly from: number;
  readonly to: number;
  readonly before: number;
  readonly until?: number;
}

/** How a VRRP pair stood when all was well, and since when it does again. */
export interface VrrpMemory {
  readonly master?: string;
  /** The node that is MASTER when all is as usual. */
  readonly usual?: string;
  readonly wellSince?: number;
  /** Changes of the MASTER until then were asked for, or belong to what was asked for: they are no flapping. */
  readonly askedUntil?: number;
  /** What two MASTERs did until then belongs to incidents that are over. */
  readonly judgedUntil: number;
}

/** All that is remembered of one lane between looks. What follows from the next look is decided on this alone. */
export interface Scene {
  readonly v: 1;
  readonly lane: string;
  readonly devices: Readonly<Record<string, DeviceFacts>>;
  readonly roles: Readonly<Record<string, readonly RoleEvidence[]>>;
  readonly lines: Readonly<Record<string, LineState>>;
  readonly vrrp: VrrpMemory;
  readonly probe?: VipMeasure;
  /** Those that are open, and those that ended lately. */
  readonly incidents: readonly Incident[];
}

export function emptyScene(lane: string): Scene {
  return {
    v: 1,
    lane,
    devices: {},
    roles: {},
    lines: {},
    vrrp: { judgedUntil: 0 },
    incidents: [],
  };
}
