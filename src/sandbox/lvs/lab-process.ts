import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { z } from 'zod';

const exec = promisify(execFile);
const UP_MS_MAX = 90_000;
const DOWN_MS_MAX = 10_000;
const ANSWER_MS_MAX = 15_000;
const OUTPUT_CHARS_MAX = 8_000;

const path = z.string().startsWith('/');
const director = z.object({
  name: z.string(),
  /** In the lab; from here it is host and port. */
  address: z.string(),
  host: z.string(),
  port: z.number(),
  keyFile: path,
  /** An ssh connection of root's that others may share, while it is there. */
  openLogin: path,
  /** Of its host key, `SHA256:…`. */
  fingerprint: z.string(),
});

const readyLine = z.object({
  vip: z.string(),
  /** The VIP, asked by one client, always the same. */
  url: z.url(),
  /** A socket file that leads to the VIP; each connection is another client. */
  clients: path,
  directors: z.array(director).min(1),
  realServers: z.array(z.object({ address: z.string(), log: path })),
});

export type LabDirector = z.output<typeof director>;

export interface LvsLab extends z.output<typeof readyLine> {
  /** What a command prints on a director; it is root's there. Throws where it does not end with 0. */
  ask(director: LabDirector, command: string): Promise<string>;
  /** Everything of it is gone when this resolves. */
  stop(): Promise<void>;
}

/** Thrown when the lab did not come up; the message says what is missing. */
export class NoLab extends Error {}

/** Starts the lab, a Node.js program of its own that ends with this process. `environment` must have a PATH. */
export async function startLvsLab(
  program: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<LvsLab> {
  const child = spawn(process.execPath, [program], {
    env: { PATH: environment.PATH, TMPDIR: environment.TMPDIR, LC_ALL: 'C' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString('utf8')).slice(-OUTPUT_CHARS_MAX);
  });
  const gone = once(child, 'close');
  // Its standard input ends with this process, and that ends it; nothing is ever written there.
  child.stdin.on('error', () => undefined);
  const stop = async () => {
    child.stdin.end();
    const timer = setTimeout(() => child.kill('SIGKILL'), DOWN_MS_MAX);
    await gone.catch(() => undefined);
    clearTimeout(timer);
  };
  let timer: NodeJS.Timeout | undefined;
  const line = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line').then(([text]) => String(text)),
    gone.then(
      () => undefined,
      () => undefined,
    ),
    new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, UP_MS_MAX, undefined);
    }),
  ]);
  clearTimeout(timer);
  if (line === undefined) {
    await stop();
    throw new NoLab(said.trim() || `The lab was not up within ${UP_MS_MAX / 1000} s.`);
  }
  return { ...readyLine.parse(JSON.parse(line)), ask: askByShell, stop };
}

const SSH_OPTIONS = [
  'BatchMode=yes',
  // The lab made the key and the host a moment ago, on this machine.
  'StrictHostKeyChecking=no',
  'UserKnownHostsFile=/dev/null',
  'LogLevel=ERROR',
  'ConnectTimeout=5',
].flatMap((option) => ['-o', option]);

async function askByShell(
  { host, port, keyFile, openLogin }: LabDirector,
  command: string,
): Promise<string> {
  const shared = ['-o', `ControlPath=${openLogin}`];
  const words = [
    ...SSH_OPTIONS,
    ...shared,
    '-i',
    keyFile,
    '-p',
    String(port),
    `root@${host}`,
    command,
  ];
  const { stdout } = await exec('ssh', words, { timeout: ANSWER_MS_MAX });
  return stdout;
}
