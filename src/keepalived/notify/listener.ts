import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { OperationError } from '../../domain/errors.ts';
import { type AnswerOptions, answering, NOTIFY_PATH } from './answer.ts';

const HEADER_BYTES_MAX = 4 * 1024;
const REQUEST_WITHIN_MS = 5_000;
const CONNECTIONS_MAX = 256;
const CONNECTIONS_PER_HOST_MAX = 16;

export interface NotifyListenerOptions extends AnswerOptions {
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
  /** PEM texts; without them only this machine itself is listened to. */
  readonly tls?: { readonly cert: string; readonly key: string };
}

export interface NotifyListener {
  /** Where directors post to, as seen from this machine. */
  readonly url: string;
  close(): Promise<void>;
}

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/;

export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}

/**
 * Listens for what readers on directors pass on. A post is answered 200 when its lines are recorded, and may be sent
 * again until then. Whoever is refused is told a number and nothing else. Throws NOT_ALLOWED where it must not or
 * cannot listen.
 */
export async function startNotifyListener(options: NotifyListenerOptions): Promise<NotifyListener> {
  const { host, port, tls } = options;
  if (tls === undefined && !isLoopback(host)) {
    throw new OperationError(
      'NOT_ALLOWED',
      `Listening for directors on ${host}: their tokens would travel in clear. Set LB_NOTIFY_CERT and LB_NOTIFY_KEY, or listen on 127.0.0.1.`,
    );
  }
  const answer = answering(options);
  const limits = {
    requestTimeout: REQUEST_WITHIN_MS,
    headersTimeout: REQUEST_WITHIN_MS,
    connectionsCheckingInterval: 1_000,
    maxHeaderSize: HEADER_BYTES_MAX,
  };
  const server =
    tls === undefined
      ? createServer(limits, answer)
      : createTlsServer({ ...limits, ...tls, minVersion: 'TLSv1.2' }, answer);
  server.maxConnections = CONNECTIONS_MAX;
  server.on('connection', fewPerHost());
  await new Promise<void>((resolve, reject) => {
    // Stays on: an error after listening (too many open files) must not end the process.
    server.on('error', (error: NodeJS.ErrnoException) => {
      const doing = `Listening for directors on ${host} port ${port}`;
      const hint = error.code === 'EADDRINUSE' ? 'another program has this port' : error.message;
      reject(
        new OperationError('NOT_ALLOWED', `${doing}: ${hint}. Set LB_NOTIFY_PORT to a free one.`),
      );
    });
    server.listen(port, host, () => resolve());
  });
  const at = server.address();
  const bound = typeof at === 'object' && at !== null ? at.port : port;
  const scheme = tls === undefined ? 'http' : 'https';
  return {
    url: `${scheme}://${host.includes(':') ? `[${host}]` : host}:${bound}${NOTIFY_PATH}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** One host that opens connections and says nothing keeps nobody else out. */
function fewPerHost(): (socket: IncomingMessage['socket']) => void {
  const open = new Map<string, number>();
  return (socket) => {
    const from = socket.remoteAddress ?? '';
    const now = (open.get(from) ?? 0) + 1;
    open.set(from, now);
    socket.once('close', () => {
      const left = (open.get(from) ?? 1) - 1;
      if (left > 0) open.set(from, left);
      else open.delete(from);
    });
    if (now > CONNECTIONS_PER_HOST_MAX) socket.destroy();
  };
}
