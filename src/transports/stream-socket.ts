import { setMaxListeners } from 'node:events';
import type { Duplex } from 'node:stream';
import { type ErrorCode, OperationError } from '../domain/errors.ts';
import { oneCommandLine, oneQuestionLine } from './command-line.ts';
import { type Deadline, openDeadline, untilEnded } from './deadline.ts';
import type { ExchangeOptions, RuntimeSocket } from './runtime-socket.ts';
import { createSlots } from './slots.ts';
import { wordsOf } from './system-error.ts';

export interface ExchangeLimits {
  /** From the call to the last byte of the reply, waiting for a free connection and logging in included. */
  readonly exchangeMsMax: number;
  readonly replyBytesMax: number;
  /** Open at the same time. HAProxy lets connections beyond its own `stats maxconn` (10) wait silently. */
  readonly connectionsMax: number;
}

export const EXCHANGE_LIMITS: ExchangeLimits = {
  exchangeMsMax: 5_000,
  replyBytesMax: 4 * 1024 * 1024,
  connectionsMax: 4,
};

export type WayCode = Extract<ErrorCode, 'UNREACHABLE' | 'PERMISSION' | 'HOST_KEY'>;

/** Why there is no stream to the device, or no longer one. The message begins no sentence and ends none. */
export class WayFault extends Error {
  readonly code: WayCode;

  constructor(code: WayCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'WayFault';
    this.code = code;
  }
}

/** An open stream to the device, for one command. */
export interface DeviceStream {
  readonly stream: Duplex;
  /** When our side is closed, where something on the way waits for that; without it, when all is over. */
  readonly closesOurSide?: 'behind the command' | 'at the first answer';
  /** Asked when the stream has ended: resolves with why that was no true end of a reply, if it was none. */
  readonly whyEnded?: () => Promise<WayFault | undefined>;
  /** True when nothing can be sent any more. */
  readonly isGone: () => boolean;
  /** May be called twice. */
  readonly close: () => void;
}

/** Opens a stream. Rejects with WayFault; when the signal ends, closes what it had and rejects with anything. */
export type OpenStream = (signal: AbortSignal) => Promise<DeviceStream>;

/**
 * Exchanges over streams, each on one of its own: one that was opened before a reload would go on talking to
 * the old process.
 */
export function streamSocket(
  open: OpenStream,
  limits: ExchangeLimits,
  closed: () => void = () => {},
): RuntimeSocket {
  const slots = createSlots(limits.connectionsMax);
  const closing = new AbortController();
  // Every exchange that waits listens to it, and there may be many.
  setMaxListeners(0, closing.signal);

  const send = async (line: string, options: ExchangeOptions): Promise<string> => {
    if (closing.signal.aborted) {
      throw new OperationError('UNREACHABLE', `${options.doing}: the connection was closed here.`);
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
      return await converse(open, line, options, deadline, limits.replyBytesMax);
    } finally {
      release?.();
      deadline.release();
    }
  };

  return {
    async exchange(command, options) {
      return send(oneCommandLine(command, options.doing), options);
    },
    async ask(questions, options) {
      return send(oneQuestionLine(questions, options.doing), options);
    },
    close() {
      closing.abort();
      closed();
      return Promise.resolve();
    },
  };
}

async function converse(
  open: OpenStream,
  line: string,
  options: ExchangeOptions,
  deadline: Deadline,
  replyBytesMax: number,
): Promise<string> {
  const opened = await openInTime(open, options.doing, deadline);
  try {
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
    if (opened.isGone()) {
      throw new OperationError(
        'UNREACHABLE',
        `${options.doing}: the connection was lost before the command; nothing was sent.`,
      );
    }
    return await sendAndRead(opened, line, options, deadline, replyBytesMax);
  } finally {
    opened.close();
  }
}

function nothingSent(doing: string, deadline: Deadline): OperationError {
  return new OperationError('TIMEOUT', `${doing}: ${deadline.reason()}; nothing was sent.`);
}

async function openInTime(
  open: OpenStream,
  doing: string,
  deadline: Deadline,
): Promise<DeviceStream> {
  const opening = open(deadline.signal);
  try {
    const opened = await untilEnded(opening, deadline.signal, () => nothingSent(doing, deadline));
    // For the stream's life: an error while the gate is asked must not end the process.
    opened.stream.on('error', () => {});
    return opened;
  } catch (thrown) {
    // It may still come about, too late.
    opening.then((late) => late.close()).catch(() => {});
    if (!(thrown instanceof WayFault)) throw thrown;
    throw new OperationError(thrown.code, `${doing}: ${thrown.message}.`, { cause: thrown });
  }
}

function sendAndRead(
  opened: DeviceStream,
  line: string,
  options: ExchangeOptions,
  deadline: Deadline,
  replyBytesMax: number,
): Promise<string> {
  const { stream } = opened;
  const { doing, gate, isWhole } = options;
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    let hasEnded = false;
    const stopListening = () => {
      deadline.signal.removeEventListener('abort', onDeadline);
      stream.off('data', onData);
    };
    const fail = (code: WayCode | 'TIMEOUT' | 'CUT_REPLY' | 'TOO_LARGE', words: string) => {
      stopListening();
      if (gate === undefined) return reject(new OperationError(code, `${doing}: ${words}.`));
      reject(
        new OperationError(
          'OUTCOME_UNKNOWN',
          `${doing}: the command was sent, then ${words}. It may still be executed.`,
        ),
      );
    };
    const onDeadline = () => fail('TIMEOUT', deadline.reason());
    const onData = (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > replyBytesMax) {
        fail('TOO_LARGE', `more than ${replyBytesMax} bytes came back`);
        opened.close();
        return;
      }
      chunks.push(chunk);
      if (chunks.length === 1 && opened.closesOurSide === 'at the first answer') stream.end();
    };
    const onEnd = async () => {
      hasEnded = true;
      const fault = await opened.whyEnded?.();
      if (fault !== undefined) return fail(fault.code, fault.message);
      const reply = Buffer.concat(chunks).toString('utf8');
      if (isWhole(reply)) {
        stopListening();
        return resolve(reply);
      }
      fail(
        'CUT_REPLY',
        reply === ''
          ? 'the device closed the connection without an answer'
          : `the answer broke off after ${bytes} bytes: ${tailOf(reply)}`,
      );
    };
    const onError = (error: unknown) => {
      const { code, words } = wordsOf(error);
      fail(code, words);
    };

    deadline.signal.addEventListener('abort', onDeadline, { once: true });
    stream.on('data', onData);
    stream.once('end', () => void onEnd().catch(onError));
    stream.on('error', onError);
    stream.once('close', () => {
      if (!hasEnded) fail('UNREACHABLE', 'the connection was closed');
    });
    if (opened.closesOurSide === 'behind the command') stream.end(line);
    else stream.write(line);
  });
}

/** The end of a broken reply, short and printable. */
function tailOf(reply: string): string {
  return JSON.stringify(reply.slice(-80));
}
