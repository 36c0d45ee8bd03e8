import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  constants,
  mkdirSync,
  openSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { NOTIFY_SCRIPT } from '../../../src/keepalived/notify/script.ts';

export interface Reader {
  readonly child: ChildProcess;
  /** What keepalived would write. */
  say(...lines: readonly string[]): void;
  /** As keepalived does when it stops: the FIFO is closed. Resolves when the reader is gone. */
  close(): Promise<void>;
  /** What it had to complain about. */
  said(): string;
}

/** The folders of a director: what is set up there, and what a boot clears. */
export function writeSettings(folder: string, url: string, token: string, ca?: string): void {
  mkdirSync(join(folder, 'etc'), { recursive: true });
  writeFileSync(join(folder, 'etc/url'), `${url}\n`);
  writeFileSync(join(folder, 'etc/header'), `Authorization: Bearer ${token}\n`, { mode: 0o600 });
  if (ca !== undefined) writeFileSync(join(folder, 'etc/ca.pem'), ca);
}

/** Runs the reader by one shell, as keepalived runs it: the FIFO is there, and open at keepalived's end. */
export function startReader(folder: string, shell: readonly string[]): Reader {
  const script = join(folder, 'lb-notify');
  writeFileSync(script, NOTIFY_SCRIPT);
  chmodSync(script, 0o755);
  const fifo = join(folder, `fifo-${process.hrtime.bigint()}`);
  execFileSync('mkfifo', ['-m', '600', fifo]);
  const end = openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK);
  const [program = '', ...words] = shell;
  const child = spawn(program, [...words, script, fifo], {
    env: {
      // Where there is no logger, it complains on its own output.
      PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
      LB_NOTIFY_ETC: join(folder, 'etc'),
      LB_NOTIFY_RUN: join(folder, 'run'),
      LB_NOTIFY_TICK: '0.3',
      LB_NOTIFY_BEAT: '1',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      output += chunk.toString('utf8');
    });
  }
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let isOpen = true;
  return {
    child,
    say(...lines) {
      for (const line of lines) writeSync(end, `${line}\n`);
    },
    async close() {
      if (isOpen) closeSync(end);
      isOpen = false;
      await gone;
    },
    said: () => output,
  };
}
