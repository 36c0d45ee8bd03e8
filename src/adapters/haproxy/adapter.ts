import { OperationError } from '../../domain/errors.ts';
import type { MemberState, PoolState } from '../../domain/member.ts';
import type {
  Capabilities,
  Deadline,
  KeptMember,
  LoadBalancerAdapter,
} from '../../ports/adapter.ts';
import type { Clock } from '../../ports/clock.ts';
import type { RuntimeSocket } from '../../transports/runtime-socket.ts';
import type { WholeFile } from '../../transports/whole-file.ts';
import { isBackendRow, weightRuleOf } from './balance.ts';
import { assertOwnCommand, assertSafeName, commandsFor, READ } from './commands.ts';
import { OlderWorkerSilent, type Sessions, sessionsElsewhere } from './older-workers.ts';
import {
  assertNoRefusal,
  countOf,
  isWholeReply,
  type ProcessInfo,
  parseInfo,
  parseServersState,
  parseStat,
  unexpected,
} from './parse.ts';
import { hasCookie, memberOf } from './server-state.ts';
import { stateFileText } from './state-file.ts';

/** `show servers state`, `set server … state` and `show stat` by number exist since 1.6; older is not tried. */
const OLDEST_VERSION = [1, 6] as const;

const CAPABILITIES: Capabilities = {
  states: ['enabled', 'drained', 'disabled'],
  weight: true,
  health: true,
  sessions: true,
};

/** What there may be beside the stats socket. */
export interface HaproxyExtras {
  /** The master CLI; without it nothing is known of older workers. */
  readonly master?: RuntimeSocket;
  /** The `server-state-file`; without it a reload forgets. */
  readonly stateFile?: WholeFile;
}

/** What was read of one process. */
interface Reading {
  readonly state: PoolState;
  readonly process: ProcessInfo;
}

/** HAProxy through its runtime API. See readme.md for what it sends. */
export function haproxyAdapter(
  balancer: string,
  socket: RuntimeSocket,
  clock: Pick<Clock, 'now'>,
  { master, stateFile }: HaproxyExtras = {},
): LoadBalancerAdapter {
  const ask = (command: string, doing: string, signal: AbortSignal) =>
    socket.exchange(command, { doing, signal, isWhole: isWholeReply });

  const askInfo = async (doing: string, signal: AbortSignal): Promise<ProcessInfo> => {
    const info = parseInfo(await ask(READ.info(), doing, signal), doing);
    assertKnownVersion(info.version, doing);
    return info;
  };

  /** What `work` asked for, if one running process answered all of it; a reload in the middle is waited out once. */
  const ofOneProcess = async <T>(
    doing: string,
    signal: AbortSignal,
    work: (info: ProcessInfo) => Promise<T>,
  ): Promise<{ readonly result: T; readonly process: ProcessInfo }> => {
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      const process = await askInfo(doing, signal);
      if (process.stopping) continue;
      const result = await work(process);
      const after = await askInfo(doing, signal);
      if (after.incarnation === process.incarnation && !after.stopping) return { result, process };
    }
    throw new OperationError(
      'UNREACHABLE',
      `${doing}: HAProxy is being reloaded; the process that answered is stopping or was replaced meanwhile.`,
    );
  };

  const readPool = async (pool: string, doing: string, signal: AbortSignal): Promise<Reading> => {
    const { result, process } = await ofOneProcess(doing, signal, async () => {
      const states = parseServersState(await ask(READ.servers(pool), doing, signal), doing);
      const backendId = countOf(states[0]?.get('be_id'));
      if (backendId === undefined) return { states, statReply: undefined };
      return { states, statReply: await ask(READ.statistics(backendId), doing, signal) };
    });
    // Only now: to another process the number may mean another backend or none.
    const stats = result.statReply === undefined ? [] : parseStat(result.statReply, doing);
    const own = stats.filter((row) => row.get('pxname') === pool);
    const servers = own.filter((row) => !isBackendRow(row));
    const wrong = (what: string) => new OperationError('UNEXPECTED_REPLY', `${doing}: ${what}.`);
    const members = result.states.map((state) => {
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
    const state = {
      device: {
        balancer,
        kind: 'haproxy',
        version: process.version,
        incarnation: process.incarnation,
        uptimeSeconds: process.uptimeSeconds,
      },
      pool,
      members: members.map((member) => ({ ...member, ...rule })),
      ...(servers.some(hasCookie) ? { persistence: 'cookie' } : {}),
      readAt: clock.now(),
    };
    return { state, process };
  };

  /** Asked last: a worker that is replaced meanwhile counts then as an older one. */
  const withOlderWorkers = async (
    { state, process }: Reading,
    signal: AbortSignal,
  ): Promise<PoolState> => {
    if (master === undefined) return state;
    try {
      const asked = { balancer, pool: state.pool, ownPid: process.pid, signal };
      const older = await sessionsElsewhere(master, asked);
      return { ...state, members: state.members.map((member) => counted(member, older)) };
    } catch (thrown) {
      // Where nobody is waited for, a worker that hangs must not keep people from their balancer.
      const isWaitedFor = state.members.some(({ admin }) => admin === 'drained');
      if (thrown instanceof OlderWorkerSilent && !isWaitedFor) return state;
      throw thrown;
    }
  };

  let lastKept: Promise<unknown> = Promise.resolve();
  const keeping = stateFile && {
    /** One after the other: an earlier state must not be written over a later one. */
    keepState(kept: readonly KeptMember[], { signal }: Deadline): Promise<void> {
      const doing = `Keeping the state of ${balancer} for its next start`;
      const work = lastKept.then(async () => {
        const { result } = await ofOneProcess(doing, signal, () =>
          ask(READ.everyServer(), doing, signal),
        );
        await stateFile.replace(stateFileText(result, kept, doing), { doing, signal });
      });
      lastKept = work.catch(() => undefined);
      return work;
    },
  };

  return {
    kind: 'haproxy',
    balancer,
    capabilities: CAPABILITIES,
    commandsFor,

    async read(pool: string, { signal }: Deadline): Promise<PoolState> {
      assertSafeName('backend', pool);
      const doing = `Reading backend ${pool} on ${balancer}`;
      return withOlderWorkers(await readPool(pool, doing, signal), signal);
    },

    async apply(step, gate, deadline) {
      if (step.balancer !== balancer) {
        throw new OperationError('INTERNAL', `A step for ${step.balancer} came to ${balancer}.`);
      }
      for (const command of step.commands) assertOwnCommand(step, command);
      for (const command of step.commands) {
        const doing = `Sending "${command}" to ${balancer}`;
        const reply = await socket.exchange(command, {
          doing,
          signal: deadline.signal,
          isWhole: isWholeReply,
          gate,
        });
        if (reply === '\n') continue;
        assertNoRefusal(reply, doing);
        throw unexpected(doing, 'the answer is none of the known ones', reply);
      }
    },

    ...keeping,

    async close() {
      await Promise.all([socket.close(), master?.close(), stateFile?.close()]);
    },
  };
}

function counted(member: MemberState, older: Sessions): MemberState {
  return { ...member, sessionsElsewhere: older.get(member.name) ?? 0 };
}

function assertKnownVersion(version: string, doing: string): void {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  const [oldestMajor, oldestMinor] = OLDEST_VERSION;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  throw new OperationError(
    'UNSUPPORTED',
    `${doing}: HAProxy ${version} is older than ${OLDEST_VERSION.join('.')}, its commands are missing.`,
  );
}
