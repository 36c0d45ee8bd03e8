import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { onTestFinished } from 'vitest';
import { z } from 'zod';

export const EXECUTABLE = resolve(import.meta.dirname, '../../dist/bin/lb.js');

/** What `lb demo --json` promises to print. */
export const readyLine = z.strictObject({
  page: z.url(),
  control: z.url(),
  haproxy: z
    .array(z.strictObject({ name: z.string(), socket: z.string(), front: z.url() }))
    .length(2),
  f5: z.strictObject({
    simulated: z.literal(true),
    units: z
      .array(
        z.strictObject({ name: z.string(), url: z.url(), role: z.enum(['active', 'standby']) }),
      )
      .length(2),
    control: z.url(),
    username: z.string(),
    password: z.string(),
    certificate: z.string().startsWith('-----BEGIN CERTIFICATE-----'),
  }),
  lvs: z
    .strictObject({
      vip: z.string(),
      front: z.url(),
      clients: z.string().startsWith('/'),
      directors: z
        .array(z.strictObject({ name: z.string(), address: z.string(), ssh: z.string() }))
        .length(2),
      realServers: z.array(z.strictObject({ name: z.string(), log: z.string() })).length(5),
    })
    .optional(),
  members: z.array(z.strictObject({ name: z.string(), log: z.string(), url: z.url() })).length(5),
  break: z.array(z.strictObject({ thing: z.string(), name: z.string(), effect: z.string() })),
  redis: z.string().startsWith('unix:///'),
  inventory: z.string().startsWith('/'),
  environment: z.record(z.string(), z.string()),
});

export interface LbProcess {
  readonly child: ChildProcess;
  readonly pid: number;
  out(): string;
  err(): string;
  readonly ended: Promise<number | null>;
  /** To the whole process group, as a terminal does at Ctrl-C. */
  interrupt(signal?: NodeJS.Signals): void;
  /** Resolves when standard output has this text. */
  printed(text: string, withinMs?: number): Promise<void>;
}

/** Environment of a child without what this shell may have set for lb itself. */
export function cleanEnvironment(more: Record<string, string> = {}): Record<string, string> {
  const kept = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'USER'].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(kept), ...more };
}

/** Starts `lb …` as built, in a process group of its own; whatever is left of it ends with the test. */
export function startLb(args: readonly string[], env = cleanEnvironment()): LbProcess {
  if (!existsSync(EXECUTABLE)) throw new Error(`There is no ${EXECUTABLE}: type npm run build.`);
  const started = startDetached(process.execPath, [EXECUTABLE, ...args], env);
  onTestFinished(async () => {
    started.interrupt('SIGKILL');
    await started.ended;
  });
  return started;
}

export function startDetached(
  program: string,
  args: readonly string[],
  env: Record<string, string>,
): LbProcess {
  const child = spawn(program, args, { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  child.stdout.on('data', (bytes: Buffer) => {
    out += bytes.toString('utf8');
  });
  child.stderr.on('data', (bytes: Buffer) => {
    err += bytes.toString('utf8');
  });
  const ended = new Promise<number | null>((done) => {
    child.once('close', (code) => done(code));
  });
  const pid = child.pid ?? 0;
  return {
    child,
    pid,
    out: () => out,
    err: () => err,
    ended,
    interrupt(signal = 'SIGINT') {
      try {
        process.kill(-pid, signal);
      } catch {
        // The group is gone already.
      }
    },
    async printed(text, withinMs = 20_000) {
      const until = Date.now() + withinMs;
      while (!out.includes(text)) {
        if (Date.now() > until || (child.exitCode !== null && !out.includes(text))) {
          throw new Error(`It did not print ${JSON.stringify(text)}:\n${out}\n${err}`);
        }
        await new Promise((wait) => setTimeout(wait, 20));
      }
    },
  };
}

export async function readyLineOf(
  lb: LbProcess,
  withinMs?: number,
): Promise<z.infer<typeof readyLine>> {
  await lb.printed('\n', withinMs);
  return readyLine.parse(JSON.parse(lb.out()));
}

/** Every process in this group, as the kernel lists them: pid and command line. */
export function processesOf(group: number): readonly { pid: number; args: readonly string[] }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        // After the name in brackets: state, parent, group.
        const [state, , of] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        if (Number(of) !== group || state === 'Z') return [];
        const args = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0').filter(Boolean);
        return [{ pid: Number(name), args }];
      } catch {
        return [];
      }
    });
}
