import type { AdminState, MemberState } from '../../src/domain/member.ts';
import { settingOf } from '../../src/domain/member.ts';
import type { Step } from '../../src/domain/plan.ts';
import type { LoadBalancerAdapter, WriteGate } from '../../src/ports/adapter.ts';

/** Ways in which something that answers in the device's place can be wrong. */
export type Misbehaviour = 'silent' | 'garbage' | 'cut' | 'huge';

/** A real device with one pool of at least two enabled members, and what the suite must do to it from outside. */
export interface ContractDevice {
  /** Connected to the device with all rights. */
  readonly adapter: LoadBalancerAdapter;
  readonly pool: string;
  readonly member: string;
  /** Names of its own grammar that it does not know; without them, `no-such-pool` and `no-such-member`. */
  readonly strangers?: { readonly pool: string; readonly member: string };
  /** False where weight 0 is how the device says disabled: a member that is out has no other weight there. */
  readonly hasWeightWhenOut?: false;
  /** Brings every member of the pool back to the state of the start. */
  reset(): Promise<void>;
  /** Stops the device in its tracks: it takes connections and answers nothing. */
  freeze(): void | Promise<void>;
  thaw(): void;
  /** To the same device with rights to read only. */
  readonly readOnly: LoadBalancerAdapter;
  close(): Promise<void>;
}

/** What stands where a device should, and how the adapter is led there. */
export interface Impostors {
  /** Makes the words of steps; what they are sent to is one of the following. */
  readonly adapter: LoadBalancerAdapter;
  readonly pool: string;
  /** To a place where there is no device. */
  readonly absent: LoadBalancerAdapter;
  /** To something that answers wrongly; `received` counts the commands that arrived there. */
  misbehaving(how: Misbehaviour): { adapter: LoadBalancerAdapter; received: () => number };
  /** The longest time in ms after which an operation must have ended. */
  readonly deadlineMs: number;
}

export const openGate: WriteGate = () => Promise.resolve({ validUntilMs: performance.now() + 100 });

export function withoutEnd() {
  return { signal: new AbortController().signal };
}

/** The step that brings `member` to `admin`, planned as the product plans it. */
export function stepTo(
  adapter: LoadBalancerAdapter,
  pool: string,
  member: MemberState,
  admin: AdminState,
  weight = member.weight,
): Step {
  const { commands, after } = adapter.commandsFor(pool, member, { admin, weight });
  return {
    index: 0,
    stage: 0,
    lane: adapter.balancer,
    balancer: adapter.balancer,
    pool,
    member: member.name,
    address: member.address,
    port: member.port,
    commands,
    before: settingOf(member),
    after,
  };
}

export function strangersOf({ strangers }: ContractDevice): { pool: string; member: string } {
  return strangers ?? { pool: 'no-such-pool', member: 'no-such-member' };
}

/** The weight a member shows when it is out and was to have this one. */
export function weightOut({ hasWeightWhenOut }: ContractDevice, weight: number): number {
  return hasWeightWhenOut === false ? 0 : weight;
}
