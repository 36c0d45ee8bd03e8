import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { OperationError } from '../domain/errors.ts';

const HOST = '127.0.0.1';
const SLOW_MS_MAX = 60_000;
const BIG_BYTES_MAX = 64 * 1024 * 1024;
const LOGGED_PATH_CHARS_MAX = 200;

/** One request that a member answered; health checks are not traffic and never appear here. */
export interface MemberRequest {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly member: string;
  readonly method: string;
  readonly path: string;
  /** 499 when the client went away before the end of the answer. */
  readonly status: number;
}

export interface SandboxMember {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly logPath: string;
}

export interface SandboxMembers {
  readonly members: readonly SandboxMember[];
  /** Calls the listener for every request; returns the way to stop that. */
  subscribe(listener: (request: MemberRequest) => void): () => void;
  /** Makes `/health` answer 503, or 200 again. */
  setHealthy(name: string, healthy: boolean): void;
  /** Stops listening and cuts open connections, as a crash would. */
  stop(name: string): Promise<void>;
  /** Listens again on the same port. */
  start(name: string): Promise<void>;
  isUp(name: string): boolean;
  close(): Promise<void>;
}

interface Running {
  readonly member: SandboxMember;
  readonly server: Server;
  healthy: boolean;
}

/**
 * Small web servers that stand for the members of a pool, each with an access log in `directory`:
 * `/` says who answers, `/slow?ms=`, `/big?bytes=`, `/login` (sets JSESSIONID), `/health`.
 */
export async function startMembers(settings: {
  readonly names: readonly string[];
  readonly directory: string;
}): Promise<SandboxMembers> {
  mkdirSync(settings.directory, { recursive: true });
  const listeners = new Set<(request: MemberRequest) => void>();
  const running = new Map<string, Running>();
  const logs: number[] = [];

  for (const name of settings.names) {
    const logPath = join(settings.directory, `${name}.access.log`);
    const log = openSync(logPath, 'a');
    logs.push(log);
    const server = createServer((request, response) => {
      const path = (request.url ?? '/').slice(0, LOGGED_PATH_CHARS_MAX);
      if (path !== '/health') {
        response.once('close', () => {
          const entry: MemberRequest = {
            at: Date.now(),
            member: name,
            method: request.method ?? '',
            path,
            status: response.writableFinished ? response.statusCode : 499,
          };
          if (logs.length > 0) writeSync(log, `${logLine(entry)}\n`);
          for (const listener of listeners) listener(entry);
        });
      }
      answer(name, running.get(name)?.healthy ?? false, request, response);
    });
    const port = await listen(server, 0);
    running.set(name, { member: { name, address: HOST, port, logPath }, server, healthy: true });
  }

  const find = (name: string): Running => {
    const found = running.get(name);
    if (found !== undefined) return found;
    throw new OperationError('NO_SUCH_MEMBER', `There is no sandbox member ${name}.`);
  };
  const stop = async (name: string) => {
    const { server } = find(name);
    if (!server.listening) return;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  };
  return {
    members: [...running.values()].map(({ member }) => member),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    setHealthy(name, healthy) {
      find(name).healthy = healthy;
    },
    stop,
    async start(name) {
      const { server, member } = find(name);
      if (!server.listening) await listen(server, member.port);
    },
    isUp: (name) => find(name).server.listening,
    async close() {
      await Promise.all([...running.keys()].map(stop));
      for (const log of logs.splice(0)) closeSync(log);
    },
  };
}

/** Time, member, method, path, status; one space between them. */
function logLine(entry: MemberRequest): string {
  const time = new Date(entry.at).toISOString();
  return `${time} ${entry.member} ${entry.method} ${entry.path} ${entry.status}`;
}

function answer(
  name: string,
  healthy: boolean,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  request.resume();
  response.setHeader('x-member', name);
  const base = `http://${HOST}`;
  if (!URL.canParse(request.url ?? '/', base)) {
    response.writeHead(400).end();
    return;
  }
  const url = new URL(request.url ?? '/', base);
  switch (url.pathname) {
    case '/health':
      response.writeHead(healthy ? 200 : 503).end();
      return;
    case '/login':
      response.setHeader('set-cookie', `JSESSIONID=${randomBytes(8).toString('hex')}; Path=/`);
      response.end(`${name}\n`);
      return;
    case '/slow': {
      const timer = setTimeout(() => response.end(`${name}\n`), amount(url, 'ms', SLOW_MS_MAX));
      response.once('close', () => clearTimeout(timer));
      return;
    }
    case '/big':
      response.end(Buffer.alloc(amount(url, 'bytes', BIG_BYTES_MAX), 'x'));
      return;
    default:
      response.end(`${name}\n`);
  }
}

/** A number of the query, 0 when it is none, at most `max`. */
function amount(url: URL, key: string, max: number): number {
  const value = Number(url.searchParams.get(key) ?? '0');
  return Number.isFinite(value) ? Math.min(Math.max(0, Math.trunc(value)), max) : 0;
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, () => {
      server.removeListener('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}
