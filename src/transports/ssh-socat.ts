import type { ClientChannel } from 'ssh2';
import { isPlainSocketPath } from '../domain/endpoint.ts';
import type { SshSession } from './ssh-login.ts';
import { printable } from './ssh-words.ts';
import { type DeviceStream, WayFault } from './stream-socket.ts';

/** Only so much of what a command complains about is kept. */
const COMPLAINT_CHARS_MAX = 4_096;
/** socat says so, asked by `-d -d`, when it is connected to both sides. */
const CONNECTED = 'starting data transfer loop';
/** Of a shell: it could not run the program, or did not find it. */
const NO_PROGRAM = [126, 127];

/**
 * `announces`: socat says when it is connected to the socket, and only then something is sent. `quiet`: another
 * command does the work, forced by the key, and says nothing of the kind.
 */
export type SocatKind = 'announces' | 'quiet';

/** `-t5`: how long it waits for an answer once it has handed the command on. */
function socatCommand(path: string): string {
  if (!isPlainSocketPath(path)) {
    throw new WayFault('UNREACHABLE', `${JSON.stringify(path)} may not stand in a command`);
  }
  return `socat -d -d -t5 - UNIX-CONNECT:${path}`;
}

interface RemoteRun {
  readonly channel: ClientChannel;
  readonly complaint: () => string;
  /** True when socat said that it is connected, false when it ended without. */
  readonly connected: Promise<boolean>;
  /** Exit code, null after a signal, undefined when the connection was lost. Comes only while the output is read. */
  readonly ended: Promise<number | null | undefined>;
}

/** When the signal ends, so does the channel. */
function run(session: SshSession, command: string, signal: AbortSignal): Promise<RemoteRun> {
  return new Promise((resolve, reject) => {
    if (session.lost.aborted) throw new WayFault('UNREACHABLE', 'the ssh connection was lost');
    session.client.exec(command, (error, channel) => {
      if (error !== undefined) {
        const words = `the ssh server runs no command: ${printable(error.message)}`;
        return reject(new WayFault('UNREACHABLE', words, { cause: error }));
      }
      let complaint = '';
      const connected = new Promise<boolean>((tell) => {
        channel.stderr.on('data', (chunk: Buffer) => {
          complaint = (complaint + chunk.toString('utf8')).slice(-COMPLAINT_CHARS_MAX);
          if (complaint.includes(CONNECTED)) tell(true);
        });
        channel.stderr.once('end', () => tell(complaint.includes(CONNECTED)));
      });
      const ended = new Promise<number | null | undefined>((tell) => {
        channel.once('close', (code?: number | null) => tell(code));
      });
      channel.on('error', () => {});
      const giveUp = () => {
        if (session.lost.aborted) return;
        channel.resume();
        channel.destroy();
      };
      if (signal.aborted) giveUp();
      else signal.addEventListener('abort', giveUp, { once: true });
      resolve({ channel, complaint: () => complaint, connected, ended });
    });
  });
}

/** Finds out what runs there by a connection over which nothing is sent. Rejects with WayFault when none comes about. */
export async function probeSocat(
  session: SshSession,
  path: string,
  signal: AbortSignal,
): Promise<SocatKind> {
  const { channel, complaint, connected, ended } = await run(session, socatCommand(path), signal);
  channel.end();
  channel.resume();
  if (await connected) return 'announces';
  const code = await ended;
  if (code !== 0) throw endFault(code, complaint());
  return 'quiet';
}

/** A stream to the socket. Rejects with WayFault. */
export async function openSocat(
  session: SshSession,
  path: string,
  kind: SocatKind,
  signal: AbortSignal,
): Promise<DeviceStream> {
  const { channel, complaint, connected, ended } = await run(session, socatCommand(path), signal);
  if (kind === 'announces' && !(await connected)) {
    channel.resume();
    throw endFault(await ended, complaint());
  }
  return {
    stream: channel,
    closesOurSide: 'behind the command',
    isGone: () => session.lost.aborted,
    whyEnded: async () => {
      const code = await ended;
      return code === 0 ? undefined : endFault(code, complaint());
    },
    close() {
      if (!session.lost.aborted) channel.destroy();
    },
  };
}

function endFault(code: number | null | undefined, complaint: string): WayFault {
  if (code === undefined) return new WayFault('UNREACHABLE', 'the ssh connection was lost');
  const lines = complaint.split('\n').filter((line) => line.trim() !== '');
  if (code !== null && NO_PROGRAM.includes(code)) {
    const said = printable(lines.at(-1) ?? `exit code ${code}`);
    return new WayFault('UNREACHABLE', `socat cannot be run there: ${said}`);
  }
  // For instance: 2026/11/20 12:00:00 socat[7] E connect(5, AF=1 "/run/x", 8): Connection refused
  const error = lines.map((line) => / E (.*)$/.exec(line)?.[1]).find((words) => words);
  const said = printable(error ?? lines.at(-1) ?? 'nothing more was said');
  return new WayFault(
    /permission denied/i.test(said) ? 'PERMISSION' : 'UNREACHABLE',
    `socat there ended with ${code === null ? 'a signal' : code}: ${said}`,
  );
}
