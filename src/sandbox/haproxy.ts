import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OperationError } from '../domain/errors.ts';
import { findProgram } from './child.ts';
import { freePort } from './free-port.ts';
import {
  type HaproxyConfig,
  haproxyConfig,
  type SandboxBackend,
  type SandboxServer,
} from './haproxy-config.ts';
import { startMaster, startSingle } from './haproxy-process.ts';

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
  readonly reuse?: SandboxBackend['reuse'];
  /** `/health` when absent; `false` for servers without a check. */
  readonly checkPath?: string | false;
  readonly checkEveryMs?: number;
  /** Adds a second socket of level operator, which may read but not change. */
  readonly operatorSocket?: boolean;
  readonly moreBackends?: readonly SandboxBackend[];
  /** Runs a master with workers, and the master's socket. */
  readonly master?: boolean;
  /** Takes the state of its servers from a file when it starts; whoever wants it to be there writes it. */
  readonly stateFile?: boolean;
}

/** A real HAProxy, started for the demo or a test. */
export interface SandboxHaproxy {
  readonly name: string;
  readonly socket: string;
  /** Present when it was asked for. */
  readonly operatorSocket?: string;
  /** Present when it was asked for. */
  readonly masterSocket?: string;
  /** Present when it was asked for. */
  readonly stateFile?: string;
  readonly frontPort: number;
  readonly frontUrl: string;
  /** Of the process that serves now. */
  pid(): number;
  /** Replaces the process; what was set at run time is forgotten. Resolves when the new one answers. */
  reload(): Promise<void>;
  isUp(): boolean;
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
  const masterSocket =
    settings.master === true ? join(directory, `${name}-master.sock`) : undefined;
  const stateFile = settings.stateFile === true ? join(directory, `${name}.state`) : undefined;
  const file = join(directory, `${name}.cfg`);
  const places = {
    frontPort,
    adminSocket: socket,
    ...(operatorSocket === undefined ? {} : { operatorSocket }),
    ...(stateFile === undefined ? {} : { stateFile }),
  };
  writeFileSync(file, configOf(settings, places), { mode: 0o600 });

  rmSync(socket, { force: true });
  const place = { program, directory, file, socket, name };
  const processes =
    masterSocket === undefined ? await startSingle(place) : await startMaster(place, masterSocket);
  return {
    name,
    socket,
    ...(operatorSocket === undefined ? {} : { operatorSocket }),
    ...(masterSocket === undefined ? {} : { masterSocket }),
    ...(stateFile === undefined ? {} : { stateFile }),
    frontPort,
    frontUrl: `http://127.0.0.1:${frontPort}`,
    pid: processes.pid,
    reload: processes.reload,
    isUp: processes.isUp,
    freeze: () => {
      processes.signal('SIGSTOP');
      untilStopped(processes.pid());
    },
    thaw: () => processes.signal('SIGCONT'),
    stop: processes.stop,
  };
}

function configOf(
  settings: SandboxHaproxySettings,
  places: Pick<HaproxyConfig, 'frontPort' | 'adminSocket' | 'operatorSocket' | 'stateFile'>,
): string {
  const checkPath = settings.checkPath ?? '/health';
  const main: SandboxBackend = {
    name: settings.backend,
    servers: settings.servers,
    ...(settings.balance === undefined ? {} : { balance: settings.balance }),
    ...(settings.reuse === undefined ? {} : { reuse: settings.reuse }),
    ...(settings.cookie === undefined ? {} : { cookie: settings.cookie }),
    ...(checkPath === false ? {} : { checkPath }),
  };
  return haproxyConfig({
    node: settings.name,
    ...places,
    backends: [main, ...(settings.moreBackends ?? [])],
    checkEveryMs: settings.checkEveryMs ?? 500,
  });
}

const FREEZE_MS_MAX = 1_000;

/** A signal is delivered when the kernel comes to it; until then the process may still answer. Needs Linux's /proc. */
function untilStopped(pid: number): void {
  const giveUp = performance.now() + FREEZE_MS_MAX;
  while (performance.now() < giveUp) {
    try {
      const tasks = readdirSync(`/proc/${pid}/task`);
      const isStopped = (task: string) =>
        /\) T /.test(readFileSync(`/proc/${pid}/task/${task}/stat`, 'utf8'));
      if (tasks.every(isStopped)) return;
    } catch {
      return;
    }
  }
}
