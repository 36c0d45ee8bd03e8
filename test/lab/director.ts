import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { SshHost } from '../../src/domain/inventory.ts';
import { addressOf } from './director-files.ts';
import { fingerprintOf } from './keys.ts';
import { CLIENT, DIRECTORS, type DirectorName, NET, VIP } from './places.ts';
import { insideWords, type Ran, runInside, type Site } from './site.ts';
import { until } from './until.ts';

const BOOT_MS_MAX = 60_000;
const MEMORY = '96M';

/** Who can log in: root, and users with ever fewer rights (see director.sh). */
export type DirectorUser = 'root' | 'ops' | 'helper' | 'reader' | 'stranger';

/** One LVS director: a machine with a kernel of its own. */
export interface Director {
  readonly name: DirectorName;
  readonly address: string;
  /** How it is reached from outside of the lab. */
  ssh(user: DirectorUser): SshHost;
  /** As root, by the machine's own ssh client: the second reader. */
  run(command: string, msMax?: number): Promise<Ran>;
  /** What `run` printed; throws unless it ended with 0. */
  ask(command: string): Promise<string>;
  isOn(): boolean;
  /** Stops it in its tracks. */
  freeze(): void;
  thaw(): void;
  /** Power failure: every process of the machine at once. */
  kill(): Promise<void>;
  /** Boots it again; resolves when ssh answers. */
  boot(): Promise<void>;
  console(): string;
}

export function directorOf(
  site: Site,
  name: DirectorName,
  ports: ReadonlyMap<string, number>,
): Director {
  const { directory } = site;
  const address = addressOf(name);
  const keyFile = join(directory, 'key');
  const consoleFile = join(directory, `${name}.console`);
  const umlFolder = join(directory, 'uml', name);
  const login = join(directory, `${name}.ssh`);
  const fingerprint = fingerprintOf(join(directory, name, 'ssh_host_ed25519_key.pub'));

  const run = (command: string, msMax = 15_000): Promise<Ran> =>
    runInside(
      site,
      'client',
      [
        'ssh',
        ...SSH_OPTIONS,
        '-o',
        `ControlPath=${login}`,
        '-i',
        keyFile,
        `root@${address}`,
        command,
      ],
      msMax,
    );

  /** The login that `run` shares may be one to a machine that is no more. */
  const forgetLogin = () =>
    runInside(site, undefined, ['ssh', '-q', '-O', 'exit', '-o', `ControlPath=${login}`, name]);

  /** The machine's first process, as this side numbers it: a child of the lab's PID 1, or undefined. */
  const findMain = (): number | undefined =>
    childrenOf(site.pid).find((pid) => commandLineOf(pid).includes(`umid=${name}`));
  const mainPid = (): number => {
    const pid = findMain();
    if (pid === undefined) throw new Error(`The machine of ${name} is off.`);
    return pid;
  };

  const start = () => {
    rmSync(umlFolder, { recursive: true, force: true });
    mkdirSync(umlFolder, { recursive: true });
    const log = openSync(consoleFile, 'w');
    const words = [
      // The shell leaves it to the lab's PID 1, which buries it when it is dead.
      ...['sh', '-c', '"$0" "$@" &'],
      'linux.uml',
      `mem=${MEMORY}`,
      `umid=${name}`,
      `uml_dir=${umlFolder}/`,
      ...['root=/dev/root', 'rootfstype=hostfs', 'rootflags=/', 'ro'],
      `init=${join(directory, 'director.sh')}`,
      `role=${name}`,
      `addr=${address}`,
      `lab=${directory}`,
      `client=${NET}.${CLIENT}`,
      `vip=${VIP}`,
      ...['con=null', 'con0=null,fd:1', 'quiet'],
      `vec0:transport=raw,ifname=m${name},mac=02:64:00:00:00:0${DIRECTORS[name]}`,
    ];
    const [program = '', ...args] = insideWords(site, words);
    const child = spawn(program, args, {
      cwd: directory,
      stdio: ['ignore', log, log],
    });
    child.on('error', () => {});
    closeSync(log);
  };

  return {
    name,
    address,
    ssh: (user) => ({
      user,
      host: '127.0.0.1',
      port: ports.get(name) ?? 0,
      login: { keyFile },
      proof: { fingerprint },
    }),
    run,
    async ask(command) {
      const { code, stdout, stderr } = await run(command);
      if (code !== 0) throw new Error(`${command} on ${name} ended with ${code}: ${stderr.trim()}`);
      return stdout;
    },
    isOn: () => findMain() !== undefined,
    freeze: () => process.kill(mainPid(), 'SIGSTOP'),
    thaw: () => process.kill(mainPid(), 'SIGCONT'),
    async kill() {
      const main = mainPid();
      for (const pid of [main, ...descendantsOf(main)]) killIfThere(pid);
      // Its other processes bear the same words and end a moment later.
      await until(`the end of ${name}`, 5_000, () => !isThere(main) && findMain() === undefined);
    },
    async boot() {
      await forgetLogin();
      start();
      await until(`the machine of ${name}`, 5_000, () => findMain() !== undefined);
      try {
        await until(`ssh on ${name}`, BOOT_MS_MAX, async () => {
          const { code } = await run('ip -4 -o addr show eth0 && pidof keepalived', 5_000);
          return code === 0;
        });
      } catch (thrown) {
        throw new Error(`${(thrown as Error).message}\n${readFileSync(consoleFile, 'utf8')}`);
      }
    },
    console: () => readFileSync(consoleFile, 'utf8'),
  };
}

const SSH_OPTIONS = [
  'BatchMode=yes',
  'StrictHostKeyChecking=no',
  'UserKnownHostsFile=/dev/null',
  'LogLevel=ERROR',
  'ConnectTimeout=2',
  // One login for all: a login costs the director half a second.
  'ControlMaster=auto',
  'ControlPersist=600',
  'ServerAliveInterval=1',
  'ServerAliveCountMax=2',
].flatMap((option) => ['-o', option]);

function commandLineOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

function childrenOf(pid: number): readonly number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return text === '' ? [] : text.split(' ').map(Number);
  } catch {
    return [];
  }
}

function descendantsOf(pid: number): readonly number[] {
  return childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)]);
}

function isThere(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}
