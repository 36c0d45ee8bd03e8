import { connect } from 'node:net';
import { OperationError } from '../domain/errors.ts';
import { type Child, startChild } from './child.ts';

const START_MS_MAX = 10_000;
const STOP_MS_MAX = 2_000;
const POLL_MS = 10;

export interface ProcessPlace {
  readonly program: string;
  readonly directory: string;
  /** Of the configuration. */
  readonly file: string;
  /** The stats socket, by which the process is known to answer. */
  readonly socket: string;
  /** For messages. */
  readonly name: string;
}

/** The processes of one HAProxy: the one that serves, and those that end what they began before a reload. */
export interface HaproxyProcesses {
  /** Of the process that serves now. */
  pid(): number;
  reload(): Promise<void>;
  /** Until the process that serves now, or its master, has ended. */
  isUp(): boolean;
  /** To the process that serves now. */
  signal(name: 'SIGSTOP' | 'SIGCONT'): void;
  stop(): Promise<void>;
}

/** One process; a reload starts another one, which asks the old one to leave. */
export async function startSingle(place: ProcessPlace): Promise<HaproxyProcesses> {
  const ended = new WeakSet<Child>();
  const start = async (args: readonly string[]): Promise<Child> => {
    const { program, file, directory } = place;
    const child = startChild(program, ['-db', '-f', file, ...args], directory);
    void child.gone.then(() => ended.add(child));
    try {
      await answering(child, place, (pid) => pid === child.pid);
    } catch (error) {
      await end(child, 'SIGKILL');
      throw error;
    }
    return child;
  };
  let current = await start([]);
  const former = new Set<Child>();
  return {
    pid: () => current.pid,
    async reload() {
      const old = current;
      // One that was killed has no sockets to hand over.
      current = await start(ended.has(old) ? [] : ['-x', place.socket, '-sf', String(old.pid)]);
      former.add(old);
      void old.gone.then(() => former.delete(old));
    },
    isUp: () => current.alive(),
    signal: (name) => current.signal(name),
    async stop() {
      await Promise.all([current, ...former].map((child) => end(child, 'SIGTERM')));
    },
  };
}

/** A master with workers, as a service manager runs it; the master stays over a reload and knows every worker. */
export async function startMaster(
  place: ProcessPlace,
  masterSocket: string,
): Promise<HaproxyProcesses> {
  const { program, file, directory } = place;
  const args = ['-W', '-db', '-S', `${masterSocket},mode,600`, '-f', file];
  const master = startChild(program, args, directory);
  /** A signal that reaches the master before it listens itself is lost. */
  const serving = async (isRight: (pid: number) => boolean): Promise<number> => {
    const pid = await answering(master, place, isRight);
    const isListed = async () => workersOf(await reply(masterSocket, 'show proc')).includes(pid);
    await until(isListed, master, place);
    return pid;
  };
  let worker: number;
  try {
    worker = await serving(() => true);
  } catch (error) {
    await end(master, 'SIGKILL');
    throw error;
  }
  const signal = (name: 'SIGSTOP' | 'SIGCONT') => {
    try {
      process.kill(worker, name);
    } catch {
      // It has ended.
    }
  };
  return {
    pid: () => worker,
    async reload() {
      const old = worker;
      master.signal('SIGUSR2');
      worker = await serving((pid) => pid !== old);
    },
    isUp: () => master.alive(),
    signal,
    async stop() {
      signal('SIGCONT');
      await end(master, 'SIGTERM');
    },
  };
}

/** Waits until the right process answers on the socket, an older one may still do so meanwhile; returns its id. */
async function answering(
  child: Child,
  place: ProcessPlace,
  isRight: (pid: number) => boolean,
): Promise<number> {
  let found = 0;
  const isThere = async () => {
    const pid = /^Pid: (\d+)$/m.exec(await reply(place.socket, 'show info'))?.[1];
    found = Number(pid);
    return pid !== undefined && isRight(found);
  };
  await until(isThere, child, place);
  return found;
}

async function until(
  isSo: () => Promise<boolean>,
  child: Child,
  { name }: ProcessPlace,
): Promise<void> {
  const giveUpMs = performance.now() + START_MS_MAX;
  while (performance.now() < giveUpMs && child.alive()) {
    if (await isSo()) return;
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

/** What is answered to a command; empty when nobody is there. */
function reply(socket: string, command: string): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const connection = connect({ path: socket });
    connection.setTimeout(1_000, () => connection.destroy());
    connection.on('connect', () => connection.end(`${command}\n`));
    connection.on('data', (chunk) => {
      text += chunk.toString('utf8');
    });
    connection.on('error', () => resolve(''));
    connection.on('close', () => resolve(text));
  });
}

/** The first column of `show proc`. */
function workersOf(processes: string): readonly number[] {
  return [...processes.matchAll(/^(\d+)\s+worker\s/gm)].map(([, pid]) => Number(pid));
}

async function end(child: Child, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  child.signal(signal);
  child.signal('SIGCONT');
  const timer = setTimeout(() => child.signal('SIGKILL'), STOP_MS_MAX);
  await child.gone;
  clearTimeout(timer);
}
