import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { SshHost } from '../../src/domain/inventory.ts';
import { freePort } from '../../src/sandbox/free-port.ts';

const PROGRAM = '/usr/sbin/sshd';

export interface SshdOptions {
  readonly directory: string;
  /** Further lines of sshd_config; the first word counts, so they come first. */
  readonly config?: readonly string[];
  /** Options in front of the key in authorized_keys, for instance `restrict,command="…"`. */
  readonly keyOptions?: string;
  /** Types of its host keys; known_hosts has the first one. */
  readonly hostKeyTypes?: readonly ('ed25519' | 'ecdsa' | 'rsa')[];
}

/** A real sshd of the user who runs the tests, on a port of the loopback interface. */
export interface StageSshd {
  readonly port: number;
  /** To log in with the right key and the right idea of the host key. */
  readonly host: SshHost;
  readonly user: string;
  readonly keyFile: string;
  /** A key that is not let in. */
  readonly strangerKeyFile: string;
  readonly knownHostsFile: string;
  /** Of the host key that known_hosts has, `SHA256:…`. */
  fingerprint(): string;
  /** Sessions that were let in since the start. */
  logins(): number;
  log(): string;
  /** Stops every process of it in its tracks. */
  freeze(): void;
  thaw(): void;
  /** Ends every connection, as a reboot would. */
  dropConnections(): void;
  /** Stops it, makes another host key, and starts it again on the same port. */
  changeHostKey(): Promise<void>;
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export async function startSshd(options: SshdOptions): Promise<StageSshd> {
  if (!existsSync(PROGRAM)) {
    throw new Error('There is no sshd: install the Debian package openssh-server.');
  }
  const { directory, hostKeyTypes = ['ed25519'] } = options;
  mkdirSync(directory, { recursive: true });
  // What the service makes before it starts sshd.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const at = (name: string) => join(directory, name);
  const user = userInfo().username;
  const port = await freePort();
  const logFile = at('log');

  const hostKeys = hostKeyTypes.map((type) => ({ type, file: at(`host_${type}`) }));
  const knownHostKey = hostKeys[0]?.file ?? '';
  for (const { type, file } of hostKeys) makeKey(file, type);
  makeKey(at('key'), 'ed25519');
  makeKey(at('stranger'), 'ed25519');
  const keyOptions = options.keyOptions === undefined ? '' : `${options.keyOptions} `;
  writeFileSync(at('authorized_keys'), `${keyOptions}${publicKey(at('key'))}\n`);
  writeFileSync(at('known_hosts'), `[127.0.0.1]:${port} ${publicKey(knownHostKey)}\n`);
  writeFileSync(
    at('sshd_config'),
    [
      ...(options.config ?? []),
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      ...hostKeys.map(({ file }) => `HostKey ${file}`),
      `AuthorizedKeysFile ${at('authorized_keys')}`,
      'PidFile none',
      'StrictModes no',
      'UsePAM no',
      'UseDNS no',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'PermitRootLogin prohibit-password',
      'PermitUserRC no',
      'LogLevel VERBOSE',
      // A home of nobody: the shell of the login must not read what the user of the tests keeps there.
      `SetEnv HOME=${directory} PATH=/usr/local/bin:/usr/bin:/bin`,
      '',
    ].join('\n'),
  );

  let child: ChildProcess | undefined;
  const start = async () => {
    child = spawn(PROGRAM, ['-D', '-E', logFile, '-f', at('sshd_config')], { stdio: 'ignore' });
    const giveUp = Date.now() + 5_000;
    while (!(await listens(port))) {
      if (Date.now() > giveUp || child.exitCode !== null) {
        throw new Error(`sshd does not start:\n${readFileSync(logFile, 'utf8')}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  const signal = (name: NodeJS.Signals, pids: readonly number[]) => {
    for (const pid of pids) {
      try {
        process.kill(pid, name);
      } catch {
        // It ended meanwhile.
      }
    }
  };
  const family = () => (child?.pid === undefined ? [] : [child.pid, ...descendants(child.pid)]);
  const kill = async () => {
    const running = child;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const gone = new Promise((resolve) => running.once('exit', resolve));
    signal('SIGKILL', family());
    await gone;
  };
  await start();
  const log = () => (existsSync(logFile) ? readFileSync(logFile, 'utf8') : '');

  return {
    port,
    user,
    host: {
      user,
      host: '127.0.0.1',
      port,
      login: { keyFile: at('key') },
      proof: { knownHostsFile: at('known_hosts') },
    },
    keyFile: at('key'),
    strangerKeyFile: at('stranger'),
    knownHostsFile: at('known_hosts'),
    fingerprint: () => fingerprint(knownHostKey),
    logins: () =>
      log()
        .split('\n')
        .filter((line) => line.includes('Accepted publickey')).length,
    log,
    freeze: () => signal('SIGSTOP', family()),
    thaw: () => signal('SIGCONT', family()),
    dropConnections: () =>
      signal('SIGKILL', child?.pid === undefined ? [] : descendants(child.pid)),
    async changeHostKey() {
      await kill();
      for (const { type, file } of hostKeys) makeKey(file, type);
      await start();
    },
    kill,
    start,
    async stop() {
      await kill();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function makeKey(file: string, type: string): void {
  rmSync(file, { force: true });
  execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-C', 'stage', '-f', file]);
}

const publicKey = (file: string) =>
  readFileSync(`${file}.pub`, 'utf8').split(' ').slice(0, 2).join(' ');

const fingerprint = (file: string) =>
  execFileSync('ssh-keygen', ['-l', '-f', `${file}.pub`], { encoding: 'utf8' }).split(' ')[1] ?? '';

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const end = (does: boolean) => {
      socket.destroy();
      resolve(does);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}

/** Every process below this one; a session of sshd leaves the process group, so that does not help. */
function descendants(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const status = readFileSync(`/proc/${name}/status`, 'utf8');
      parents.set(Number(name), Number(/^PPid:\s+(\d+)$/m.exec(status)?.[1]));
    } catch {
      // It ended meanwhile.
    }
  }
  const below = (id: number): number[] =>
    [...parents]
      .filter(([, parent]) => parent === id)
      .flatMap(([child]) => [child, ...below(child)]);
  return below(pid);
}
