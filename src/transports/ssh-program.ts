import { setMaxListeners } from 'node:events';
import type { ClientChannel } from 'ssh2';
import type { SshHost } from '../domain/inventory.ts';
import type { RuntimeSocket } from './runtime-socket.ts';
import type { SshConnection, SshHosts } from './ssh-hosts.ts';
import type { SshSession } from './ssh-login.ts';
import { printable } from './ssh-words.ts';
import {
  type DeviceStream,
  EXCHANGE_LIMITS,
  type ExchangeLimits,
  streamSocket,
  WayFault,
} from './stream-socket.ts';

const COMPLAINT_CHARS_MAX = 4_096;
const GREETING_CHARS_MAX = 4_096;
/** sshd's own `LoginGraceTime` has nothing to do with it; a program that waits longer is ended, lest it be forgotten. */
const SPARE_MS_MAX = 10 * 60_000;

/** A program on another host that says `greeting` in one line when it is ready, takes one line, answers it and ends. */
export interface SshProgram {
  readonly host: SshHost;
  /** What the shell of that user gets; never with anything in it that came from outside. */
  readonly command: string;
  readonly greeting: string;
  /** What to do about a program that greets otherwise; ends the sentence that says so. */
  readonly otherGreeting?: string;
  /** Why it ended before it was ready, in words; `code` is null after a signal. */
  readonly whyNotReady: (code: number | null, said: string) => WayFault;
}

interface Ready {
  readonly session: SshSession;
  readonly channel: ClientChannel;
  readonly isOver: () => boolean;
  readonly ended: Promise<number | null | undefined>;
  readonly complaint: () => string;
}

/**
 * Exchanges with such a program, over the one ssh connection to the host. One that is ready is kept in hand, so that an
 * exchange costs one round trip, and nothing but the line itself goes out once the gate is passed.
 */
export function sshProgram(
  program: SshProgram,
  hosts: SshHosts,
  limits: ExchangeLimits = EXCHANGE_LIMITS,
): RuntimeSocket {
  const { connection, giveBack } = hosts.take(program.host);
  const closing = new AbortController();
  setMaxListeners(0, closing.signal);
  let spare: Promise<Ready> | undefined;
  let spareTimer: NodeJS.Timeout | undefined;

  const dropSpare = () => {
    clearTimeout(spareTimer);
    spare?.then(end, () => {});
    spare = undefined;
  };
  const prepare = () => {
    if (closing.signal.aborted || spare !== undefined) return;
    spare = start(program, connection, closing.signal);
    spare.catch(() => {
      spare = undefined;
    });
    clearTimeout(spareTimer);
    spareTimer = setTimeout(dropSpare, SPARE_MS_MAX);
    spareTimer.unref();
  };

  const open = async (signal: AbortSignal): Promise<DeviceStream> => {
    const kept = spare;
    spare = undefined;
    const ready = await stillReady(kept, () => start(program, connection, signal));
    return deviceStream(ready, program, prepare);
  };
  return streamSocket(open, limits, () => {
    closing.abort();
    dropSpare();
    giveBack();
  });
}

/** The one in hand unless it is gone, which nobody notices before it is wanted. */
async function stillReady(
  kept: Promise<Ready> | undefined,
  startOne: () => Promise<Ready>,
): Promise<Ready> {
  const ready = await kept?.catch(() => undefined);
  if (ready !== undefined && !ready.isOver() && !ready.session.lost.aborted) return ready;
  return startOne();
}

function deviceStream(ready: Ready, { host }: SshProgram, prepare: () => void): DeviceStream {
  const { session, channel, ended, complaint } = ready;
  return {
    stream: channel,
    closesOurSide: 'behind the command',
    isGone: () => session.lost.aborted || ready.isOver(),
    whyEnded: async () => {
      const code = await ended;
      if (code === 0) return undefined;
      if (code === undefined) return new WayFault('UNREACHABLE', 'the ssh connection was lost');
      const said = printable(complaint());
      return new WayFault(
        'UNREACHABLE',
        `the program on ${host.host} ended with ${code ?? 'a signal'}${said === '' ? '' : `: ${said}`}`,
      );
    },
    close() {
      end(ready);
      if (!session.lost.aborted) prepare();
    },
  };
}

function end({ session, channel, isOver }: Ready): void {
  if (!session.lost.aborted && !isOver()) channel.destroy();
}

async function start(
  program: SshProgram,
  connection: SshConnection,
  signal: AbortSignal,
): Promise<Ready> {
  for (let attempt = 1; ; attempt += 1) {
    const session = await connection.session();
    try {
      return await startIn(session, program, connection, signal);
    } catch (thrown) {
      // Of ssh2 itself, which noticed first that the connection is gone.
      if (!(thrown instanceof WayFault)) session.close();
      // The login was an old one: nothing was sent, so a new one may be tried.
      if (attempt === 1 && session.lost.aborted && !signal.aborted) continue;
      if (thrown instanceof WayFault) throw thrown;
      throw new WayFault('UNREACHABLE', `ssh to ${connection.name}: the connection was lost`, {
        cause: thrown,
      });
    }
  }
}

async function startIn(
  session: SshSession,
  { command, greeting, otherGreeting, whyNotReady }: SshProgram,
  { name, commands }: SshConnection,
  signal: AbortSignal,
): Promise<Ready> {
  const place = await commands.take(signal);
  if (place === undefined) {
    throw new WayFault('UNREACHABLE', `ssh to ${name}: too many commands run there at once`);
  }
  let isHeld = true;
  const release = () => {
    if (isHeld) place();
    isHeld = false;
  };
  let stopListening = () => {};
  try {
    return await new Promise<Ready>((resolve, reject) => {
      const onLost = () =>
        reject(new WayFault('UNREACHABLE', `ssh to ${name}: the connection was lost`));
      if (session.lost.aborted) return onLost();
      session.lost.addEventListener('abort', onLost, { once: true });
      stopListening = () => session.lost.removeEventListener('abort', onLost);
      session.client.exec(command, (error, channel) => {
        if (error !== undefined) {
          const words = `ssh to ${name}: the server runs no command: ${printable(error.message)}`;
          return reject(new WayFault('UNREACHABLE', words, { cause: error }));
        }
        const ready = watched(session, channel, release);
        const onAbort = () => end(ready);
        signal.addEventListener('abort', onAbort, { once: true });
        let greeted = '';
        const onData = (chunk: Buffer) => {
          greeted += chunk.toString('utf8');
          if (!greeted.includes('\n') && greeted.length < GREETING_CHARS_MAX) return;
          channel.off('data', onData);
          signal.removeEventListener('abort', onAbort);
          if (greeted === `${greeting}\n`) return resolve(ready);
          end(ready);
          const first = printable(greeted.split('\n', 1)[0] ?? '');
          const advice = otherGreeting === undefined ? '' : `: ${otherGreeting}`;
          const words = `${name}: instead of "${greeting}" the shell there said "${first}"${advice}`;
          reject(new WayFault('UNREACHABLE', words));
        };
        channel.on('data', onData);
        void ready.ended.then((code) => {
          signal.removeEventListener('abort', onAbort);
          if (code === undefined) return onLost();
          reject(whyNotReady(code, ready.complaint()));
        });
      });
    });
  } catch (thrown) {
    release();
    throw thrown;
  } finally {
    stopListening();
  }
}

/** From here on the place is given back when the program is over. */
function watched(session: SshSession, channel: ClientChannel, release: () => void): Ready {
  let complaint = '';
  let isOver = false;
  channel.stderr.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString('utf8')).slice(-COMPLAINT_CHARS_MAX);
  });
  channel.on('error', () => {});
  const ended = new Promise<number | null | undefined>((tell) => {
    channel.once('close', (code?: number | null) => {
      isOver = true;
      release();
      tell(code);
    });
  });
  return { session, channel, ended, isOver: () => isOver, complaint: () => complaint };
}
