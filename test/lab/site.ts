import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CLIENT, DIRECTORS, NET, REAL_SERVERS, VIP, VIP6 } from './places.ts';
import { until } from './until.ts';

const exec = promisify(execFile);
const OUTPUT_BYTES_MAX = 16 * 1024 * 1024;
const SITE_MS_MAX = 20_000;

const CAP_SYS_ADMIN = 1n << 21n;

const SCRIPTS = [
  ...['site.sh', 'director.sh', 'director-reset.sh'],
  ...['real-server.mjs', 'relay.mjs', 'probe.mjs'],
  ...['web-pair.sh', 'web-node.sh', 'web-sshd.sh', 'web-server.mjs'],
];

/** The namespaces of the lab; the process number is that of their PID 1, on this machine. */
export interface Site {
  readonly directory: string;
  readonly pid: number;
  readonly isRoot: boolean;
}

/**
 * Makes the namespaces. All processes of the lab are in one pid namespace, which dies with the process that calls
 * this, whatever that process dies of: nothing can be left over on the machine but the folder.
 */
export async function startSite(
  directory: string,
  source: string,
): Promise<{ readonly site: Site; readonly child: ChildProcess }> {
  for (const name of SCRIPTS) {
    copyFileSync(join(source, name), join(directory, name));
    chmodSync(join(directory, name), 0o755);
  }
  mkdirSync(join(directory, 'bin'));
  copyFileSync('/usr/bin/mount', join(directory, 'bin', 'mount'));
  const isRoot = mayMakeNamespaces();
  const words = [
    ...['setpriv', '--pdeathsig', 'KILL', '--', 'unshare'],
    ...(isRoot ? [] : ['--user', '--map-root-user']),
    ...['--mount', '--net', '--pid', '--fork', '--kill-child=KILL', '--mount-proc'],
    ...['sh', join(directory, 'site.sh'), directory, NET, VIP, VIP6],
    ...[REAL_SERVERS.join(' '), String(CLIENT)],
    Object.entries(DIRECTORS)
      .map(([name, last]) => `${name}:${last}`)
      .join(' '),
    process.execPath,
  ];
  const [program = '', ...args] = words;
  const child = spawn(program, args, { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString('utf8')).slice(-4_000);
    });
  }
  const gone = once(child, 'close').then(() => {
    const why = output.trim().split('\n').at(-1);
    throw new Error(
      /^unshare: /m.test(output)
        ? `The lab needs namespaces of its own, and this machine lets neither root nor an ordinary user make them (${why}); npm test -- --no-lab leaves the lab out.`
        : `The lab's namespaces ended: ${output.trim()}`,
    );
  });
  gone.catch(() => {});
  await Promise.race([
    gone,
    until('the namespaces of the lab', SITE_MS_MAX, () =>
      existsSync(join(directory, 'site-ready')),
    ),
  ]);
  const pid = firstChildOf(child.pid ?? 0);
  return { site: { directory, pid, isRoot }, child };
}

/** Root may not always: in many containers it has lost the right, and is as good as anybody else. */
function mayMakeNamespaces(): boolean {
  const status = readFileSync('/proc/self/status', 'utf8');
  const rights = BigInt(`0x${/^CapEff:\s+(\w+)$/m.exec(status)?.[1] ?? '0'}`);
  return process.getuid?.() === 0 && (rights & CAP_SYS_ADMIN) !== 0n;
}

/** `unshare` forks; its child is PID 1 inside. */
function firstChildOf(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  const child = Number(children[0]);
  if (!Number.isInteger(child) || child <= 0) throw new Error('The lab has no first process.');
  return child;
}

/** The words that run a program inside the lab; in the namespace of one host when that is named. */
export function insideWords(
  site: Site,
  words: readonly string[],
  host?: string,
): readonly string[] {
  return [
    'nsenter',
    ...['--target', String(site.pid), '--mount', '--net', '--pid'],
    ...(site.isRoot ? [] : ['--user', '--preserve-credentials']),
    '--',
    ...(host === undefined ? [] : ['ip', 'netns', 'exec', host]),
    ...words,
  ];
}

/** As of timeout(1). */
const TIMED_OUT = 124;

interface Killed {
  readonly code: unknown;
  readonly killed: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program inside the lab to its end; never throws because of its exit code, which is 124 after `msMax`. */
export async function runInside(
  site: Site,
  host: string | undefined,
  words: readonly string[],
  msMax = 10_000,
): Promise<Ran> {
  const [program = '', ...args] = insideWords(site, words, host);
  try {
    const { stdout, stderr } = await exec(program, args, {
      timeout: msMax,
      maxBuffer: OUTPUT_BYTES_MAX,
    });
    return { code: 0, stdout, stderr };
  } catch (thrown) {
    const { code, stdout = '', stderr = '', killed } = thrown as Partial<Killed>;
    if (killed === true)
      return { code: TIMED_OUT, stdout, stderr: `${stderr}\n${program}: over time` };
    if (typeof code !== 'number') throw thrown;
    return { code, stdout, stderr };
  }
}
