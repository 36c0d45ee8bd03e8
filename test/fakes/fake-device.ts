import { commandsFor } from '../../src/adapters/haproxy/commands.ts';
import { OperationError } from '../../src/domain/errors.ts';
import type { Health, MemberState } from '../../src/domain/member.ts';
import type { LoadBalancerAdapter } from '../../src/ports/adapter.ts';
import type { Clock } from '../../src/ports/clock.ts';
import { memberState, poolState } from './samples.ts';

/** A balancer in memory that keeps state, and goes wrong where a test wants it to. */
export interface FakeDevice {
  readonly adapter: LoadBalancerAdapter;
  /** Commands that were carried out, in order. */
  readonly writes: string[];
  /** Looks so far. */
  reads: number;
  /** What the health check says of a member that was just enabled. */
  healthOnceEnabled: Health;
  incarnation: string;
  /** Called before each look; what it throws is the answer. */
  onRead: ((count: number) => unknown) | undefined;
  /** Called before the gate is asked: what it throws happened while connecting. */
  onConnect: (() => unknown) | undefined;
  /** Called with each command after the gate gave leave. Without it the command is carried out. */
  onCommand: ((command: string, carryOut: () => void) => unknown) | undefined;
  member(name: string): MemberState;
  /** A change by hand, or a health check's. */
  set(name: string, over: Partial<MemberState>): void;
  remove(name: string): void;
  add(name: string, over: Partial<MemberState>): void;
}

export function fakeDevice(
  balancer: string,
  pool: string,
  names: readonly string[],
  clock: Pick<Clock, 'now'>,
): FakeDevice {
  const members = new Map<string, MemberState>(
    names.map((name, at) => [name, memberState(name, { address: `10.0.0.${at + 1}` })]),
  );
  const member = (name: string): MemberState => {
    const found = members.get(name);
    if (found !== undefined) return found;
    throw new OperationError('NO_SUCH_MEMBER', `${balancer} has no ${name}.`);
  };

  const carryOut = (command: string) => {
    const [, verb, target = '', weight] =
      /^(disable server|enable server|set weight) (\S+)(?: (\d+))?$/.exec(command) ?? [];
    const name = target.slice(pool.length + 1);
    if (verb === undefined) throw new OperationError('UNEXPECTED_REPLY', `What is ${command}?`);
    if (verb === 'set weight') device.set(name, { weight: Number(weight) });
    else if (verb === 'disable server') {
      device.set(name, { admin: 'disabled', health: 'suspended', causes: ['command'] });
    } else {
      device.set(name, { admin: 'enabled', health: device.healthOnceEnabled, causes: [] });
    }
    device.writes.push(command);
  };

  const adapter: LoadBalancerAdapter = {
    kind: 'haproxy',
    balancer,
    capabilities: {
      states: ['enabled', 'drained', 'disabled'],
      weight: true,
      health: true,
      sessions: true,
    },
    commandsFor,
    async read(asked) {
      device.reads += 1;
      await device.onRead?.(device.reads);
      if (asked !== pool) throw new OperationError('NO_SUCH_POOL', `${balancer} has no ${asked}.`);
      const state = poolState(balancer, [...members.values()], { pool, readAt: clock.now() });
      return { ...state, device: { ...state.device, incarnation: device.incarnation } };
    },
    async apply(step, gate) {
      for (const command of step.commands) {
        await device.onConnect?.();
        await gate();
        if (device.onCommand === undefined) carryOut(command);
        else await device.onCommand(command, () => carryOut(command));
      }
    },
    close: () => Promise.resolve(),
  };

  const device: FakeDevice = {
    adapter,
    writes: [],
    reads: 0,
    healthOnceEnabled: 'up',
    incarnation: '1',
    onRead: undefined,
    onConnect: undefined,
    onCommand: undefined,
    member,
    set: (name, over) => void members.set(name, { ...member(name), ...over }),
    remove: (name) => void members.delete(name),
    add: (name, over) => void members.set(name, memberState(name, over)),
  };
  return device;
}
