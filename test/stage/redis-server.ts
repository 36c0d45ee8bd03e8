import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis, type RedisOptions } from 'ioredis';
import { freePort } from '../../src/sandbox/free-port.ts';
import { memoryFolder } from './memory-folder.ts';

/** One redis-server process on a port of its own, in a folder of its own. */
export interface RedisProcess {
  readonly port: number;
  readonly directory: string;
  signal(signal: NodeJS.Signals): void;
  /** Ends it and waits until it is gone. */
  end(signal: NodeJS.Signals): Promise<void>;
  start(): Promise<void>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

const PROGRAM = ['/usr/bin/redis-server', '/usr/local/bin/redis-server'].find(existsSync);

export const DURABLE = ['--save', '', '--appendonly', 'yes', '--appendfsync', 'always'];
export const LEGACY = { replyMapping: 'legacy' } as const;

/**
 * Starts a redis-server on 127.0.0.1. `args` are made from its folder and port; a first one that names a file (as for
 * `--sentinel`) stands before the port.
 */
export async function startRedisProcess(
  args: (place: { directory: string; port: number }) => readonly string[],
  given: { readonly port?: number; readonly options?: Partial<RedisOptions> } = {},
): Promise<RedisProcess> {
  if (PROGRAM === undefined) {
    throw new Error('There is no redis-server: install the Debian package redis-server.');
  }
  const program = PROGRAM;
  const directory = memoryFolder('lb-redis-');
  const port = given.port ?? (await freePort());
  let child: ChildProcess | undefined;

  const end = async (signal: NodeJS.Signals) => {
    const running = child;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const gone = new Promise((resolve) => running.once('exit', resolve));
    running.kill('SIGCONT');
    running.kill(signal);
    await gone;
  };
  const start = async () => {
    const common = ['--dir', directory, '--bind', '127.0.0.1', '--loglevel', 'warning'];
    child = spawn(program, [...args({ directory, port }), ...common], { stdio: 'ignore' });
    await answering({ host: '127.0.0.1', port, ...given.options });
  };
  await start();
  return {
    port,
    directory,
    signal: (signal) => void child?.kill(signal),
    end,
    start,
    async stop() {
      await end('SIGKILL');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Waits until a server answers PING, also with a refusal. */
export async function answering(options: RedisOptions): Promise<void> {
  const client = new Redis({
    ...options,
    ...LEGACY,
    maxRetriesPerRequest: null,
    enableReadyCheck: false,
    retryStrategy: () => 50,
  });
  client.on('error', () => undefined);
  const until = Date.now() + 10_000;
  try {
    for (;;) {
      const answer = await Promise.race([
        client.ping().catch((error: Error) => error.message),
        new Promise<undefined>((resolve) => setTimeout(resolve, 10_000, undefined)),
      ]);
      if (answer !== undefined && !/LOADING/.test(answer)) return;
      if (Date.now() > until) throw new Error(`No Redis answered on port ${options.port}.`);
    }
  } finally {
    client.disconnect();
  }
}

/** A certificate authority of this test, and a server certificate it vouches for. */
export function makeCertificates(directory: string) {
  const file = (name: string) => join(directory, name);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const ca = ['-keyout', file('ca.key'), '-out', file('ca.pem'), '-subj', '/CN=test authority'];
  openssl('req', '-x509', ...key, ...ca, '-days', '2');
  const request = ['-keyout', file('server.key'), '-out', file('server.csr'), '-subj', '/CN=redis'];
  openssl('req', ...key, ...request);
  writeFileSync(file('names'), 'subjectAltName=IP:127.0.0.1');
  const signed = ['-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial'];
  const out = ['-in', file('server.csr'), '-out', file('server.pem'), '-days', '2'];
  openssl('x509', '-req', ...out, ...signed, '-extfile', file('names'));
  return { ca: file('ca.pem'), certificate: file('server.pem'), key: file('server.key') };
}
