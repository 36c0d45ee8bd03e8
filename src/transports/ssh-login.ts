import { setMaxListeners } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { AnyAuthMethod, Client, ServerHostKeyAlgorithm } from 'ssh2';
import type { SshHost } from '../domain/inventory.ts';
import { type HostKeyCheck, hostKeyCheck } from './ssh-host-key.ts';
import { printable } from './ssh-words.ts';
import { WayFault } from './stream-socket.ts';
import { wordsOf } from './system-error.ts';

export interface SshLimits {
  /** Until the connection to the host stands. */
  readonly connectMsMax: number;
  /** From there until the host has proved who it is. */
  readonly handshakeMsMax: number;
  /** From there until it has let us in. */
  readonly authMsMax: number;
  readonly keepAliveEveryMs: number;
  /** So many keep-alives in a row without an answer, and the connection counts as lost. */
  readonly keepAlivesMissedMax: number;
  /** Commands that run on one host at a time; sshd's own `MaxSessions` is 10. */
  readonly commandsMax: number;
  /** After a refusal of the login, nobody knocks again for this long: hosts lock out who knocks often. */
  readonly refusedRestMs: number;
}

export const SSH_LIMITS: SshLimits = {
  connectMsMax: 3_000,
  handshakeMsMax: 5_000,
  authMsMax: 10_000,
  keepAliveEveryMs: 2_000,
  keepAlivesMissedMax: 2,
  commandsMax: 8,
  refusedRestMs: 5_000,
};

/** A login that stands. */
export interface SshSession {
  readonly client: Client;
  /** Ends when the connection does; from then on the client must not be used, nor its channels. */
  readonly lost: AbortSignal;
  readonly close: () => void;
}

/** A connected stream to the ssh port, and the way to end it. */
export interface Dialled {
  readonly stream: Duplex;
  readonly destroy: () => void;
}

/** Logs in; gives up when `closing` ends. Rejects with WayFault: UNREACHABLE, HOST_KEY or PERMISSION. */
export async function logIn(
  host: SshHost,
  dial: () => Promise<Dialled>,
  limits: SshLimits,
  closing: AbortSignal,
): Promise<SshSession> {
  // Loaded only where a site uses ssh: it takes 30 ms.
  const [{ default: ssh2 }, hostKey, method] = await Promise.all([
    import('ssh2'),
    hostKeyCheck(host),
    methodOf(host),
  ]);
  if (method.type === 'publickey') {
    const key = ssh2.utils.parseKey(method.key as Buffer);
    if (key instanceof Error)
      throw new WayFault('PERMISSION', `${keyFileOf(host)}: ${key.message}`);
  }
  const dialled = await dial();
  closing.addEventListener('abort', dialled.destroy, { once: true });
  try {
    return await handshake(new ssh2.Client(), dialled, method, hostKey, limits);
  } catch (thrown) {
    dialled.destroy();
    throw thrown;
  } finally {
    closing.removeEventListener('abort', dialled.destroy);
  }
}

function handshake(
  client: Client,
  dialled: Dialled,
  method: AnyAuthMethod,
  hostKey: HostKeyCheck,
  limits: SshLimits,
): Promise<SshSession> {
  const lost = new AbortController();
  // Everything under way on the connection listens to it.
  setMaxListeners(0, lost.signal);
  return new Promise((resolve, reject) => {
    let rejected: WayFault | undefined;
    let timer: NodeJS.Timeout;
    const fail = (fault: WayFault) => {
      clearTimeout(timer);
      reject(rejected ?? fault);
    };
    const within = (limitMs: number, words: string) => {
      clearTimeout(timer);
      timer = setTimeout(
        () => fail(new WayFault('UNREACHABLE', `${words} within ${limitMs / 1000} s`)),
        limitMs,
      );
    };
    within(limits.handshakeMsMax, 'the ssh server did not greet');
    client.once('handshake', () =>
      within(limits.authMsMax, 'the ssh server did not let this side in'),
    );
    client.once('ready', () => {
      clearTimeout(timer);
      resolve({
        client,
        lost: lost.signal,
        close() {
          lost.abort();
          client.end();
          dialled.destroy();
        },
      });
    });
    client.on('error', (error) => {
      lost.abort();
      fail(loginFault(error));
      dialled.destroy();
    });
    const onGone = () => {
      lost.abort();
      fail(new WayFault('UNREACHABLE', 'the ssh server closed the connection'));
    };
    client.on('end', onGone);
    client.on('close', onGone);
    client.connect({
      sock: dialled.stream,
      username: method.username,
      authHandler: [method],
      readyTimeout: 0,
      keepaliveInterval: limits.keepAliveEveryMs,
      keepaliveCountMax: limits.keepAlivesMissedMax,
      algorithms: { serverHostKey: first(hostKey.algorithms) },
      hostVerifier: (key: Buffer) => {
        rejected = hostKey.reject(key);
        return rejected === undefined;
      },
    });
  });
}

/** Moves these to the front of the list of ssh2, which works off the keys in their order. */
function first(algorithms: readonly ServerHostKeyAlgorithm[]) {
  return { remove: [...algorithms], prepend: [...algorithms], append: [] };
}

/** The words of ssh2, of which the level is the only code; some are the host's own. */
function loginFault(error: Error & { level?: string }): WayFault {
  switch (error.level) {
    case 'client-authentication':
      return new WayFault('PERMISSION', 'the ssh server refused the key (or knows no such user)');
    case 'agent':
      return new WayFault('PERMISSION', `the ssh agent: ${printable(error.message)}`);
    default:
      return new WayFault('UNREACHABLE', printable(wordsOf(error).words), { cause: error });
  }
}

function keyFileOf({ login }: SshHost): string {
  return login !== undefined && 'keyFile' in login
    ? login.keyFile
    : join(homedir(), '.ssh', 'id_ed25519');
}

async function methodOf(host: SshHost): Promise<AnyAuthMethod> {
  const { login, user: username } = host;
  if (login !== undefined && 'agentSocket' in login) {
    return { type: 'agent', username, agent: login.agentSocket };
  }
  const file = keyFileOf(host);
  try {
    const { mode, uid } = await stat(file);
    if (uid === process.getuid?.() && (mode & 0o077) !== 0) {
      throw new WayFault(
        'PERMISSION',
        `${file}: others may read this key; type: chmod 600 ${file}`,
      );
    }
    return { type: 'publickey', username, key: await readFile(file) };
  } catch (thrown) {
    if (thrown instanceof WayFault) throw thrown;
    throw new WayFault('PERMISSION', `the key ${file}: ${wordsOf(thrown, 'file').words}`);
  }
}
