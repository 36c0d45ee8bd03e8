import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { OperationError } from '../domain/errors.ts';
import { type Child, findProgram, startChild } from './child.ts';
import { haproxyConfig, type SandboxBackend, type SandboxServer } from './haproxy-config.ts';

const START_MS_MAX = 10_000;
const STOP_MS_MAX = 2_000;
const POLL_MS = 10;

export interface SandboxHaproxySettings {
  /** Full path of the program; looked for when absent. */
  readonly binary?: string;
  /** Like $PATH; the usual places are searched anyway. */
  readonly searchPath?: string;
  /** Holds the configuration and the sockets. Keep it short: a socket path has at most 107 bytes. */
  readonly directory: string;
  /** Name of the node, also of its files. */
  readonly name: string;
  /** Port of the front on 127.0.0.1; a free one when absent. */
  readonly frontPort?: number;
  /** Name of the backend behind the front. */
  readonly backend: string;
  readonly servers: readonly SandboxServer[];
  /** Cookie to prefix, for instance `JSESSIONID`; without one, clients do not stick. */
  readonly cookie?: string;
  readonly balance?: string;
  /** `/health` when absent; `false` for servers without a check. */
  readonly checkPath?: string | false;
  readonly checkEveryMs?: number;
  /** Adds a second socket of level operator, which may read but not change. */
  readonly operatorSocket?: boolean;
  readonly moreBackends?: readonly SandboxBackend[];
}

/** A real HAProxy, started for the demo or a test. */
export interface SandboxHaproxy {
  readonly name: string;
  readonly socket: string;
  /** Present when it was asked for. */
  readonly operatorSocket?: string;
  readonly frontPort: number;
  readonly frontUrl: string;
  /** Of the process that serves now. */
  pid(): number;
  /** Replaces the process; what was set at run time is forgotten. Resolves when the new one answers. */
  reload(): Promise<void>;
  /** Stops the process in its tracks (SIGSTOP): connections are accepted, nothing is answered. */
  freeze(): void;
  thaw(): void;
  /** Ends every process of this HAProxy; may be called twice. */
  stop(): Promise<void>;
}

/** Starts HAProxy and resolves when its socket answers. Throws UNSUPPORTED when it is not installed or cannot start. */
export async function startHaproxy(settings: SandboxHaproxySettings): Promise<SandboxHaproxy> {
  const program = settings.binary ?? findProgram('haproxy', settings.searchPath);
  if (program === undefined || !existsSync(program)) {
    throw new OperationError(
      'UNSUPPORTED',
      'Starting HAProxy: there is no program "haproxy". Install the Debian package haproxy (apt-get install haproxy).',
    );
  }
  const { name, directory } = settings;
  mkdirSync(directory, { recursive: true });
  const frontPort = settings.frontPort ?? (await freePort());
  const socket = join(directory, `${name}.sock`);
  const operatorSocket =
    settings.operatorSocket === true ? join(directory, `${name}-operator.sock`) : undefined;
  const file = join(directory, `${name}.cfg`);
  writeFileSync(file, configOf(settings, frontPort, socket, operatorSocket), { mode: 0o600 });

  const start = async (args: readonly string[]): Promise<Child> => {
    const child = startChild(program, ['-db', '-f', file, ...args], directory);
    try {
      await answering(child, socket, name);
    } catch (error) {
      await end(child, 'SIGKILL');
      throw error;
    }
    return child;
  };

  rmSync(socket, { force: true });
  let current = await start([]);
  const former = new Set<Child>();
  return {
    name,
    socket,
    ...(operatorSocket === undefined ? {} : { operatorSocket }),
    frontPort,
    frontUrl: `http://127.0.0.1:${frontPort}`,
    pid: () => current.pid,
    async reload() {
      const old = current;
      current = await start(['-x', socket, '-sf', String(old.pid)]);
      former.add(old);
      void old.gone.then(() => former.delete(old));
    },
    freeze: () => current.signal('SIGSTOP'),
    thaw: () => current.signal('SIGCONT'),
    async stop() {
      await Promise.all([current, ...former].map((child) => end(child, 'SIGTERM')));
    },
  };
}

function configOf(
  settings: SandboxHaproxySettings,
  frontPort: number,
  adminSocket: string,
  operatorSocket: string | undefined,
): string {
  const checkPath = settings.checkPath ?? '/health';
  const main: SandboxBackend = {
    name: settings.backend,
    servers: settings.servers,
    ...(settings.balance === undefined ? {} : { balance: settings.balance }),
    ...(settings.cookie === undefined ? {} : { cookie: settings.cookie }),
    ...(checkPath === false ? {} : { checkPath }),
  };
  return haproxyConfig({
    node: settings.name,
    frontPort,
    adminSocket,
    ...(operatorSocket === undefined ? {} : { operatorSocket }),
    backends: [main, ...(settings.moreBackends ?? [])],
    checkEveryMs: settings.checkEveryMs ?? 500,
  });
}

/** Waits until the process with this pid answers on the socket: an older one may still do so meanwhile. */
async function answering(child: Child, socket: string, name: string): Promise<void> {
  const giveUpMs = performance.now() + START_MS_MAX;
  while (performance.now() < giveUpMs && child.alive()) {
    if ((await pidBehind(socket)) === child.pid) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  const alerts = child
    .output()
    .split('\n')
    .filter((line) => line.includes('[ALERT]'));
  const words = alerts.length > 0 ? alerts.join(' ') : child.output().trim();
  throw new OperationError(
    'UNSUPPORTED',
    `Starting HAProxy ${name}: ${words === '' ? 'it does not answer on its socket' : words}`,
  );
}

function pidBehind(socket: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    let reply = '';
    const connection = connect({ path: socket });
    connection.setTimeout(1_000, () => connection.destroy());
    connection.on('connect', () => connection.write('show info\n'));
    connection.on('data', (chunk) => {
      reply += chunk.toString('utf8');
    });
    connection.on('error', () => resolve(undefined));
    connection.on('close', () => {
      const pid = /^Pid: (\d+)$/m.exec(reply)?.[1];
      resolve(pid === undefined ? undefined : Number(pid));
    });
  });
}

async function end(child: Child, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  child.signal(signal);
  child.signal('SIGCONT');
  const timer = setTimeout(() => child.signal('SIGKILL'), STOP_MS_MAX);
  await child.gone;
  clearTimeout(timer);
}

/** A port of 127.0.0.1 that nobody listens on at this moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
