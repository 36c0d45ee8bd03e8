import { OperationError } from '../../../domain/errors.ts';
import type { WriteGate } from '../../../ports/adapter.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { HttpsUnit } from '../../../transports/https.ts';
import { fullPool, poolUrl } from '../names.ts';
import { type F5Counters, type F5Member, type F5Pool, positionOf } from '../parse.ts';
import { Refusal } from '../refusal.ts';
import type { F5Unit, Task } from '../unit.ts';
import {
  type Listed,
  type PoolFacts,
  parseCounters,
  parseMembers,
  parsePoolFacts,
} from './pool.ts';
import { type Credentials, restSession } from './session.ts';
import { parseFailover, parseFailoverGroups, parsePeers, parseSyncState } from './status.ts';

/**
 * Statistics not older than this may stand beside members that are read now: about as long as a unit may take to
 * answer, so that nobody decides on older ones than he would get by asking.
 */
const COUNTERS_MS = 250;
/** How the pool balances is configuration, which nobody changes from one second to the next. */
const FACTS_MS = 30_000;

interface Kept<Value> {
  readonly value: Value;
  readonly at: number;
}

/** A unit through iControl REST. */
export function restUnit(
  https: HttpsUnit,
  name: string,
  credentials: Credentials,
  clock: Pick<Clock, 'now'>,
  questionMsMax: number,
): F5Unit {
  const session = restSession(https, credentials, clock, questionMsMax);
  const counters = new Map<string, Kept<ReadonlyMap<string, F5Counters>>>();
  const facts = new Map<string, Kept<PoolFacts>>();
  const written = new Map<string, number>();

  const get = (path: string, task: Task) => session.ask({ ...task, method: 'GET', path });

  const readCounters = async (pool: string, task: Task) => {
    const at = clock.now();
    const value = parseCounters(await get(`${poolUrl(pool)}/members/stats`, task), task.doing);
    counters.set(pool, { value, at });
    return value;
  };

  const readFacts = async (pool: string, task: Task) => {
    const kept = facts.get(pool);
    if (kept !== undefined && clock.now() - kept.at < FACTS_MS) return kept.value;
    const at = clock.now();
    const value = parsePoolFacts(await get(poolUrl(pool), task), task.doing);
    facts.set(pool, { value, at });
    return value;
  };

  const readMembers = async (pool: string, task: Task) =>
    parseMembers(await get(`${poolUrl(pool)}/members`, task), task.doing);

  /**
   * Counters of a moment ago do where nobody waits for connections to end: all are enabled, or this is the look
   * that follows our own write.
   */
  const mayKeep = (pool: string, members: readonly Listed[]): boolean => {
    const kept = counters.get(pool);
    if (kept === undefined || clock.now() - kept.at >= COUNTERS_MS) return false;
    if (members.some(({ key }) => !kept.value.has(key))) return false;
    const wrote = (written.get(pool) ?? Number.NEGATIVE_INFINITY) >= kept.at;
    return wrote || members.every(({ configured }) => positionOf(configured) === 'enabled');
  };

  const readBoth = async (pool: string, task: Task) => {
    const kept = counters.get(pool);
    if (kept === undefined || clock.now() - kept.at >= COUNTERS_MS) {
      const [found, figures] = await Promise.all([
        readMembers(pool, task),
        readCounters(pool, task),
      ]);
      return { found, figures };
    }
    const found = await readMembers(pool, task);
    if (mayKeep(pool, found.members)) return { found, figures: kept.value };
    return { found, figures: await readCounters(pool, task) };
  };

  const joined = async (pool: string, task: Task): Promise<F5Pool | undefined> => {
    const [{ found, figures }, poolFacts] = await Promise.all([
      readBoth(pool, task),
      readFacts(pool, task),
    ]);
    const members: F5Member[] = [];
    for (const { key, configured } of found.members) {
      const own = figures.get(key);
      if (own === undefined) return undefined;
      members.push({ configured, counters: own });
    }
    return { version: found.version, members, ...poolFacts };
  };

  /** A refused write names the member also when it is the pool that is missing: the pool itself is asked. */
  const asMissing = async (thrown: unknown, pool: string, task: Task): Promise<unknown> => {
    if (!(thrown instanceof Refusal) || thrown.status !== 404) return thrown;
    const isPoolThere = await readMembers(pool, task).then(
      () => true,
      (why: unknown) => !(why instanceof Refusal && why.status === 404),
    );
    return isPoolThere ? new OperationError('NO_SUCH_MEMBER', thrown.message) : thrown;
  };

  return {
    api: 'rest',
    name,
    failover: async (task) => parseFailover(await get('/mgmt/tm/cm/failover-status', task)),
    syncState: async (task) => parseSyncState(await get('/mgmt/tm/cm/sync-status', task)),
    peers: async (task) => parsePeers(await get('/mgmt/tm/cm/device', task)),

    async readPool(pool, task) {
      // Between the two questions somebody may have added a member.
      const found = (await joined(pool, task)) ?? (await joined(pool, task));
      if (found !== undefined) return found;
      throw new OperationError(
        'UNEXPECTED_REPLY',
        `${task.doing}: the unit shows members without statistics in ${fullPool(pool)}.`,
      );
    },

    async write(command, pool, gate, task) {
      if (command.api !== 'rest') throw new OperationError('INTERNAL', 'A SOAP call for REST.');
      const { path, body } = command;
      try {
        await session.ask({ ...task, method: 'PATCH', path, body, gate });
      } catch (thrown) {
        throw await asMissing(thrown, pool, task);
      } finally {
        written.set(pool, clock.now());
      }
    },

    async syncToGroup(gate: WriteGate, task) {
      const groups = parseFailoverGroups(await get('/mgmt/tm/cm/device-group', task));
      const [group] = groups;
      if (group === undefined || groups.length > 1) {
        throw new OperationError(
          'UNSUPPORTED',
          `${task.doing}: there are ${groups.length} device groups that fail over; which one is meant is not known.`,
        );
      }
      const target = group.startsWith('/Common/') ? group.slice('/Common/'.length) : group;
      const body = JSON.stringify({
        command: 'run',
        utilCmdArgs: `config-sync to-group ${target}`,
      });
      await session.ask({ ...task, method: 'POST', path: '/mgmt/tm/cm', body, gate });
    },

    async close() {
      await session.close();
      https.close();
    },
  };
}
