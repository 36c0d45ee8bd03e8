import { setTimeout as sleep } from 'node:timers/promises';
import { type ErrorCode, faultOf, OperationError } from '../../domain/errors.ts';
import type { RuntimeSocket } from '../../transports/runtime-socket.ts';
import { READ } from './commands.ts';
import { countOf, isWholeReply, parseServersState, parseStat, parseWorkers } from './parse.ts';

/** More are not asked: each costs two exchanges. */
const WORKERS_MAX = 16;
/** A worker that hangs must not use up the time that the caller has for the whole reading. */
const WORKER_MS_MAX = 1_500;
/** Over a reload the master answers nobody for 0.1 to 0.4 s (measured on 2.6). */
const MASTER_AWAY_MS_MAX = 1_500;
const RETRY_MS = 50;
const PASSING: readonly ErrorCode[] = ['UNREACHABLE', 'CUT_REPLY'];

/** Open sessions by the name of the server. */
export type Sessions = ReadonlyMap<string, number>;

/** An older worker did not say what it serves; which ones there are is known. */
export class OlderWorkerSilent extends OperationError {
  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(code, message, options);
    this.name = 'OlderWorkerSilent';
  }
}

/** Whose sessions are counted, and who asks. */
export interface Asked {
  readonly balancer: string;
  readonly pool: string;
  /** Of the worker that is known already. */
  readonly ownPid: string;
  readonly signal: AbortSignal;
}

/**
 * The sessions of a backend that workers other than `ownPid` serve, asked of the master CLI. Throws OlderWorkerSilent
 * when one of them does not say, other errors when the master itself is not reached.
 */
export async function sessionsElsewhere(master: RuntimeSocket, asked: Asked): Promise<Sessions> {
  const giveUpMs = performance.now() + MASTER_AWAY_MS_MAX;
  for (;;) {
    try {
      return await askAll(master, asked);
    } catch (thrown) {
      // The master is being replaced, or a worker went away behind the question: both show when asked again.
      const isPassing = PASSING.includes(faultOf(thrown).code);
      if (!isPassing || performance.now() > giveUpMs || asked.signal.aborted) throw thrown;
      await sleep(RETRY_MS);
    }
  }
}

async function askAll(master: RuntimeSocket, asked: Asked): Promise<Sessions> {
  const { balancer, ownPid, signal } = asked;
  const doing = `Asking the master of ${balancer} for older workers`;
  const options = { doing, signal, isWhole: isWholeReply };
  const workers = parseWorkers(await master.exchange(READ.processes(), options), doing);
  const others = workers.filter((pid) => pid !== ownPid);
  if (others.length > WORKERS_MAX) {
    const words = `${doing}: ${others.length} still run; more than ${WORKERS_MAX} are not asked.`;
    throw new OlderWorkerSilent('TOO_LARGE', words);
  }
  const sum = new Map<string, number>();
  for (const count of await Promise.all(others.map((pid) => askOne(master, asked, pid)))) {
    for (const [name, sessions] of count) sum.set(name, (sum.get(name) ?? 0) + sessions);
  }
  return sum;
}

async function askOne(
  master: RuntimeSocket,
  { balancer, pool, signal: outer }: Asked,
  pid: string,
): Promise<Sessions> {
  const doing = `Asking worker ${pid} of ${balancer}, an older one, whom it still serves`;
  const signal = AbortSignal.any([outer, AbortSignal.timeout(WORKER_MS_MAX)]);
  const tell = (command: string) =>
    master.exchange(READ.ofWorker(pid, command), { doing, signal, isWhole: isWholeReply });
  try {
    const states = parseServersState(await tell(READ.servers(pool)), doing);
    const backendId = countOf(states[0]?.get('be_id'));
    if (backendId === undefined) return new Map();
    const rows = parseStat(await tell(READ.statistics(backendId)), doing);
    return new Map(
      rows
        .filter((row) => row.get('pxname') === pool)
        .map((row) => [row.get('svname') ?? '', countOf(row.get('scur')) ?? 0]),
    );
  } catch (thrown) {
    const { code, message } = faultOf(thrown);
    // The backend came with a reload: this worker never had it.
    if (code === 'NO_SUCH_POOL') return new Map();
    if (outer.aborted) throw thrown;
    throw new OlderWorkerSilent(code, message, { cause: thrown });
  }
}
