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
import { assertOwnCommand, assertSafeName, commandsFor, READ } from './commands.ts';
import { poolsLooker } from './look.ts';
import { OlderWorkerSilent, type Sessions, sessionsElsewhere } from './older-workers.ts';
import { assertNoRefusal, isWholeReply, type ProcessInfo, unexpected } from './parse.ts';
import { type BackendIds, type PoolsReading, poolStateOf, readPools } from './pools.ts';
import { type Asking, askProcess, ofRunningProcess } from './questions.ts';
import { stateFileText } from './state-file.ts';

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

/** HAProxy through its runtime API. See readme.md for what it sends. */
export function haproxyAdapter(
  balancer: string,
  socket: RuntimeSocket,
  clock: Pick<Clock, 'now'>,
  { master, stateFile }: HaproxyExtras = {},
): LoadBalancerAdapter {
  const ids: BackendIds = new Map();

  const readTogether = (pools: readonly string[], asking: Asking): Promise<PoolsReading> =>
    ofRunningProcess(asking.doing, () => readPools(socket, balancer, pools, ids, asking));
  const lookAt = poolsLooker(balancer, readTogether, clock);

  /** Asked last: a worker that is replaced meanwhile counts then as an older one. */
  const withOlderWorkers = async (
    state: PoolState,
    { pid }: ProcessInfo,
    signal: AbortSignal,
  ): Promise<PoolState> => {
    if (master === undefined) return state;
    try {
      const asked = { balancer, pool: state.pool, ownPid: pid, signal };
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
        const question = {
          command: READ.everyServer(),
          parse: (text: string) => stateFileText(text, kept, doing),
        };
        const [text = ''] = await ofRunningProcess(doing, async () => {
          const found = await askProcess(socket, [question], { doing, signal });
          return found?.answers.map(question.parse);
        });
        await stateFile.replace(text, { doing, signal });
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
      const reading = await readTogether([pool], { doing, signal });
      const state = poolStateOf(balancer, pool, reading, clock.now());
      return withOlderWorkers(state, reading.process, signal);
    },

    /** Whom older workers still serve matters to those who wait for it: they read. */
    look: (pools, { signal }) => lookAt(pools, signal),

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
