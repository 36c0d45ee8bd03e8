import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

const EXECUTABLE = resolve(import.meta.dirname, '../../dist/bin/lb.js');

/** A process of the real executable, as an operator starts it. */
export interface LbProcess {
  readonly child: ChildProcess;
  output(): string;
  /** What it said to the person who started it; the log goes elsewhere. */
  errors(): string;
  kill(signal: NodeJS.Signals): void;
  /** Resolves with the exit code, or null after a signal. */
  readonly exited: Promise<number | null>;
}

export function startLb(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): LbProcess {
  if (!existsSync(EXECUTABLE)) throw new Error('dist/bin/lb.js is missing: run `npm run build`.');
  const child = spawn(process.execPath, [EXECUTABLE, ...args], {
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stderr?.on('data', (text: string) => {
    errors += text;
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8');
    stream?.on('data', (text: string) => {
      output += text;
    });
  }
  const exited = new Promise<number | null>((done) => child.once('exit', (code) => done(code)));
  return {
    child,
    output: () => output,
    errors: () => errors,
    kill: (signal) => void child.kill(signal),
    exited,
  };
}

/** A worker that is ready to take jobs. */
export async function startWorker(
  environment: Readonly<Record<string, string>>,
): Promise<LbProcess> {
  const worker = startLb(['serve', '--role', 'worker'], environment);
  const until = Date.now() + 40_000;
  while (!worker.output().includes('"Serving"')) {
    if (worker.child.exitCode !== null || Date.now() > until) {
      throw new Error(`The worker did not start: ${worker.output()}`);
    }
    await new Promise((done) => setTimeout(done, 25));
  }
  return worker;
}
