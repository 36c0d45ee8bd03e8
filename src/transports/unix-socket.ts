import { connect, type Socket } from 'node:net';
import { OperationError } from '../domain/errors.ts';
import { oneCommandLine } from './command-line.ts';
import { type Deadline, openDeadline, untilEnded } from './deadline.ts';
import type { ExchangeOptions, RuntimeSocket } from './runtime-socket.ts';
import { createSlots } from './slots.ts';
import { wordsOf } from './system-error.ts';

export interface UnixSocketLimits {
  /** From the call to the last byte of the reply, waiting for a free connection included. */
  readonly exchangeMsMax: number;
  readonly replyBytesMax: number;
  /** Open at the same time. HAProxy lets connections beyond its own `stats maxconn` (10) wait silently. */
  readonly connectionsMax: number;
}

export const UNIX_SOCKET_LIMITS: UnixSocketLimits = {
  exchangeMsMax: 5_000,
  replyBytesMax: 4 * 1024 * 1024,
  connectionsMax: 4,
};

/**
 * Exchanges over a unix socket, each on a connection of its own: one that was opened before a reload
 * would go on talking to the old process.
 */
export function unixSocket(
  path: string,
  limits: UnixSocketLimits = UNIX_SOCKET_LIMITS,
): RuntimeSocket {
  const slots = createSlots(limits.connectionsMax);
  const closing = new AbortController();

  return {
    async exchange(command, options) {
      const line = oneCommandLine(command, options.doing);
      if (closing.signal.aborted) {
        throw new OperationError(
          'UNREACHABLE',
          `${options.doing}: the connection was closed here.`,
        );
      }
      const deadline = openDeadline(limits.exchangeMsMax, [options.signal, closing.signal]);
      const release = await slots.take(deadline.signal);
      try {
        if (release === undefined) {
          throw new OperationError(
            'TIMEOUT',
            `${options.doing}: ${deadline.reason()}; ${limits.connectionsMax} earlier exchanges still wait. Nothing was sent.`,
          );
        }
        return await converse(path, line, options, deadline, limits.replyBytesMax);
      } finally {
        release?.();
        deadline.release();
      }
    },
    close() {
      closing.abort();
      return Promise.resolve();
    },
  };
}

async function converse(
  path: string,
  line: string,
  options: ExchangeOptions,
  deadline: Deadline,
  replyBytesMax: number,
): Promise<string> {
  const socket = connect({ path });
  try {
    await opened(socket, path, options.doing, deadline);
    if (options.gate !== undefined) {
      const permit = await untilEnded(options.gate(), deadline.signal, () =>
        nothingSent(options.doing, deadline),
      );
      // From here to the write nothing may be awaited: the permit is worth what the clock says now.
      if (deadline.signal.aborted) throw nothingSent(options.doing, deadline);
      const lateMs = performance.now() - permit.validUntilMs;
      if (!(lateMs <= 0)) {
        throw new OperationError(
          'FENCED',
          `${options.doing}: the leave to write was ${Math.ceil(lateMs)} ms too old; nothing was sent.`,
        );
      }
    }
    return await sendAndRead(socket, line, options, deadline, replyBytesMax);
  } finally {
    socket.destroy();
  }
}

function nothingSent(doing: string, deadline: Deadline): OperationError {
  return new OperationError('TIMEOUT', `${doing}: ${deadline.reason()}; nothing was sent.`);
}

function opened(socket: Socket, path: string, doing: string, deadline: Deadline): Promise<void> {
  const connected = new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    // Stays for the socket's life: an error while the gate is asked must not end the process.
    socket.on('error', (error) => {
      const { code, words } = wordsOf(error);
      reject(new OperationError(code, `${doing}: ${path}: ${words}.`, { cause: error }));
    });
  });
  return untilEnded(connected, deadline.signal, () => nothingSent(doing, deadline));
}

function sendAndRead(
  socket: Socket,
  line: string,
  options: ExchangeOptions,
  deadline: Deadline,
  replyBytesMax: number,
): Promise<string> {
  const { doing, gate, isWhole } = options;
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const fail = (
      code: 'TIMEOUT' | 'CUT_REPLY' | 'TOO_LARGE' | 'UNREACHABLE' | 'PERMISSION',
      words: string,
    ) => {
      deadline.signal.removeEventListener('abort', onDeadline);
      if (gate === undefined) return reject(new OperationError(code, `${doing}: ${words}.`));
      reject(
        new OperationError(
          'OUTCOME_UNKNOWN',
          `${doing}: the command was sent, then ${words}. It may still be executed.`,
        ),
      );
    };
    const onDeadline = () => fail('TIMEOUT', deadline.reason());
    deadline.signal.addEventListener('abort', onDeadline, { once: true });

    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > replyBytesMax) {
        fail('TOO_LARGE', `more than ${replyBytesMax} bytes came back`);
        socket.destroy();
        return;
      }
      chunks.push(chunk);
    });
    socket.once('end', () => {
      const reply = Buffer.concat(chunks).toString('utf8');
      if (isWhole(reply)) {
        deadline.signal.removeEventListener('abort', onDeadline);
        return resolve(reply);
      }
      fail(
        'CUT_REPLY',
        reply === ''
          ? 'the device closed the connection without an answer'
          : `the answer broke off after ${bytes} bytes: ${tailOf(reply)}`,
      );
    });
    socket.on('error', (error) => {
      const { code, words } = wordsOf(error);
      fail(code, words);
    });
    socket.once('close', () => fail('UNREACHABLE', 'the connection was closed'));
    socket.write(line);
  });
}

/** The end of a broken reply, short and printable. */
function tailOf(reply: string): string {
  return JSON.stringify(reply.slice(-80));
}
