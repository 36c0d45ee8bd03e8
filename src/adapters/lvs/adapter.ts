import type { DeviceLook, PoolLook } from '../../domain/device-look.ts';
import { faultOf, OperationError } from '../../domain/errors.ts';
import type { PoolState } from '../../domain/member.ts';
import type { Step } from '../../domain/plan.ts';
import { vrrpInstanceOf } from '../../domain/vrrp-pool.ts';
import type { Capabilities, Deadline, LoadBalancerAdapter } from '../../ports/adapter.ts';
import type { Clock } from '../../ports/clock.ts';
import type { TableOwner } from '../../ports/table-owner.ts';
import type { RuntimeSocket } from '../../transports/runtime-socket.ts';
import type { SshReach } from '../../transports/ssh-reach.ts';
import { EXCHANGE_LIMITS } from '../../transports/stream-socket.ts';
import { type Answer, TableMoved } from './answer.ts';
import { assertOwnCommand, type DisableBy, readLine, serviceNamed } from './commands.ts';
import { isOwnPut, type WhenUndone, wordsFor } from './kept.ts';
import { deviceOf, poolStateOf, type Remembered } from './pool-state.ts';
import { directorReader, EVERYTHING, ROLES } from './reader.ts';
import { refusal } from './refusals.ts';
import { isWholeReply, parseSections, sectionOf } from './reply.ts';
import { sideOf } from './table.ts';
import {
  assertOwnSwitch,
  assertSwitched,
  switchCommands,
  switchLine,
  vrrpPoolOf,
} from './vrrp-pool.ts';
import type { Testimony } from './witness.ts';

/** The kernel adds up its counters this often. */
const TOTALS_LAG_MS = 2_000;

/** Of a bare table: health is not known there. */
function capabilitiesOf(disableBy: DisableBy): Capabilities {
  return {
    states:
      disableBy === 'delete'
        ? ['enabled', 'drained', 'disabled']
        : ['enabled', 'disabled', 'removed'],
    weight: true,
    health: false,
    sessions: true,
    // Weight 0 keeps whom a drain keeps; deleting is for those who want it at once.
    disablesAtOnce: true,
    totalsLagMs: TOTALS_LAG_MS,
  };
}

export interface LvsOptions {
  readonly disableBy?: DisableBy;
  readonly whenUndone?: WhenUndone;
  /** Reads the configuration of the program that may keep the table. */
  readonly tableOwner?: TableOwner;
  /** Members that were changed and not brought back: also those that the table no longer has. */
  readonly remembered?: (pool: string) => Promise<readonly Remembered[]>;
  /** Tries members from the director; without it, they are tried from where this process runs. */
  readonly reach?: SshReach;
  /** How long a reading may take, questions of others before it included. */
  readonly readMsMax?: number;
}

/** The adapter, and what else an answer of the director says. */
export interface LvsAdapter extends LoadBalancerAdapter {
  testimony(deadline: Deadline): Promise<Testimony>;
}

/** LVS by ipvsadm on the director. See readme.md for what it runs there. */
export function lvsAdapter(
  balancer: string,
  socket: RuntimeSocket,
  clock: Pick<Clock, 'now'>,
  {
    disableBy = 'weight',
    whenUndone = 'restore',
    tableOwner,
    remembered = async () => [],
    reach,
    readMsMax = EXCHANGE_LIMITS.exchangeMsMax,
  }: LvsOptions = {},
): LvsAdapter {
  /** Deleted by this adapter, until somebody who keeps records remembers it; by pool, then member. */
  const deleted = new Map<string, Map<string, Remembered>>();
  const missing = async (pool: string): Promise<readonly Remembered[]> => {
    const known = new Map(deleted.get(pool));
    for (const each of await remembered(pool)) known.set(each.member, each);
    return [...known.values()];
  };

  const ask = directorReader(balancer, socket, readMsMax);

  const stateIn = async (answer: Answer, pool: string, doing: string): Promise<PoolState> => {
    const state = poolStateOf(answer, {
      ...{ balancer, pool, disableBy, doing, remembered: await missing(pool) },
      ...(tableOwner === undefined ? {} : { tableOwner }),
    });
    return { ...state, readAt: clock.now() };
  };

  const readPool = async (pool: string, signal: AbortSignal): Promise<PoolState> => {
    const line = readLine(serviceNamed(pool));
    const doing = `Reading virtual service ${pool} on ${balancer}`;
    for (let attempt = 1; ; attempt += 1) {
      const answer = await ask({ line, doing, signal });
      try {
        return await stateIn(answer, pool, doing);
      } catch (thrown) {
        if (!(thrown instanceof TableMoved)) throw thrown;
        if (attempt < 3) continue;
        throw new OperationError(
          'UNREACHABLE',
          `${doing}: the table changed each time while it was listed.`,
        );
      }
    }
  };

  return {
    kind: 'lvs',
    balancer,
    capabilities: capabilitiesOf(disableBy),
    commandsFor: (pool, member, intent) =>
      vrrpInstanceOf(pool) === undefined
        ? wordsFor(disableBy, whenUndone, pool, member, intent)
        : switchCommands(pool, member, intent),
    async testimony({ signal }) {
      const doing = `Asking ${balancer} for its role`;
      return (await ask({ line: ROLES, doing, signal })).testimony();
    },
    ...(reach === undefined
      ? {}
      : {
          async reach(address, port) {
            const result = await reach.reach(address, port);
            if ('ms' in result) return { reached: true, ms: Math.round(result.ms) };
            const blind = result.blind === true ? { blind: true as const } : {};
            return { reached: false, reason: `from ${balancer}: ${result.reason}`, ...blind };
          },
        }),

    async read(pool, { signal }): Promise<PoolState> {
      if (vrrpInstanceOf(pool) !== undefined) {
        const doing = `Asking ${balancer} for its part in ${pool}`;
        const line = switchLine(pool, 'show');
        const reply = await socket.exchange(line, { doing, signal, isWhole: isWholeReply });
        const sections = parseSections(reply, doing);
        return { ...vrrpPoolOf(sections, { balancer, pool, doing }), readAt: clock.now() };
      }
      return readPool(pool, signal);
    },

    async look(pools, { signal }): Promise<DeviceLook> {
      const doing = `Looking at ${balancer}`;
      const answer = await ask({ line: EVERYTHING, doing, signal });
      const words = answer.testimony();
      const looks = await Promise.all(
        pools.map(async (pool): Promise<PoolLook> => {
          try {
            return { pool, state: await stateIn(answer, pool, doing) };
          } catch (thrown) {
            if (thrown instanceof TableMoved) return { pool, state: await readPool(pool, signal) };
            const fault = faultOf(thrown);
            if (fault.code !== 'NO_SUCH_POOL') throw thrown;
            return { pool, fault };
          }
        }),
      );
      const texts = answer.owner()?.files?.texts.values() ?? [];
      const isKept = [...texts].some((text) => text.includes('virtual_server'));
      return {
        device: deviceOf(answer, balancer),
        pools: looks,
        words,
        ...(isKept ? { keeper: 'keepalived' } : {}),
      };
    },

    async sides({ signal }) {
      const doing = `Reading the whole table of ${balancer}`;
      return [sideOf(await ask({ line: EVERYTHING, doing, signal }), balancer, doing)];
    },

    async apply(step, gate, { signal }) {
      if (step.balancer !== balancer) {
        throw new OperationError('INTERNAL', `A step for ${step.balancer} came to ${balancer}.`);
      }
      const isSwitch = vrrpInstanceOf(step.pool) !== undefined;
      const assertOwn = isSwitch ? assertOwnSwitch : assertOwnCommand;
      for (const command of step.commands) {
        if (isSwitch || !isOwnPut(step, command)) assertOwn(step, command);
      }
      for (const command of step.commands) {
        const doing = `Running "${command}" on ${balancer}`;
        // Also when the answer is lost: whoever reads back must find it, as gone.
        if (command.startsWith('ipvsadm -d ')) noteDeleted(deleted, step);
        else deleted.get(step.pool)?.delete(step.member);
        const reply = await socket.exchange(command, {
          doing,
          signal,
          isWhole: isWholeReply,
          gate,
        });
        if (isSwitch) {
          assertSwitched(parseSections(reply, doing), doing);
          continue;
        }
        const section = command.startsWith('put ') ? 'put' : 'ipvsadm';
        const { text, code } = sectionOf(parseSections(reply, doing), section, doing);
        if (code === 0 && text.trim() === '') continue;
        if (code !== 0 && isDoneAlready(command, text)) continue;
        throw refusal(text, code, doing);
      }
    },

    async close() {
      reach?.close();
      await socket.close();
    },
  };
}

/** A line that was carried out before, and whose answer was lost. Whoever asked reads back. */
function isDoneAlready(command: string, text: string): boolean {
  if (command.startsWith('ipvsadm -a ')) return text.includes('Destination already exists');
  return command.startsWith('ipvsadm -d ') && text.includes('No such destination');
}

function noteDeleted(deleted: Map<string, Map<string, Remembered>>, step: Step): void {
  const members = deleted.get(step.pool) ?? new Map<string, Remembered>();
  deleted.set(step.pool, members);
  members.set(step.member, { member: step.member, restore: step.before, want: step.after });
}
