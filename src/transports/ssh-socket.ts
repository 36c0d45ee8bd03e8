import type { SshHost } from '../domain/inventory.ts';
import type { RuntimeSocket } from './runtime-socket.ts';
import type { SshConnection, SshHosts } from './ssh-hosts.ts';
import type { SshSession } from './ssh-login.ts';
import { openSocat, probeSocat, type SocatKind } from './ssh-socat.ts';
import {
  type DeviceStream,
  EXCHANGE_LIMITS,
  type ExchangeLimits,
  streamSocket,
  WayFault,
} from './stream-socket.ts';

export interface SshSocketPlace {
  readonly host: SshHost;
  /** Of the unix socket on that host. */
  readonly path: string;
  /** Without it: forwarding, and where that does not come about, socat. */
  readonly via?: 'forward' | 'socat';
}

/** What was learned about the ways to the socket, good for one login. */
interface Learned {
  readonly session: SshSession;
  forwards?: boolean;
  socat?: SocatKind;
}

/** Exchanges over a unix socket of another host, over the one ssh connection there, each in a channel of its own. */
export function sshSocket(
  place: SshSocketPlace,
  hosts: SshHosts,
  limits: ExchangeLimits = EXCHANGE_LIMITS,
): RuntimeSocket {
  const { connection, giveBack } = hosts.take(place.host);
  let learned: Learned | undefined;

  const open = async (signal: AbortSignal): Promise<DeviceStream> => {
    for (let attempt = 1; ; attempt += 1) {
      const session = await connection.session();
      if (learned?.session !== session) learned = { session };
      try {
        return await openChannel(place, connection, learned, signal);
      } catch (thrown) {
        // Of ssh2 itself, which noticed first that the connection is gone.
        if (!(thrown instanceof WayFault)) session.close();
        // The login was an old one: nothing was sent, so a new one may be tried.
        const again = attempt === 1 && session.lost.aborted && !signal.aborted;
        if (!again) throw thrown instanceof WayFault ? thrown : lostFault(connection, thrown);
      }
    }
  };
  return streamSocket(open, limits, giveBack);
}

async function openChannel(
  place: SshSocketPlace,
  connection: SshConnection,
  learned: Learned,
  signal: AbortSignal,
): Promise<DeviceStream> {
  const { via, path } = place;
  if (via === 'forward') {
    return forward(learned.session, path).catch((thrown: unknown) => {
      throw named(connection, path, thrown);
    });
  }
  let notForwarded: unknown;
  if (via === undefined && learned.forwards !== false) {
    try {
      const stream = await forward(learned.session, path);
      learned.forwards = true;
      return stream;
    } catch (thrown) {
      if (learned.session.lost.aborted || signal.aborted) throw thrown;
      notForwarded = thrown;
    }
  }
  try {
    const stream = await overSocat(place, connection, learned, signal);
    // It was forwarding that was refused, not the socket that was away.
    learned.forwards ??= false;
    return stream;
  } catch (thrown) {
    throw named(connection, path, thrown, notForwarded);
  }
}

function lostFault({ name }: SshConnection, cause: unknown): WayFault {
  return new WayFault('UNREACHABLE', `ssh to ${name}: the connection was lost`, { cause });
}

/** The code of the last way tried; the words of each. */
function named(connection: SshConnection, path: string, last: unknown, earlier?: unknown): unknown {
  if (!(last instanceof WayFault)) return last;
  const words = [earlier, last].flatMap((fault) => (fault instanceof Error ? fault.message : []));
  return new WayFault(last.code, `${path} on ${connection.name}: ${words.join('; ')}`, {
    cause: last,
  });
}

/**
 * A stream that sshd connects to the socket by itself (`direct-streamlocal@openssh.com`). Its refusal has one and
 * the same text for "nobody listens" and "not allowed".
 */
function forward(session: SshSession, path: string): Promise<DeviceStream> {
  return new Promise((resolve, reject) => {
    if (session.lost.aborted) throw new WayFault('UNREACHABLE', 'the ssh connection was lost');
    session.client.openssh_forwardOutStreamLocal(path, (error, channel) => {
      if (error !== undefined) {
        const words =
          'the ssh server forwards nothing to it (nobody listens there, or AllowStreamLocalForwarding or the key forbids it)';
        return reject(new WayFault('UNREACHABLE', words, { cause: error }));
      }
      resolve({
        stream: channel,
        // sshd keeps the end of the answer back (Nagle) until we acknowledge the answer, which our kernel delays
        // by 40 ms unless we have something to say.
        closesOurSide: 'at the first answer',
        isGone: () => session.lost.aborted,
        whyEnded: async () =>
          session.lost.aborted
            ? new WayFault('UNREACHABLE', 'the ssh connection was lost')
            : undefined,
        close() {
          if (!session.lost.aborted) channel.destroy();
        },
      });
    });
  });
}

async function overSocat(
  { path }: SshSocketPlace,
  connection: SshConnection,
  learned: Learned,
  signal: AbortSignal,
): Promise<DeviceStream> {
  const release = await connection.commands.take(signal);
  if (release === undefined) {
    throw new WayFault('UNREACHABLE', 'too many commands run there at the same time');
  }
  try {
    learned.socat ??= await probeSocat(learned.session, path, signal);
    const opened = await openSocat(learned.session, path, learned.socat, signal);
    let isOpen = true;
    return {
      ...opened,
      close() {
        if (isOpen) release();
        isOpen = false;
        opened.close();
      },
    };
  } catch (thrown) {
    release();
    throw thrown;
  }
}
