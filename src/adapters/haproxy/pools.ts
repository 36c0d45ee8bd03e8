import { OperationError } from '../../domain/errors.ts';
import type { PoolState } from '../../domain/member.ts';
import type { RuntimeSocket } from '../../transports/runtime-socket.ts';
import { isBackendRow, weightRuleOf } from './balance.ts';
import { READ } from './commands.ts';
import { countOf, type ProcessInfo, parseServersState, parseStat, type Row } from './parse.ts';
import { type Asking, askProcess, type Question } from './questions.ts';
import { hasCookie, memberOf } from './server-state.ts';

/** The lines about one backend. */
export interface PoolRows {
  readonly servers: readonly Row[];
  readonly statistics: readonly Row[];
}

/** What one process said of backends; what is wrong with one of them is thrown when it is asked for. */
export interface PoolsReading {
  readonly process: ProcessInfo;
  readonly rowsOf: (pool: string) => PoolRows;
}

/** Numbers of backends by their names, as they were when somebody asked last. */
export type BackendIds = Map<string, number>;

const nameOf = (pool: string, balancer: string) => `Reading backend ${pool} on ${balancer}`;

/**
 * Reads the backends in one exchange. `undefined` when it has to be done again: an old worker answered, or a backend
 * has another number than `ids` says, which says the right one then. By number, as a name may be a frontend's too.
 */
export async function readPools(
  socket: RuntimeSocket,
  balancer: string,
  pools: readonly string[],
  ids: BackendIds,
  asking: Asking,
): Promise<PoolsReading | undefined> {
  const asked = pools.map((pool) => {
    const doing = nameOf(pool, balancer);
    const id = ids.get(pool);
    const parseServers = (text: string) => parseServersState(text, doing);
    const questions: Question[] = [{ command: READ.servers(pool), parse: parseServers }];
    const parseStatistics = (text: string) => parseStat(text, doing);
    if (id !== undefined) {
      questions.push({ command: READ.statistics(id), parse: parseStatistics });
    }
    return { pool, id, parseServers, parseStatistics, questions };
  });
  const all = asked.flatMap(({ questions }) => questions);
  const found = await askProcess(socket, all, asking);
  if (found === undefined) return undefined;

  const answers = [...found.answers];
  const rows = new Map<string, () => PoolRows>();
  let isKnown = true;
  for (const { pool, id, parseServers, parseStatistics, questions } of asked) {
    const [first = '', second = ''] = answers.splice(0, questions.length);
    const servers = settled(() => parseServers(first));
    const shownId = 'value' in servers ? countOf(servers.value[0]?.get('be_id')) : undefined;
    // A backend without servers shows no number, and has nothing to count.
    if (shownId === undefined) ids.delete(pool);
    else ids.set(pool, shownId);
    isKnown &&= shownId === undefined || shownId === id;
    rows.set(pool, () => {
      if (!('value' in servers)) throw servers.thrown;
      const isCounted = shownId !== undefined;
      return { servers: servers.value, statistics: isCounted ? parseStatistics(second) : [] };
    });
  }
  if (!isKnown) return undefined;
  return {
    process: found.process,
    rowsOf: (pool) => rows.get(pool)?.() ?? { servers: [], statistics: [] },
  };
}

function settled<T>(work: () => T): { readonly value: T } | { readonly thrown: unknown } {
  try {
    return { value: work() };
  } catch (thrown) {
    return { thrown };
  }
}

/** The lines of a backend as the pool they show. */
export function poolStateOf(
  balancer: string,
  pool: string,
  { process, rowsOf }: PoolsReading,
  readAt: number,
): PoolState {
  const { servers: states, statistics } = rowsOf(pool);
  const doing = nameOf(pool, balancer);
  const wrong = (what: string) => new OperationError('UNEXPECTED_REPLY', `${doing}: ${what}.`);
  const own = statistics.filter((row) => row.get('pxname') === pool);
  const servers = own.filter((row) => !isBackendRow(row));
  const members = states.map((state) => {
    const name = state.get('srv_name') ?? '';
    const stat = servers.find((row) => row.get('svname') === name);
    if (state.get('be_name') !== pool || stat === undefined) {
      throw wrong(`server ${name} is not in both "show servers state" and "show stat"`);
    }
    return memberOf(state, stat, wrong);
  });
  const names = new Set(members.map(({ name }) => name));
  // Two servers of one name cannot be told apart, and the guard would count one of them for two.
  if (names.size < members.length) throw wrong('two servers have the same name');
  const rule = weightRuleOf(own, members);
  return {
    device: identityOf(balancer, process),
    pool,
    members: members.map((member) => ({ ...member, ...rule })),
    ...(servers.some(hasCookie) ? { persistence: 'cookie' } : {}),
    readAt,
  };
}

export function identityOf(balancer: string, process: ProcessInfo): PoolState['device'] {
  return {
    balancer,
    kind: 'haproxy',
    version: process.version,
    incarnation: process.incarnation,
    uptimeSeconds: process.uptimeSeconds,
  };
}
