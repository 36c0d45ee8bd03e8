import { sshText } from '../domain/endpoint.ts';
import type { SshHost } from '../domain/inventory.ts';
import { openNet } from './net-stream.ts';
import { createSlots, type Slots } from './slots.ts';
import { type Dialled, logIn, SSH_LIMITS, type SshLimits, type SshSession } from './ssh-login.ts';
import { printable } from './ssh-words.ts';
import { WayFault } from './stream-socket.ts';

/** The one connection to a host. */
export interface SshConnection {
  /** `user@host`, for messages. */
  readonly name: string;
  /** The login that stands, or a new one; whoever asks meanwhile waits for the same. Rejects with WayFault. */
  session(): Promise<SshSession>;
  /** Places for commands on the host. */
  readonly commands: Slots;
}

/** Every ssh connection of this process: balancers on the same host share one. */
export interface SshHosts {
  /** Opens nothing yet. `giveBack`, by the last one who took it, ends the connection. */
  take(host: SshHost): { readonly connection: SshConnection; readonly giveBack: () => void };
}

export function sshHosts(limits: SshLimits = SSH_LIMITS): SshHosts {
  const known = new Map<string, { line: ReturnType<typeof sshLine>; takers: number }>();
  const hosts: SshHosts = {
    take(host) {
      const key = JSON.stringify(host);
      const entry = known.get(key) ?? { line: sshLine(host, limits, hosts), takers: 0 };
      known.set(key, entry);
      entry.takers += 1;
      let isTaken = true;
      return {
        connection: entry.line,
        giveBack() {
          if (!isTaken) return;
          isTaken = false;
          entry.takers -= 1;
          if (entry.takers > 0) return;
          known.delete(key);
          entry.line.close();
        },
      };
    },
  };
  return hosts;
}

function sshLine(
  host: SshHost,
  limits: SshLimits,
  hosts: SshHosts,
): SshConnection & { readonly close: () => void } {
  const name = sshText(host);
  const jump = host.jump === undefined ? undefined : hosts.take(host.jump);
  const closing = new AbortController();
  let current: SshSession | undefined;
  let opening: Promise<SshSession> | undefined;
  let refusal: { readonly fault: WayFault; readonly untilMs: number } | undefined;

  const dial = (): Promise<Dialled> =>
    jump === undefined
      ? dialDirectly(host, limits, closing.signal)
      : dialThrough(jump.connection, host, limits);

  const open = async (): Promise<SshSession> => {
    try {
      const session = await logIn(host, dial, limits, closing.signal);
      if (closing.signal.aborted) {
        session.close();
        throw new WayFault('UNREACHABLE', 'the connection was closed here');
      }
      current = session;
      return session;
    } catch (thrown) {
      const fault =
        thrown instanceof WayFault
          ? new WayFault(thrown.code, `ssh to ${name}: ${thrown.message}`, { cause: thrown })
          : thrown;
      if (fault instanceof WayFault && fault.code !== 'UNREACHABLE') {
        refusal = { fault, untilMs: performance.now() + limits.refusedRestMs };
      }
      throw fault;
    }
  };

  return {
    name,
    commands: createSlots(limits.commandsMax),
    async session() {
      if (current !== undefined && !current.lost.aborted) return current;
      if (closing.signal.aborted) {
        throw new WayFault('UNREACHABLE', `ssh to ${name}: the connection was closed here`);
      }
      if (refusal !== undefined && performance.now() < refusal.untilMs) throw refusal.fault;
      opening ??= open().finally(() => {
        opening = undefined;
      });
      return opening;
    },
    close() {
      closing.abort();
      current?.close();
      jump?.giveBack();
    },
  };
}

async function dialDirectly(
  { host, port }: SshHost,
  { connectMsMax }: SshLimits,
  signal: AbortSignal,
): Promise<Dialled> {
  // Without the delay for small packets, which ssh2 leaves on: 44 ms for each command.
  const stream = await openNet({ host, port }, `port ${port}`, signal, connectMsMax);
  return { stream, destroy: () => stream.destroy() };
}

/** A connection from the jump host on; what is said over it, the jump host cannot read. */
async function dialThrough(
  jump: SshConnection,
  { host, port }: SshHost,
  { connectMsMax }: SshLimits,
): Promise<Dialled> {
  const session = await jump.session();
  return new Promise((resolve, reject) => {
    let isLate = false;
    const fail = (words: string, cause?: unknown) => {
      isLate = true;
      clearTimeout(timer);
      reject(new WayFault('UNREACHABLE', `from ${jump.name} on: ${words}`, { cause }));
    };
    const timer = setTimeout(() => fail(`no answer within ${connectMsMax / 1000} s`), connectMsMax);
    try {
      session.client.forwardOut('127.0.0.1', 0, host, port, (error, stream) => {
        if (error !== undefined) return fail(printable(error.message), error);
        const destroy = () => {
          if (!session.lost.aborted) stream.destroy();
        };
        stream.on('error', () => {});
        if (isLate) return destroy();
        clearTimeout(timer);
        resolve({ stream, destroy });
      });
    } catch (thrown) {
      fail('the connection was lost', thrown);
    }
  });
}
