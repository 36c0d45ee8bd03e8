import type { WriteGate } from '../../ports/adapter.ts';
import type { F5Api, F5Command } from './commands.ts';
import type { F5Pool } from './parse.ts';

/** What is being done, for messages, and when it must be over. */
export interface Task {
  readonly doing: string;
  readonly signal: AbortSignal;
}

/** What a unit says of itself. */
export interface Failover {
  /** `ACTIVE`, `STANDBY`, `FORCED OFFLINE`, …, in capitals. */
  readonly status: string;
  /** Traffic groups it is active for; empty where it does not say. */
  readonly activeFor: readonly string[];
}

/** How the units of a device group agree. */
export interface SyncState {
  /** `In Sync`, `Changes Pending`, `Standalone`, … */
  readonly status: string;
  /** What the unit recommends; absent when nothing. */
  readonly action?: string;
}

/** One unit, spoken to in one of its two languages. Every method throws OperationError. */
export interface F5Unit {
  readonly api: F5Api;
  /** Its address, for people; changes to another unit show in it. */
  readonly name: string;
  failover(task: Task): Promise<Failover>;
  /** Undefined where the language has no words for it. */
  syncState(task: Task): Promise<SyncState | undefined>;
  /** The other devices it knows, as `hostname (address)`: to be named, never to be connected to. */
  peers(task: Task): Promise<readonly string[]>;
  readPool(pool: string, task: Task): Promise<F5Pool>;
  /** Sends one command after a permit. OUTCOME_UNKNOWN when no answer came. */
  write(command: F5Command, pool: string, gate: WriteGate, task: Task): Promise<void>;
  /** Has the unit copy its configuration to the others of its device group. */
  syncToGroup(gate: WriteGate, task: Task): Promise<void>;
  close(): Promise<void>;
}
