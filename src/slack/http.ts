import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { App, Receiver } from '@slack/bolt';
import { OperationError } from '../domain/errors.ts';
import type { Secret } from '../domain/secret.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import { BadRequest, bodyKindOf, bytesOf, deliveredIn } from './http-body.ts';
import { headersFault, isGenuine } from './http-signature.ts';
import {
  disconnectTimeoutMs,
  requestConnectionsMax,
  requestHeaderBytesMax,
  requestTimeoutMs,
} from './limits.ts';
import type { SlackLink } from './link.ts';
import { type NoteRefusal, refusalLog } from './refusal-log.ts';

/** The one path Slack is told: commands, clicks and events alike. */
export const REQUEST_PATH = '/slack/events';

export interface HttpOptions {
  readonly signingSecret: Secret;
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
  readonly log: Log;
  readonly clock: Clock;
}

/**
 * Signed HTTP. The library's own receiver is not used: it takes timestamps of the future, has no time limit for a
 * slow sender, and answers 404 three seconds after a fault.
 */
export function httpLink(options: HttpOptions): SlackLink {
  const { clock, host, port } = options;
  let app: Pick<App, 'processEvent'> | undefined;
  const noteRefusal = refusalLog(options.log, clock);
  const server = createServer(
    {
      requestTimeout: requestTimeoutMs,
      headersTimeout: requestTimeoutMs,
      connectionsCheckingInterval: 1000,
      maxHeaderSize: requestHeaderBytesMax,
    },
    (request, response) => void answer(request, response),
  );
  server.maxConnections = requestConnectionsMax;

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const body = await deliveryIn(request, options);
      if (body.type === 'url_verification') {
        send(response, 200, String(body.challenge ?? ''));
        return;
      }
      const retryNum = Number(request.headers['x-slack-retry-num'] ?? 0);
      await app?.processEvent({ body, ack: ackOf(response), ...(retryNum > 0 && { retryNum }) });
    } catch (thrown) {
      refuse(request, response, thrown, noteRefusal);
    }
  };

  const receiver: Receiver = {
    init: (given) => {
      app = given;
    },
    start: () => listen(server, options),
    stop: () => close(server, clock),
  };
  return {
    receiver,
    connected: () => server.listening,
    url() {
      const address = server.address();
      const bound = typeof address === 'object' && address !== null ? address.port : port;
      return `http://${host.includes(':') ? `[${host}]` : host}:${bound}${REQUEST_PATH}`;
    },
    open: () => listen(server, options),
    close: () => close(server, clock),
  };
}

/** What a genuine request delivers. Throws BadRequest for every other. */
async function deliveryIn(
  request: IncomingMessage,
  { signingSecret, clock }: HttpOptions,
): Promise<Readonly<Record<string, unknown>>> {
  const path = (request.url ?? '').split('?')[0];
  if (path !== REQUEST_PATH) throw new BadRequest(404, 'its path is another one');
  if (request.method !== 'POST') throw new BadRequest(405, 'it is no POST');
  const headers = {
    timestamp: oneOf(request.headers['x-slack-request-timestamp']),
    signature: oneOf(request.headers['x-slack-signature']),
  };
  const fault = headersFault(headers, clock.now());
  if (fault !== undefined) throw new BadRequest(401, fault);
  const kind = bodyKindOf(request);
  const bytes = await bytesOf(request);
  if (!isGenuine(headers, bytes, signingSecret)) {
    throw new BadRequest(401, 'its signature does not match');
  }
  return deliveredIn(bytes, kind);
}

function oneOf(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** Throws when the sender is gone, so that the answer can be told in another way. */
function ackOf(response: ServerResponse) {
  return async (answer?: unknown): Promise<void> => {
    if (response.destroyed || response.writableEnded) throw new Error('the sender is gone');
    if (typeof answer === 'object' && answer !== null) {
      send(response, 200, JSON.stringify(answer), 'application/json; charset=utf-8');
    } else {
      send(response, 200, typeof answer === 'string' ? answer : '');
    }
  };
}

function send(
  response: ServerResponse,
  status: number,
  body: string,
  type = 'text/plain; charset=utf-8',
): void {
  response.writeHead(status, {
    ...(body === '' ? {} : { 'content-type': type }),
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(body);
}

/** Whoever is refused is told a number and nothing else. */
function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  thrown: unknown,
  noteRefusal: NoteRefusal,
): void {
  const isBad = thrown instanceof BadRequest;
  const reason = thrown instanceof Error ? thrown.message : 'an unknown fault';
  noteRefusal(reason, request.socket.remoteAddress);
  if (response.headersSent || response.destroyed) return;
  request.resume();
  send(response, isBad ? thrown.status : 500, '');
}

function listen(server: Server, { host, port }: HttpOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    // Stays on: an error after listening (too many open files) must not end the process.
    server.on('error', (error: NodeJS.ErrnoException) => {
      const doing = `Listening for Slack on ${host} port ${port}`;
      reject(new OperationError('NOT_ALLOWED', `${doing}: ${whyNot(error)}`, { cause: error }));
    });
    server.listen(port, host, () => resolve());
  });
}

function whyNot(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return 'another program has this port. Set LB_SLACK_HTTP_PORT to a free one.';
    case 'EACCES':
      return 'this user may not listen there. Set LB_SLACK_HTTP_PORT to 1024 or more.';
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return 'this machine has no such address. Set LB_SLACK_HTTP_HOST to one it has.';
    default:
      return error.message;
  }
}

/** Answers under way are finished within `disconnectTimeoutMs`; then every connection is cut. */
async function close(server: Server, clock: Clock): Promise<void> {
  if (!server.listening) return;
  const done = new AbortController();
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  server.closeIdleConnections();
  await Promise.race([closed, clock.sleep(disconnectTimeoutMs, done.signal)]);
  done.abort();
  server.closeAllConnections();
}
