import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { redaction } from './redact.ts';

const readyWithinDefaultMs = 2_000;
const requestWithinMs = 5_000;

export interface HealthOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** False, or a reason, when the process should be restarted. */
  readonly live: () => boolean | string;
  /** Reasons why no work should be given to it now; empty when it is ready. */
  readonly ready: () => Promise<readonly string[]>;
  /** A slower readiness check counts as not ready. 2 s when absent. */
  readonly readyWithinMs?: number;
  /** What /metrics shows; without it there is no such page. */
  readonly scrape?: () => Promise<{ readonly contentType: string; readonly text: string }>;
}

export interface HealthServer {
  readonly port: number;
  close(): Promise<void>;
}

/** The health server cannot listen. The message is one line a person can act on. */
export class ListenError extends Error {
  constructor(message: string, options: { cause: unknown }) {
    super(message, options);
    this.name = 'ListenError';
  }
}

interface Report {
  readonly ok: boolean;
  readonly reasons: readonly string[];
}

/** Serves /healthz and /readyz: 200 or 503, as JSON with the reasons; and /metrics as text. Throws ListenError. */
export async function startHealthServer(options: HealthOptions): Promise<HealthServer> {
  const readyWithinMs = options.readyWithinMs ?? readyWithinDefaultMs;
  const ready = shared(() => within(options.ready, readyWithinMs));
  const scrape = options.scrape === undefined ? undefined : shared(options.scrape);
  const pages = ['/healthz', '/readyz', ...(scrape === undefined ? [] : ['/metrics'])];
  const server = createServer({ requestTimeout: requestWithinMs }, (request, response) => {
    const path = request.url?.split('?', 1)[0] ?? '';
    if (!pages.includes(path)) {
      const reason = `There is ${pages.slice(0, -1).join(', ')} and ${pages.at(-1)}.`;
      send(request, response, 404, { ok: false, reasons: [reason] });
    } else if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      send(request, response, 405, { ok: false, reasons: ['Only GET and HEAD.'] });
    } else if (path === '/healthz') {
      report(request, response, livenessOf(options.live));
    } else if (path === '/readyz' || scrape === undefined) {
      void ready().then((reasons) =>
        report(request, response, { ok: reasons.length === 0, reasons }),
      );
    } else {
      scrape().then(
        ({ contentType, text }) => answer(request, response, 200, contentType, text),
        (thrown: unknown) => report(request, response, { ok: false, reasons: [textOf(thrown)] }),
      );
    }
  });
  await listen(server, options);
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : options.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function livenessOf(live: () => boolean | string): Report {
  try {
    const state = live();
    if (state === true) return { ok: true, reasons: [] };
    return { ok: false, reasons: [state === false ? 'not live' : state] };
  } catch (thrown) {
    return { ok: false, reasons: [textOf(thrown)] };
  }
}

/** Many probes at once ask once: a probe must not be the load that breaks Redis. */
function shared<T>(ask: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined;
  return () => {
    running ??= ask().finally(() => {
      running = undefined;
    });
    return running;
  };
}

/** The reasons; a check that fails or takes too long is one. Never rejects. */
async function within(
  check: () => Promise<readonly string[]>,
  ms: number,
): Promise<readonly string[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<readonly string[]>((resolve) => {
    timer = setTimeout(() => resolve([`the check took longer than ${ms / 1000} s`]), ms);
  });
  try {
    return await Promise.race([check(), late]);
  } catch (thrown) {
    return [textOf(thrown)];
  } finally {
    clearTimeout(timer);
  }
}

function textOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

function report(request: IncomingMessage, response: ServerResponse, state: Report): void {
  send(request, response, state.ok ? 200 : 503, state);
}

const redact = redaction();

function send(request: IncomingMessage, response: ServerResponse, status: number, state: Report) {
  const body = `${JSON.stringify({ ok: state.ok, reasons: state.reasons.map(redact.text) })}\n`;
  answer(request, response, status, 'application/json', body);
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  contentType: string,
  body: string,
): void {
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

function listen(server: Server, { host, port }: HealthOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    // Stays on: an error after listening (too many open files) must not end the process.
    server.on('error', (error: NodeJS.ErrnoException) => {
      const what = `Starting the health server on ${host} port ${port}`;
      reject(new ListenError(`${what}: ${whyNot(error)}`, { cause: error }));
    });
    server.listen(port, host, () => resolve());
  });
}

function whyNot(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return 'another program has this port. Set LB_HTTP_PORT to a free one; 0 takes any.';
    case 'EACCES':
      return 'this user may not listen there. Set LB_HTTP_PORT to 1024 or more.';
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return 'this machine has no such address. Set LB_HTTP_HOST to one it has, or 0.0.0.0.';
    default:
      return error.message;
  }
}
