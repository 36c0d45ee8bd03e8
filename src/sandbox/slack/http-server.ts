import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { EventStream } from './event-stream.ts';
import type { Reply } from './faults.ts';
import { whyRefused } from './host-guard.ts';
import type { HumanVerbs } from './human-http.ts';
import { pageResource } from './page.ts';
import type { ResponseUrls } from './response-urls.ts';
import type { SocketMode } from './socket-mode.ts';
import type { WebApi } from './web-api.ts';

/** Largest body taken, in bytes. */
const BODY_BYTES_MAX = 1_000_000;

export interface ServedParts {
  readonly webApi: WebApi;
  readonly responseUrls: ResponseUrls;
  readonly sockets: SocketMode;
  readonly human: HumanVerbs;
  readonly events: EventStream;
  /** What a page that just opened must know at once. */
  readonly firstEvents: () => readonly { name: string; data: object }[];
  readonly warn: (text: string) => void;
}

/** Routes of the one HTTP server: page, control API, Web API, response_urls, Socket Mode. */
export function createLocalServer(parts: ServedParts): Server {
  const server = createServer((request, response) => {
    serve(parts, request, response).catch((thrown: unknown) => {
      parts.warn(`Answering ${request.method} ${request.url}: ${String(thrown)}`);
      if (!response.headersSent) json(response, 500, { ok: false, error: 'internal_error' });
      else response.destroy();
    });
  });
  server.on('upgrade', (request, socket, head) => {
    if (whyRefused(request.headers, portOf(request)) !== undefined) socket.destroy();
    else parts.sockets.upgrade(request, socket, head);
  });
  return server;
}

async function serve(
  parts: ServedParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const refused = whyRefused(request.headers, portOf(request));
  if (refused !== undefined) return json(response, 403, { ok: false, error: refused });
  const url = new URL(request.url ?? '/', 'http://localhost');
  const [, area = '', name = ''] = url.pathname.split('/');
  const contentType = request.headers['content-type'] ?? '';
  switch (area) {
    case 'api': {
      const body = await readBody(request);
      const authorization = request.headers.authorization ?? '';
      const call = { method: name, authorization, contentType, body, query: url.searchParams };
      return send(response, await parts.webApi.handle(call));
    }
    case 'response':
      return send(response, await parts.responseUrls.handle(name, await readBody(request)));
    case '_human':
      return serveHuman(parts, request, response, { name, url, contentType });
    case '_events':
      return parts.events.add(response, parts.firstEvents());
    default:
      return servePage(response, url.pathname);
  }
}

async function serveHuman(
  parts: ServedParts,
  request: IncomingMessage,
  response: ServerResponse,
  asked: { name: string; url: URL; contentType: string },
): Promise<void> {
  const { name, url, contentType } = asked;
  if (request.method === 'GET') {
    const { status, body } = parts.human.read(name, Object.fromEntries(url.searchParams));
    return json(response, status, body);
  }
  if (request.method !== 'POST') return json(response, 405, { ok: false, error: 'method' });
  // A form of another site can be posted without asking first; JSON cannot.
  if (!contentType.startsWith('application/json')) {
    return json(response, 415, { ok: false, error: 'json_only' });
  }
  const { status, body } = await parts.human.act(name, await readBody(request));
  return json(response, status, body);
}

function servePage(response: ServerResponse, path: string): void {
  const resource = pageResource(path);
  if (resource === undefined) {
    json(response, 404, { ok: false, error: 'not_found' });
    return;
  }
  response.writeHead(200, {
    'content-type': resource.contentType,
    'cache-control': 'no-store',
    'content-security-policy':
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
      "img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  });
  response.end(resource.body);
}

function send(response: ServerResponse, reply: Reply): void {
  if (reply.kind === 'drop') response.destroy();
  else json(response, reply.status, reply.body, reply.headers);
}

function json(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
  });
  response.end(JSON.stringify(body));
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > BODY_BYTES_MAX) throw new Error(`the body is larger than ${BODY_BYTES_MAX} bytes`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function portOf(request: IncomingMessage): number {
  return request.socket.localPort ?? 0;
}
