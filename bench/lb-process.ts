import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { until } from './time.ts';

/** The executable that was compiled together with this file. */
export const EXECUTABLE = resolve(import.meta.dirname, '../src/bin/lb.js');

const START_WITHIN_MS = 20_000;

export type Environment = Readonly<Record<string, string>>;

/** A process of `lb serve` that is ready. */
export interface Serving {
  /** From the start of the process to the line that says it serves. */
  readonly startMs: number;
  /** Resident memory now, in megabytes of 10^6 bytes. */
  memoryMb(): number;
  /** Processor time used so far, in milliseconds, to 10 ms. */
  cpuMs(): number;
  /** At once: what it was measured on is thrown away with it. */
  stop(): Promise<void>;
}

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

function start(args: readonly string[], environment: Environment): ChildProcess {
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** Runs Node to its end; returns the wall time in milliseconds. Throws when it does not end with 0. */
export async function wallMs(
  args: readonly string[],
  environment: Environment = {},
): Promise<number> {
  const begun = performance.now();
  const child = start(args, environment);
  child.stdout?.resume();
  child.stderr?.resume();
  const code = await new Promise((done) => child.once('exit', done));
  const ms = performance.now() - begun;
  if (code !== 0) throw new Error(`node ${args.join(' ')} ended with ${String(code)}.`);
  return ms;
}

export const helpMs = () => wallMs([EXECUTABLE, '--help']);
export const bareNodeMs = () => wallMs(['-e', '0']);

/** Starts a process of Node and resolves when it printed `word`. */
export async function startUntil(
  args: readonly string[],
  environment: Environment,
  word: string,
): Promise<Serving> {
  const begun = performance.now();
  const child = start(args, environment);
  let output = '';
  let readyAt: number | undefined;
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8');
    stream?.on('data', (text: string) => {
      // The log of a long run is not kept.
      output = (output + text).slice(-20_000);
      if (readyAt === undefined && output.includes(word)) readyAt = performance.now();
    });
  }
  const gone = new Promise((done) => child.once('exit', done));
  const stop = async () => {
    child.kill('SIGKILL');
    await gone;
  };
  const at = await until(word, START_WITHIN_MS, () => {
    if (child.exitCode !== null) throw new Error('It ended before.');
    return readyAt;
  }).catch(async (cause: unknown) => {
    await stop();
    throw new Error(`node ${args.join(' ')} did not start: ${output}`, { cause });
  });
  return {
    startMs: at - begun,
    memoryMb: () => residentMb(child.pid ?? 0),
    cpuMs: () => usedMs(child.pid ?? 0),
    stop,
  };
}

export function startLb(args: readonly string[], environment: Environment): Promise<Serving> {
  return startUntil([EXECUTABLE, 'serve', ...args], environment, '"Serving"');
}

/** Linux counts it in hundredths of a second; elsewhere it is not known. */
function usedMs(pid: number): number {
  try {
    // The name of the program may have spaces; behind it the fields are plain.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return Number.NaN;
  }
}

/** Linux says it in kibibytes; elsewhere it is not known. */
function residentMb(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return (Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024) / 1e6;
  } catch {
    return Number.NaN;
  }
}
