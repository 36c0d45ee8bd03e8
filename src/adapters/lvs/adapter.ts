import type { DeviceLook } from '../../domain/device-look.ts';
import { faultOf, OperationError } from '../../domain/errors.ts';
import type { DeviceIdentity, PoolState } from '../../domain/member.ts';
import type { Step } from '../../domain/plan.ts';
import { vrrpInstanceOf } from '../../domain/vrrp-pool.ts';
import type { Capabilities, Deadline, LoadBalancerAdapter } from '../../ports/adapter.ts';
import type { Clock } from '../../ports/clock.ts';
import type { TableOwner } from '../../ports/table-owner.ts';
import type { RuntimeSocket } from '../../transports/runtime-socket.ts';
import type { SshReach } from '../../transports/ssh-reach.ts';
import { assertOwnCommand, type DisableBy, readLine, serviceNamed } from './commands.ts';
import { isOwnPut, type WhenUndone, wordsFor } from './kept.ts';
import { type Reading, type Remembered, readingOf, TableMoved } from './pool-state.ts';
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
import { askWitness, type Testimony } from './witness.ts';

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
}

/** The adapter, and what else an answer of the director says. */
export interface LvsAdapter extends LoadBalancerAdapter {
  reading(pool: string, signal: AbortSignal): Promise<Reading>;
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
  }: LvsOptions = {},
): LvsAdapter {
  /** Deleted by this adapter, until somebody who keeps records remembers it; by pool, then member. */
  const deleted = new Map<string, Map<string, Remembered>>();
  const missing = async (pool: string): Promise<readonly Remembered[]> => {
    const known = new Map(deleted.get(pool));
    for (const each of await remembered(pool)) known.set(each.member, each);
    return [...known.values()];
  };

  const reading = async (pool: string, signal: AbortSignal): Promise<Reading> => {
    const service = serviceNamed(pool);
    const doing = `Reading virtual service ${pool} on ${balancer}`;
    const question = {
      ...{ balancer, pool, disableBy, doing, remembered: await missing(pool) },
      ...(tableOwner === undefined ? {} : { tableOwner }),
    };
    for (let attempt = 1; ; attempt += 1) {
      const reply = await socket.exchange(readLine(service), {
        doing,
        signal,
        isWhole: isWholeReply,
      });
      try {
        return readingOf(reply, question);
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
    reading,
    testimony: ({ signal }) => askWitness(balancer, socket, signal),
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
        return { ...vrrpPoolOf(sections, reply, { balancer, pool, doing }), readAt: clock.now() };
      }
      const { state } = await reading(pool, signal);
      return { ...state, readAt: clock.now() };
    },

    async look(pools, { signal }): Promise<DeviceLook> {
      const said = await askWitness(balancer, socket, signal);
      const readingFor = async (pool: string) => {
        try {
          const { state, owner } = await reading(pool, signal);
          return { look: { pool, state: { ...state, readAt: clock.now() } }, owner };
        } catch (thrown) {
          const fault = faultOf(thrown);
          if (fault.code !== 'NO_SUCH_POOL') throw thrown;
          return { look: { pool, fault }, owner: undefined };
        }
      };
      // One after the other: whoever wants to change something must not queue behind fifty services looked at.
      const found: Awaited<ReturnType<typeof readingFor>>[] = [];
      for (const pool of pools) found.push(await readingFor(pool));
      const looks = found.map(({ look }) => look);
      const first = looks.flatMap((look) => ('state' in look ? [look.state.device] : []))[0];
      const isKept = found.some(({ owner }) =>
        [...(owner?.files?.texts.values() ?? [])].some((text) => text.includes('virtual_server')),
      );
      return {
        device: first ?? bareDevice(balancer, said.bootId),
        pools: looks,
        words: said,
        ...(isKept ? { keeper: 'keepalived' } : {}),
      };
    },

    async sides({ signal }) {
      const doing = `Reading the whole table of ${balancer}`;
      const reply = await socket.exchange('table', { doing, signal, isWhole: isWholeReply });
      return [sideOf(reply, balancer, doing)];
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

/** A director whose table has none of the services that are looked for. */
function bareDevice(balancer: string, bootId: string): DeviceIdentity {
  return { balancer, kind: 'lvs', version: 'unknown', incarnation: bootId, uptimeSeconds: 0 };
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
