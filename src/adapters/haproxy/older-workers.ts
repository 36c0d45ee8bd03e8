import { type ErrorCode, faultOf, OperationError } from '../../domain/errors.ts';
import type { RuntimeSocket } from '../../transports/runtime-socket.ts';
import { READ } from './commands.ts';
import { countOf, isWholeReply, parseServersState, parseStat, parseWorkers } from './parse.ts';

/** More are not asked: each costs two exchanges. */
const WORKERS_MAX = 16;
/** A worker that hangs must not use up the time that the caller has for the whole reading. */
const WORKER_MS_MAX = 1_500;

/** Open sessions by the name of the server. */
export type Sessions = ReadonlyMap<string, number>;

/** An older worker did not say what it serves; the processes as such are known. */
export class OlderWorkerSilent extends OperationError {
  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(code, message, options);
    this.name = 'OlderWorkerSilent';
  }
}

/**
 * The sessions of a backend that workers other than `ownPid` serve, asked of the master CLI. Throws OlderWorkerSilent
 * when one of them does not say, other errors when the master itself is not reached.
 */
export async function sessionsElsewhere(
  master: RuntimeSocket,
  pool: string,
  ownPid: string,
  balancer: string,
  signal: AbortSignal,
): Promise<Sessions> {
  const doing = `Asking the master of ${balancer} for older workers`;
  const ask = (command: string, until: AbortSignal) =>
    master.exchange(command, { doing, signal: until, isWhole: isWholeReply });
  const listed = async () => parseWorkers(await ask(READ.processes(), signal), doing);

  const others = (await listed()).filter((pid) => pid !== ownPid);
  if (others.length > WORKERS_MAX) {
    const words = `${doing}: ${others.length} still run; more than ${WORKERS_MAX} are not asked.`;
    throw new OlderWorkerSilent('TOO_LARGE', words);
  }

  const sessionsOf = async (pid: string): Promise<Sessions> => {
    const until = AbortSignal.any([signal, AbortSignal.timeout(WORKER_MS_MAX)]);
    const tell = (command: string) => ask(READ.ofWorker(pid, command), until);
    const states = parseServersState(await tell(READ.servers(pool)), doing);
    const backendId = countOf(states[0]?.get('be_id'));
    if (backendId === undefined) return new Map();
    const rows = parseStat(await tell(READ.statistics(backendId)), doing);
    return new Map(
      rows
        .filter((row) => row.get('pxname') === pool)
        .map((row) => [row.get('svname') ?? '', countOf(row.get('scur')) ?? 0]),
    );
  };

  const counts = await Promise.all(
    others.map(async (pid): Promise<Sessions> => {
      try {
        return await sessionsOf(pid);
      } catch (thrown) {
        const { code, message } = faultOf(thrown);
        // The backend came with the reload, or the worker has gone meanwhile: it serves nobody there.
        if (code === 'NO_SUCH_POOL' || !(await listed()).includes(pid)) return new Map();
        const words = `Worker ${pid} of ${balancer}, an older one, does not say whom it still serves. ${message}`;
        throw new OlderWorkerSilent(code, words, { cause: thrown });
      }
    }),
  );
  const sum = new Map<string, number>();
  for (const [name, sessions] of counts.flatMap((count) => [...count])) {
    sum.set(name, (sum.get(name) ?? 0) + sessions);
  }
  return sum;
}
