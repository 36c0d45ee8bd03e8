import { spawn } from 'node:child_process';

export interface Ended {
  /** `null` for one that was ended by a signal. */
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Running {
  readonly ended: Promise<Ended>;
  isOver(): boolean;
  /** Ends it and all that it started. */
  kill(): void;
}

/** Debian's Python, where Debian's packages are. */
export const PYTHON = '/usr/bin/python3';

/** Starts a program in a process group of its own, with its input closed. */
export function run(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Running {
  const child = spawn(command, args, {
    env: {
      PATH: process.env.PATH ?? '',
      HOME: process.env.HOME ?? '/tmp',
      LC_ALL: 'C.UTF-8',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let out = '';
  let err = '';
  let over = false;
  child.stdout.on('data', (bytes) => {
    out += bytes;
  });
  child.stderr.on('data', (bytes) => {
    err += bytes;
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      over = true;
      resolve({ code, out, err });
    });
  });
  return {
    ended,
    isOver: () => over,
    kill() {
      if (child.pid === undefined || over) return;
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It ended by itself in this moment.
      }
    },
  };
}
