import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { Readable } from 'node:stream';
import type { Fault } from './faults.ts';
import { headersForLog } from './request-log.ts';
import type { RestReply } from './rest-call.ts';
import type { Site } from './site.ts';
import { soapOperation } from './soap-request.ts';
import { answerWithEffects } from './unit-answer.ts';
import type { UnitRequest } from './unit-request.ts';

/** Largest body taken, in bytes. */
const BODY_BYTES_MAX = 5_000_000;
const KEEP_ALIVE_MS = 65_000;

export interface UnitServer {
  readonly server: Server;
  /** Presents the certificate that the site now has for this unit, and ends what is open. */
  renewCertificate(): void;
}

/** The HTTPS side of one unit: REST and SOAP on one port. */
export function createUnitServer(site: Site, index: number): UnitServer {
  const nameOfUnit = site.units[index]?.name ?? '';
  const { key, certificate } = site.certificateOf(nameOfUnit);
  const server = createServer({ key, cert: certificate }, (request, response) => {
    serve(site, index, request, response).catch((thrown: unknown) => {
      // The client went away in the middle, or sent more than is taken.
      if (!response.headersSent) response.writeHead(500).end();
      else response.destroy(thrown instanceof Error ? thrown : undefined);
    });
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  return {
    server,
    renewCertificate() {
      const renewed = site.certificateOf(nameOfUnit);
      server.setSecureContext({ key: renewed.key, cert: renewed.certificate });
      server.closeAllConnections();
    },
  };
}

async function serve(
  site: Site,
  index: number,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const beganMs = performance.now();
  const body = await readBody(incoming);
  const unit = site.units[index];
  if (unit === undefined) throw new Error(`there is no unit ${index}`);
  const request = requestOf(incoming, body ?? '');
  // Most SOAP clients ask once without credentials; that is not the call yet.
  const isCall =
    request.path.startsWith('/iControl') && request.header('authorization') !== undefined;
  const operation = isCall ? soapOperation(request.body) : undefined;
  const target = `${request.url}${operation === undefined ? '' : `#${operation}`}`;
  const faults = site.faults.take({ unit: unit.name, method: request.method, target });
  await pause(site, request.method, faults);
  site.settle();

  const before = faults.find((fault) => fault.phase === 'before' && isAnswer(fault));
  const after = faults.find((fault) => fault.phase === 'after' && isAnswer(fault));
  let sent: Sent = { status: 0, text: '' };
  if (before?.drop === true) response.destroy();
  else if (body === undefined) sent = send(response, { status: 413, body: {} }, {});
  else if (before !== undefined) sent = send(response, replyOf(before, undefined), before);
  else {
    const reply = answerWithEffects(site, unit, request, faults);
    if (after?.drop === true) response.destroy();
    else sent = send(response, replyOf(after, reply), after ?? {});
  }
  site.log.write({
    time: new Date(site.clock.now()).toISOString(),
    unit: unit.name,
    client: `${incoming.socket.remoteAddress ?? ''}:${incoming.socket.remotePort ?? ''}`,
    method: request.method,
    url: request.url,
    headers: headersForLog(incoming.headers),
    body: body ?? '',
    status: sent.status,
    ms: Math.round((performance.now() - beganMs) * 10) / 10,
    resp: sent.text,
  });
}

const isAnswer = (fault: Fault): boolean =>
  fault.drop === true ||
  [fault.status, fault.html, fault.xml, fault.body, fault.truncate, fault.padBytes].some(
    (value) => value !== undefined,
  );

/** The reply a fault makes; where it says nothing, the true one. */
function replyOf(fault: Fault | undefined, reply: RestReply | undefined): RestReply {
  const base = reply ?? { status: 503, body: undefined };
  if (fault === undefined) return base;
  const { status = base.status, html, xml, body, headers } = fault;
  if (xml !== undefined) {
    return {
      status,
      body: undefined,
      html: xml,
      headers: { 'Content-Type': 'text/xml', ...headers },
    };
  }
  if (html !== undefined) return { status, body: undefined, html, headers: { ...headers } };
  if (body !== undefined) return { status, body, headers: { ...headers } };
  return { ...base, status, headers: { ...base.headers, ...headers } };
}

async function pause(site: Site, method: string, faults: readonly Fault[]): Promise<void> {
  const { baseMs, writeMs, jitterMs } = site.latency;
  const own = baseMs + (method === 'GET' ? 0 : writeMs) + Math.random() * jitterMs;
  const ms = faults.reduce((total, fault) => total + (fault.delayMs ?? 0), own);
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
}

interface Sent {
  readonly status: number;
  readonly text: string;
}

function send(
  response: ServerResponse,
  reply: RestReply,
  cut: { truncate?: number | undefined; padBytes?: number | undefined },
): Sent {
  const isHtml = reply.html !== undefined;
  const text = reply.html ?? (reply.body === undefined ? '' : JSON.stringify(reply.body));
  const padding = Math.max(0, (cut.padBytes ?? 0) - text.length);
  const bytes = Buffer.from(text, 'utf8');
  const headers = {
    'Content-Type': isHtml ? 'text/html; charset=UTF-8' : 'application/json; charset=UTF-8',
    'Content-Length': String(padding + bytes.length),
    'Cache-Control': 'no-store, no-cache, must-revalidate',
    'X-Simulated': 'bigip',
    ...reply.headers,
  };
  if (reply.statusText === undefined) response.writeHead(reply.status, headers);
  else response.writeHead(reply.status, reply.statusText, headers);
  if (padding > 0) Readable.from(padded(padding, bytes)).pipe(response);
  else if (cut.truncate === undefined) response.end(bytes);
  else response.write(bytes.subarray(0, cut.truncate), () => response.destroy());
  return { status: reply.status, text };
}

const BLANKS = Buffer.alloc(64 * 1024, ' ');

/** In pieces, so that whoever reads only the beginning has it at once. */
function* padded(padding: number, bytes: Buffer): Generator<Buffer> {
  for (let left = padding; left > 0; left -= BLANKS.length) yield BLANKS.subarray(0, left);
  yield bytes;
}

function requestOf(incoming: IncomingMessage, body: string): UnitRequest {
  const url = incoming.url ?? '/';
  const cut = url.indexOf('?');
  const whole = cut < 0 ? url : url.slice(0, cut);
  return {
    method: incoming.method ?? 'GET',
    url,
    path: whole.replace(/\/+$/, ''),
    query: cut < 0 ? '' : url.slice(cut + 1),
    body,
    remoteAddress: incoming.socket.remoteAddress ?? '',
    header(name) {
      const value = incoming.headers[name];
      return Array.isArray(value) ? value[0] : value;
    },
  };
}

/** `undefined` for one that is too large. */
async function readBody(incoming: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size <= BODY_BYTES_MAX) chunks.push(bytes);
  }
  return size > BODY_BYTES_MAX ? undefined : Buffer.concat(chunks).toString('utf8');
}
