import { OperationError } from '../../domain/errors.ts';
import type { PoolState } from '../../domain/member.ts';
import type { Capabilities, Deadline, LoadBalancerAdapter } from '../../ports/adapter.ts';
import type { Clock } from '../../ports/clock.ts';
import type { RuntimeSocket } from '../../transports/runtime-socket.ts';
import { assertOwnCommand, assertSafeName, commandsFor, READ } from './commands.ts';
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

/** `show servers state`, `set server … state` and `show stat` by number exist since 1.6; older is not tried. */
const OLDEST_VERSION = [1, 6] as const;

const CAPABILITIES: Capabilities = {
  states: ['enabled', 'drained', 'disabled'],
  weight: true,
  health: true,
  sessions: true,
};

/** HAProxy through its runtime API. See readme.md for what it sends. */
export function haproxyAdapter(
  balancer: string,
  socket: RuntimeSocket,
  clock: Pick<Clock, 'now'>,
): LoadBalancerAdapter {
  const ask = (command: string, doing: string, signal: AbortSignal) =>
    socket.exchange(command, { doing, signal, isWhole: isWholeReply });

  const askInfo = async (doing: string, signal: AbortSignal): Promise<ProcessInfo> => {
    const info = parseInfo(await ask(READ.info(), doing, signal), doing);
    assertKnownVersion(info.version, doing);
    return info;
  };

  /** One pass over the replies; `undefined` when they do not belong to one running process. */
  const readOnce = async (
    pool: string,
    doing: string,
    signal: AbortSignal,
  ): Promise<PoolState | undefined> => {
    const info = await askInfo(doing, signal);
    if (info.stopping) return undefined;
    const states = parseServersState(await ask(READ.servers(pool), doing, signal), doing);
    const backendId = countOf(states[0]?.get('be_id'));
    const statReply =
      backendId === undefined ? undefined : await ask(READ.statistics(backendId), doing, signal);
    const infoAfter = await askInfo(doing, signal);
    if (infoAfter.incarnation !== info.incarnation || infoAfter.stopping) return undefined;

    // Only now: to another process the number may mean another backend or none.
    const stats = statReply === undefined ? [] : parseStat(statReply, doing);
    const wrong = (what: string) => new OperationError('UNEXPECTED_REPLY', `${doing}: ${what}.`);
    const members = states.map((state) => {
      const name = state.get('srv_name') ?? '';
      const stat = stats.find((row) => row.get('pxname') === pool && row.get('svname') === name);
      if (state.get('be_name') !== pool || stat === undefined) {
        throw wrong(`server ${name} is not in both "show servers state" and "show stat"`);
      }
      return memberOf(state, stat, wrong);
    });
    return {
      device: {
        balancer,
        kind: 'haproxy',
        version: info.version,
        incarnation: info.incarnation,
        uptimeSeconds: info.uptimeSeconds,
      },
      pool,
      members,
      ...(stats.some(hasCookie) ? { persistence: 'cookie' } : {}),
      readAt: clock.now(),
    };
  };

  return {
    kind: 'haproxy',
    balancer,
    capabilities: CAPABILITIES,
    commandsFor,

    async read(pool: string, deadline: Deadline): Promise<PoolState> {
      assertSafeName('backend', pool);
      const doing = `Reading backend ${pool} on ${balancer}`;
      // A reload in the middle leaves replies of two processes: once more, then it is somebody's fault.
      const state =
        (await readOnce(pool, doing, deadline.signal)) ??
        (await readOnce(pool, doing, deadline.signal));
      if (state !== undefined) return state;
      throw new OperationError(
        'UNREACHABLE',
        `${doing}: HAProxy is being reloaded; the process that answered is stopping or was replaced meanwhile.`,
      );
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

    close: () => socket.close(),
  };
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
