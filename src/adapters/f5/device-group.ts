import { faultOf, OperationError } from '../../domain/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import { untilEnded } from '../../transports/deadline.ts';
import type { F5Unit, Failover, Task } from './unit.ts';

/** So long what a unit said of itself counts, before it is asked anew. */
const LOOK_MS = 5_000;

export interface Chosen {
  readonly unit: F5Unit;
  /** In words: which unit, and what is not as it should be. */
  readonly note: string;
}

/** One unit as it was last seen; `away` when it did not answer, and why. */
export interface UnitSeen {
  readonly name: string;
  readonly status: string;
  readonly active: boolean;
  readonly away: boolean;
}

/** The units of one balancer: one, or two that take over from each other. */
export interface DeviceGroup {
  readonly isPair: boolean;
  /** The unit that is active now; throws ROLES_UNKNOWN with what each one said. */
  active(task: Task): Promise<Chosen>;
  /** What each unit says of itself, no older than `maxAgeMs`. */
  standing(maxAgeMs: number, task: Task): Promise<readonly UnitSeen[]>;
  /** Asks the unit itself, now; the group is looked at anew when it is no longer active. */
  stillActive(unit: F5Unit, task: Task): Promise<boolean>;
  /** Something happened that makes earlier looks worthless. */
  forget(): void;
}

type Look =
  | { readonly unit: F5Unit; readonly failover: Failover }
  | { readonly unit: F5Unit; readonly thrown: unknown };

export function deviceGroup(
  balancer: string,
  units: readonly F5Unit[],
  trafficGroup: string | undefined,
  clock: Pick<Clock, 'now'>,
): DeviceGroup {
  let latest: { readonly looks: Promise<readonly Look[]>; readonly at: number } | undefined;

  const isActive = ({ status, activeFor }: Failover): boolean => {
    if (status !== 'ACTIVE') return false;
    return trafficGroup === undefined || activeFor.includes(trafficGroup);
  };

  const look = (unit: F5Unit, task: Task): Promise<Look> =>
    unit.failover(task).then(
      (failover) => ({ unit, failover }),
      (thrown: unknown) => ({ unit, thrown }),
    );

  /** Many wait for one look, so it ends with none of them. */
  const looksWithin = (maxAgeMs: number, { doing, signal }: Task): Promise<readonly Look[]> => {
    if (latest === undefined || clock.now() - latest.at >= maxAgeMs) {
      const shared = new AbortController().signal;
      const task = { doing: `Finding the active unit of ${balancer}`, signal: shared };
      latest = { looks: Promise.all(units.map((unit) => look(unit, task))), at: clock.now() };
    }
    return untilEnded(
      latest.looks,
      signal,
      () => new OperationError('TIMEOUT', `${doing}: no unit answered in time.`),
    );
  };

  const choose = async (looks: readonly Look[], task: Task): Promise<Chosen> => {
    const active = looks.filter((each) => 'failover' in each && isActive(each.failover));
    const [first] = active;
    const silent = looks.filter((each) => 'thrown' in each);
    if (first !== undefined && active.length === 1) {
      const lost = silent.map(({ unit, thrown }) => `${unit.name}: ${faultOf(thrown).message}`);
      const note = [`active unit ${first.unit.name}`, ...lost].join('; ');
      return { unit: first.unit, note: units.length > 1 || lost.length > 0 ? note : '' };
    }
    // One that cannot be reached may be the active one; its own fault says more than that.
    const [failed] = silent;
    if (active.length === 0 && failed !== undefined && silent.length === looks.length) {
      throw failed.thrown;
    }
    throw await nobody(looks, active.length, task);
  };

  const nobody = async (looks: readonly Look[], count: number, task: Task) => {
    const said = looks.map((each) =>
      'failover' in each
        ? `${each.unit.name} says ${each.failover.status || 'nothing'}${groupsOf(each.failover)}`
        : `${each.unit.name} does not answer (${faultOf(each.thrown).message})`,
    );
    const forGroup = trafficGroup === undefined ? '' : ` for ${trafficGroup}`;
    const what =
      count > 1
        ? `more than one unit is active${forGroup}${trafficGroup === undefined ? ' (where that is meant to be, name the traffic group in the inventory)' : ''}`
        : `no unit is active${forGroup}`;
    const peers = count === 0 && units.length === 1 ? await knownPeers(looks, task) : '';
    return new OperationError(
      'ROLES_UNKNOWN',
      `${task.doing}: ${what}: ${said.join(', ')}.${peers} Nothing was sent.`,
    );
  };

  return {
    isPair: units.length > 1,
    async active(task) {
      const looks = await looksWithin(LOOK_MS, task);
      try {
        return await choose(looks, { ...task, doing: `Finding the active unit of ${balancer}` });
      } catch (thrown) {
        latest = undefined;
        throw thrown;
      }
    },
    async standing(maxAgeMs, task) {
      const looks = await looksWithin(maxAgeMs, task);
      const seen = looks.map((each): UnitSeen => {
        const { name } = each.unit;
        if ('failover' in each) {
          const { failover } = each;
          return { name, status: failover.status, active: isActive(failover), away: false };
        }
        const status = `does not answer (${faultOf(each.thrown).message})`;
        return { name, status, active: false, away: true };
      });
      // What is not as it should be may be over in a moment.
      const isOdd = seen.filter(({ active }) => active).length !== 1;
      if (isOdd && seen.every(({ away }) => !away)) latest = undefined;
      return seen;
    },
    async stillActive(unit, task) {
      if (isActive(await unit.failover(task))) return true;
      latest = undefined;
      return false;
    },
    forget() {
      latest = undefined;
    },
  };

  async function knownPeers(looks: readonly Look[], task: Task): Promise<string> {
    const [only] = looks;
    if (only === undefined || !('failover' in only)) return '';
    const peers = await only.unit.peers(task).catch(() => []);
    if (peers.length === 0) return '';
    return ` Balancer ${balancer} has a peer, ${peers.join(', ')}, which the inventory does not name (key peer).`;
  }
}

const groupsOf = ({ activeFor }: Failover) =>
  activeFor.length === 0 ? '' : ` for ${activeFor.join(', ')}`;
