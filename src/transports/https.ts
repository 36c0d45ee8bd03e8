import { setMaxListeners } from 'node:events';
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import type { Duplex } from 'node:stream';
import { OperationError } from '../domain/errors.ts';
import { type Deadline, openDeadline, untilEnded } from './deadline.ts';
import { connectVerified, type HttpsPlace } from './https-certificate.ts';
import { readReply } from './https-reply.ts';
import type { SendPermit } from './runtime-socket.ts';
import { createSlots } from './slots.ts';
import { type ExchangeLimits, WayFault } from './stream-socket.ts';
import { wordsOf } from './system-error.ts';

export interface HttpsRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** As it stands in the request line: encoded. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Begins every error message. */
  readonly doing: string;
  readonly signal: AbortSignal;
  /**
   * Present for what changes something. Asked when a verified connection stands, right before the request is sent;
   * what it throws is passed on, and then nothing was sent.
   */
  readonly gate?: () => Promise<SendPermit>;
  /** Instead of the usual limit of one exchange. */
  readonly msMax?: number;
}

export interface HttpsReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/**
 * HTTPS to one unit, over connections that are kept. The certificate is judged before anything is written, so that
 * no password goes to a stranger. Throws OperationError: UNREACHABLE, HOST_KEY, TIMEOUT, CUT_REPLY, TOO_LARGE; FENCED
 * when the permit was too old. With a gate, whatever goes wrong after the request left is OUTCOME_UNKNOWN.
 */
export interface HttpsUnit {
  readonly place: HttpsPlace;
  exchange(request: HttpsRequest): Promise<HttpsReply>;
  /** Ends every exchange under way and refuses new ones. */
  close(): void;
}

/** Connecting and greeting; within the limit of the exchange. */
const CONNECT_MS_MAX = 3_000;

export function httpsUnit(place: HttpsPlace, limits: ExchangeLimits): HttpsUnit {
  const agent = verifiedAgent(place, limits);
  const slots = createSlots(limits.connectionsMax);
  const closing = new AbortController();
  // Every exchange that waits listens to it, and there may be many.
  setMaxListeners(0, closing.signal);

  const inSlot = async (asked: HttpsRequest): Promise<HttpsReply> => {
    const msMax = asked.msMax ?? limits.exchangeMsMax;
    const deadline = openDeadline(msMax, [asked.signal, closing.signal]);
    const release = await slots.take(deadline.signal);
    try {
      if (release === undefined) throw nothingSent(asked.doing, deadline);
      return await converse(agent, place, asked, deadline, limits.replyBytesMax);
    } finally {
      release?.();
      deadline.release();
    }
  };

  return {
    place,
    async exchange(asked) {
      if (closing.signal.aborted) {
        throw new OperationError('UNREACHABLE', `${asked.doing}: the connection was closed here.`);
      }
      try {
        return await inSlot(asked);
      } catch (thrown) {
        if (!(thrown instanceof StaleConnection)) throw thrown;
        // What the unit did to one of them, it did to all.
        for (const socket of Object.values(agent.freeSockets).flat()) socket?.destroy();
        return await inSlot(asked);
      }
    },
    close() {
      closing.abort();
      agent.destroy();
    },
  };
}

/** A kept connection that the device had given up: for a question that is no answer, it is asked anew. */
class StaleConnection extends OperationError {}

function verifiedAgent(place: HttpsPlace, { exchangeMsMax, connectionsMax }: ExchangeLimits) {
  const agent = new Agent({ keepAlive: true, maxFreeSockets: connectionsMax });
  const createConnection = (
    _options: unknown,
    done: (error: Error | null, socket?: Duplex) => void,
  ): undefined => {
    connectVerified(place, Math.min(CONNECT_MS_MAX, exchangeMsMax)).then(
      (socket) => done(null, socket),
      (error: Error) => done(error),
    );
  };
  // Node calls this for every connection it needs; handing the socket over late is its documented second form.
  return Object.assign(agent, { createConnection });
}

function nothingSent(doing: string, deadline: Deadline): OperationError {
  return new OperationError('TIMEOUT', `${doing}: ${deadline.reason()}; nothing was sent.`);
}

async function converse(
  agent: Agent,
  { host, port }: HttpsPlace,
  asked: HttpsRequest,
  deadline: Deadline,
  replyBytesMax: number,
): Promise<HttpsReply> {
  const { method, path, doing, body = '' } = asked;
  let isWhole = false;
  const request = httpsRequest({
    agent,
    host,
    port,
    method,
    path,
    headers: {
      ...asked.headers,
      ...(method === 'GET' ? {} : { 'content-length': Buffer.byteLength(body) }),
    },
  });
  try {
    await connected(request, doing, deadline);
    if (asked.gate !== undefined) await passGate(asked.gate, doing, deadline);
    if (request.socket?.destroyed !== false) {
      if (asked.gate === undefined) throw new StaleConnection('UNREACHABLE', lost(doing));
      throw new OperationError('UNREACHABLE', lost(doing));
    }
    const reply = await sendAndRead(request, asked, deadline, replyBytesMax);
    isWhole = true;
    return reply;
  } finally {
    if (!isWhole) request.destroy();
  }
}

const lost = (doing: string) => `${doing}: the connection was lost; nothing was sent.`;

/** Waits for a verified connection; the headers are not written before `end` is called. */
async function connected(request: ClientRequest, doing: string, deadline: Deadline): Promise<void> {
  const standing = new Promise<void>((resolve, reject) => {
    request.once('socket', () => resolve());
    // For the request's life: what comes when nobody waits any more must not end the process.
    request.on('error', reject);
  });
  try {
    await untilEnded(standing, deadline.signal, () => nothingSent(doing, deadline));
  } catch (thrown) {
    standing.catch(() => {});
    if (thrown instanceof OperationError) throw thrown;
    const code = thrown instanceof WayFault ? thrown.code : 'UNREACHABLE';
    const words = thrown instanceof WayFault ? thrown.message : wordsOf(thrown).words;
    throw new OperationError(code, `${doing}: ${words}.`, { cause: thrown });
  }
}

async function passGate(
  gate: () => Promise<SendPermit>,
  doing: string,
  deadline: Deadline,
): Promise<void> {
  const permit = await untilEnded(gate(), deadline.signal, () => nothingSent(doing, deadline));
  // From here to the write nothing may be awaited: the permit is worth what the clock says now.
  if (deadline.signal.aborted) throw nothingSent(doing, deadline);
  const lateMs = performance.now() - permit.validUntilMs;
  if (lateMs <= 0) return;
  throw new OperationError(
    'FENCED',
    `${doing}: the leave to write was ${Math.ceil(lateMs)} ms too old; nothing was sent.`,
  );
}

function sendAndRead(
  request: ClientRequest,
  { doing, gate, body }: HttpsRequest,
  deadline: Deadline,
  replyBytesMax: number,
): Promise<HttpsReply> {
  const reused = request.reusedSocket;
  return new Promise((resolve, reject) => {
    const fail = (code: 'UNREACHABLE' | 'TIMEOUT' | 'CUT_REPLY' | 'TOO_LARGE', words: string) => {
      deadline.signal.removeEventListener('abort', onDeadline);
      if (gate === undefined) return reject(new OperationError(code, `${doing}: ${words}.`));
      const message = `${doing}: the request was sent, then ${words}. It may still be executed.`;
      reject(new OperationError('OUTCOME_UNKNOWN', message));
    };
    const onDeadline = () => fail('TIMEOUT', deadline.reason());
    deadline.signal.addEventListener('abort', onDeadline, { once: true });
    request.on('error', (error) => {
      const isGone = 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
      if (isGone && reused && gate === undefined) {
        return reject(new StaleConnection('UNREACHABLE', lost(doing)));
      }
      if (isGone) return fail('CUT_REPLY', 'the device closed the connection without an answer');
      // A broken HTTP message says something of the device in neither code nor text of the system.
      fail('UNREACHABLE', wordsOf(error).words);
    });
    request.once('response', (response: IncomingMessage) => {
      readReply(response, replyBytesMax, fail, (reply) => {
        deadline.signal.removeEventListener('abort', onDeadline);
        resolve(reply);
      });
    });
    request.end(body ?? '');
  });
}
