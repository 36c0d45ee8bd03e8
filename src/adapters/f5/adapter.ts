import type { DeviceLook, PoolLook } from '../../domain/device-look.ts';
import { faultOf, OperationError } from '../../domain/errors.ts';
import {
  type MemberState,
  type PoolState,
  sameSetting,
  settingOf,
  takesClients,
} from '../../domain/member.ts';
import type { Step } from '../../domain/plan.ts';
import type { Capabilities, LoadBalancerAdapter, WriteGate } from '../../ports/adapter.ts';
import type { Clock } from '../../ports/clock.ts';
import { byHand } from './by-hand.ts';
import { commandsFor, type F5Api, ownCommand } from './commands.ts';
import { type Chosen, deviceGroup } from './device-group.ts';
import { assertPoolName } from './names.ts';
import { memberStates } from './parse.ts';
import { type SyncMode, synchronizer } from './sync.ts';
import type { F5Unit, Task } from './unit.ts';

const CAPABILITIES: Capabilities = {
  states: ['enabled', 'disabled', 'offline'],
  weight: true,
  health: true,
  sessions: true,
};

export interface F5Options {
  readonly api: F5Api;
  /** The group whose active unit is meant, where different units are active for different groups. */
  readonly trafficGroup?: string | undefined;
  readonly sync: SyncMode;
}

/** Neither API says to an Operator whether somebody has saved since; nothing here saves, see readme.md. */
const NOT_SAVED =
  'in the running configuration only: a reboot of the unit forgets it unless somebody saves (tmsh save sys config)';
/** A watcher believes what a unit said of itself for no longer. */
const WATCH_MS = 1_000;
/** So long after a write a reader is told. */
const TELL_MS = 60_000;

/** Whether a member counts for the guard as it did before. */
function isSeenAlike(was: MemberState, members: readonly MemberState[]): boolean {
  const is = members.find(({ name }) => name === was.name);
  return (
    is !== undefined &&
    sameSetting(settingOf(is), settingOf(was)) &&
    takesClients(is) === takesClients(was) &&
    is.backup === was.backup
  );
}

/** One BIG-IP, or a pair of which only the active unit is written to. See readme.md for what it sends. */
export function f5Adapter(
  balancer: string,
  units: readonly F5Unit[],
  { api, trafficGroup, sync: mode }: F5Options,
  clock: Pick<Clock, 'now'>,
): LoadBalancerAdapter {
  const group = deviceGroup(balancer, units, trafficGroup, clock);
  const sync = synchronizer(mode, clock);
  /** When something was last written; what is not saved is told for a while. */
  let wroteAt = Number.NEGATIVE_INFINITY;
  /** Which unit a pool was last read from, and what it showed. */
  const lastRead = new Map<string, { unit: F5Unit; members: readonly MemberState[] }>();

  const readOn = async ({ unit, note }: Chosen, pool: string, task: Task): Promise<PoolState> => {
    const [found, agreement] = await Promise.all([
      unit.readPool(pool, task),
      group.isPair ? sync.words(unit, task) : '',
    ]);
    const members = memberStates(pool, found);
    lastRead.set(pool, { unit, members });
    const unsaved = clock.now() - wroteAt < TELL_MS ? NOT_SAVED : '';
    const remark = [note, agreement, unsaved].filter((words) => words !== '').join('; ');
    return {
      device: {
        balancer,
        kind: 'f5',
        version: found.version || 'unknown',
        incarnation: unit.name,
        // Neither API says it to an Operator.
        uptimeSeconds: 0,
        ...(group.isPair ? { unit: unit.name } : {}),
        ...(remark === '' ? {} : { remark }),
      },
      pool,
      members,
      statusTitle: 'session, monitor',
      readAt: clock.now(),
    };
  };

  /**
   * The step was planned and guarded on what another unit showed: it goes on where this one shows the same of every
   * member, for then the guard would say the same.
   */
  const assertSameHere = async (chosen: Chosen, step: Step, task: Task): Promise<void> => {
    const before = lastRead.get(step.pool);
    if (before === undefined || before.unit === chosen.unit) return;
    const { members } = await readOn(chosen, step.pool, task);
    const refused = (shows: string) =>
      new OperationError(
        'STALE',
        `${task.doing}: ${before.unit.name} was active and is no longer; ${chosen.unit.name}, active now, ${shows}, not as planned. Nothing was sent.`,
      );
    const member = members.find(({ name }) => name === step.member);
    if (member === undefined) throw refused('does not have it');
    if (!sameSetting(settingOf(member), step.before)) throw refused(`shows it as ${member.status}`);
    const other = before.members.find((was) => !isSeenAlike(was, members));
    if (other !== undefined) throw refused(`shows ${other.name} otherwise`);
    if (members.length !== before.members.length) throw refused('has other members');
  };

  /** A pool that is not there must not hide the others. */
  const poolLook = async (chosen: Chosen, pool: string, signal: AbortSignal): Promise<PoolLook> => {
    try {
      assertPoolName(pool);
      const doing = `Reading pool ${pool} on ${balancer}`;
      return { pool, state: await readOn(chosen, pool, { doing, signal }) };
    } catch (thrown) {
      const fault = faultOf(thrown);
      if (fault.code !== 'NO_SUCH_POOL' && fault.code !== 'UNSAFE_NAME') throw thrown;
      return { pool, fault };
    }
  };

  /** The unit to write to: of a pair the one that says so now, not the one that said so a moment ago. */
  const unitToWrite = async (step: Step, task: Task): Promise<F5Unit> => {
    let chosen = await group.active(task);
    if (group.isPair && !(await group.stillActive(chosen.unit, task))) {
      chosen = await group.active(task);
    }
    await assertSameHere(chosen, step, task);
    return chosen.unit;
  };

  const writeAll = async (step: Step, gate: WriteGate, task: Task): Promise<void> => {
    const commands = step.commands.map((command) => ownCommand(api, step, command));
    const unit = await unitToWrite(step, task);
    const before = group.isPair ? await sync.before(unit, task) : undefined;
    try {
      for (const command of commands) {
        await unit.write(command, step.pool, gate, task);
        wroteAt = clock.now();
      }
    } catch (thrown) {
      // Whatever went wrong, another unit may be active by now.
      group.forget();
      throw thrown;
    }
    if (group.isPair) await sync.after(unit, before, gate, task);
  };

  return {
    kind: 'f5',
    balancer,
    capabilities: CAPABILITIES,
    commandsFor: (pool, member, intent) => commandsFor(api, pool, member, intent),
    byHand,

    async read(pool, { signal }) {
      assertPoolName(pool);
      const task = { doing: `Reading pool ${pool} on ${balancer}`, signal };
      const chosen = await group.active(task);
      try {
        return await readOn(chosen, pool, task);
      } catch (thrown) {
        group.forget();
        throw thrown;
      }
    },

    async look(pools, { signal }): Promise<DeviceLook> {
      const task = { doing: `Looking at ${balancer}`, signal };
      const units = await group.standing(WATCH_MS, task);
      const plain = { balancer, kind: 'f5', version: 'unknown', uptimeSeconds: 0 };
      const active = units.filter((unit) => unit.active);
      // One that does not answer may be the active one: then who is remains unknown.
      const isNobody = active.length === 0 && units.every(({ away }) => !away);
      if (group.isPair && (active.length > 1 || isNobody)) {
        const words = units.map(({ name, status }) => `${name} says ${status || 'nothing'}`);
        const message = `${task.doing}: ${active.length} units are active: ${words.join(', ')}.`;
        const fault = { code: 'ROLES_UNKNOWN', message } as const;
        const looks = pools.map((pool) => ({ pool, fault }));
        return { device: { ...plain, incarnation: '' }, pools: looks, units };
      }
      const chosen = await group.active(task);
      const { unit } = chosen;
      try {
        const looks = await Promise.all(pools.map((pool) => poolLook(chosen, pool, signal)));
        const state = looks.flatMap((look) => ('state' in look ? [look.state] : []))[0];
        const device = state?.device ?? { ...plain, incarnation: unit.name };
        const agreed = group.isPair ? await sync.known(unit, task) : undefined;
        const own = { device, pools: looks, units };
        return agreed === undefined ? own : { ...own, sync: agreed };
      } catch (thrown) {
        group.forget();
        throw thrown;
      }
    },

    async apply(step, gate, { signal }) {
      if (step.balancer !== balancer) {
        throw new OperationError('INTERNAL', `A step for ${step.balancer} came to ${balancer}.`);
      }
      const doing = `Changing ${step.member} in pool ${step.pool} on ${balancer}`;
      await writeAll(step, gate, { doing, signal });
    },

    async close() {
      await Promise.all(units.map((unit) => unit.close()));
    },
  };
}
