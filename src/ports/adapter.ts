import type { Side } from '../domain/comparison.ts';
import type { DeviceLook } from '../domain/device-look.ts';
import type { AdapterKind } from '../domain/inventory.ts';
import type {
  AdminState,
  KeptIn,
  MemberSetting,
  MemberState,
  PoolState,
} from '../domain/member.ts';
import type { Step } from '../domain/plan.ts';
import type { CheckResult } from './check.ts';
import type { NodeTestimony } from './roles.ts';

/** Leave to send one write, valid for a moment: a write later than that is not sent. */
export interface WritePermit {
  /** In milliseconds of `performance.now()` of this process. */
  readonly validUntilMs: number;
}

/**
 * Asked by the transport when the connection stands and the next thing would be the write. Resolves with
 * a permit, or throws FENCED or STORE_UNAVAILABLE; then nothing may be sent.
 */
export type WriteGate = () => Promise<WritePermit>;

/** What a change wants of a member. `weight` is what must be in force afterwards. */
export interface MemberIntent {
  readonly admin: AdminState;
  readonly weight: number;
}

export interface Capabilities {
  /** Administrative states the device knows. */
  readonly states: readonly AdminState[];
  readonly weight: boolean;
  readonly health: boolean;
  /** The device can say how many sessions a member has. */
  readonly sessions: boolean;
  /** Disabling is done at once: a drain before it would let nobody go whom it keeps, or is not wanted. */
  readonly disablesAtOnce?: true;
  /** The device adds up its sessions only so often, in ms: nothing is quiet before that. */
  readonly totalsLagMs?: number;
}

/** A member whose setting the device must not lose when it is started anew. */
export interface KeptMember {
  readonly pool: string;
  readonly member: string;
}

/** How a read or a write on one device may be ended from outside. */
export interface Deadline {
  readonly signal: AbortSignal;
}

/**
 * One balancer, bound to its connection. Every operation can be run twice. Errors are `OperationError`s
 * with a device code (UNREACHABLE, TIMEOUT, CUT_REPLY, TOO_LARGE, PERMISSION, NO_SUCH_POOL, …) whose
 * message ends in the device's exact words where there were any.
 */
export interface LoadBalancerAdapter {
  readonly kind: AdapterKind;
  readonly balancer: string;
  readonly capabilities: Capabilities;

  /** The pool as the device shows it now. Read-only; may be repeated at will. */
  read(pool: string, deadline: Deadline): Promise<PoolState>;

  /**
   * The exact words that bring `member` from its state to `intent`, and the setting they lead to. Pure.
   * Throws UNSUPPORTED or UNSAFE_NAME.
   */
  commandsFor(
    pool: string,
    member: MemberState,
    intent: MemberIntent,
  ): {
    readonly commands: readonly string[];
    readonly after: MemberSetting;
    /** What whoever agrees must know of these words: a sentence. */
    readonly caution?: string;
    /** How the file that decides over its weight will be. */
    readonly keptIn?: KeptIn;
  };

  /**
   * Sends the step's commands, each after a permit from `gate`. Returns when the device acknowledged all
   * of them; that is not success yet: the caller reads back. OUTCOME_UNKNOWN when a command was sent
   * and no answer came: it may still be executed later.
   */
  apply(step: Step, gate: WriteGate, deadline: Deadline): Promise<void>;

  /**
   * Has the device find, at its next start, these members as they stand now; whatever else an earlier call left for
   * it is dropped. Writes nothing to the running device. Absent where there is nothing that a device starts from.
   */
  keepState?(kept: readonly KeptMember[], deadline: Deadline): Promise<void>;

  /** Our own look at a member from where the device stands; never throws. Absent where it is made from here. */
  reach?(address: string, port: number): Promise<CheckResult>;

  /** The line a person types in a shell to give the device one command. Pure; for reading only. */
  byHand?(command: string): string;

  /**
   * All that it has and that must be alike on what stands in for it, a side for each device that has a table of its
   * own. Read-only. Absent where the pools of the inventory are all there is to compare.
   */
  sides?(deadline: Deadline): Promise<readonly Side[]>;

  /**
   * All that is watched of the device, in as few exchanges as it takes; read-only. Without it, pools are read one by
   * one. Throws what `read` throws when the device as a whole does not answer.
   */
  look?(pools: readonly string[], deadline: Deadline): Promise<DeviceLook>;

  /** Who it is in its pair, as it says itself. Absent where the kind of device has no such roles. */
  testimony?(deadline: Deadline): Promise<NodeTestimony>;

  /** Closes what is open. */
  close(): Promise<void>;
}

/** Gives the adapter of a balancer of the inventory. */
export type AdapterOf = (balancer: string) => LoadBalancerAdapter;
