import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { memoryFolder } from './memory-folder.ts';

/** A real redis-server of its own, on a Unix socket in a folder of its own. */
export interface StageRedis {
  readonly url: string;
  /** Where it speaks TLS: the authority that vouches for it, as PEM text and as a path. */
  readonly ca?: { readonly text: string; readonly path: string };
  readonly client: Redis;
  freeze(): void;
  thaw(): void;
  /** Ends the process without a word, as a crash would; what was written stays (append-only file, always). */
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

const PROGRAM = ['/usr/bin/redis-server', '/usr/local/bin/redis-server'].find(existsSync);

export async function startRedis(): Promise<StageRedis> {
  if (PROGRAM === undefined) {
    throw new Error('There is no redis-server: install the Debian package redis-server.');
  }
  const program = PROGRAM;
  const directory = memoryFolder('lb-redis-');
  const socket = join(directory, 'redis.sock');
  let child: ChildProcess | undefined;

  const start = async () => {
    if (child !== undefined && child.exitCode === null && child.signalCode === null) return;
    child = spawn(
      program,
      [
        '--port',
        '0',
        '--unixsocket',
        socket,
        '--dir',
        directory,
        '--save',
        '',
        '--appendonly',
        'yes',
        '--appendfsync',
        'always',
        '--maxmemory-policy',
        'noeviction',
        '--loglevel',
        'warning',
      ],
      { stdio: 'ignore' },
    );
    for (let attempt = 0; attempt < 1_500 && !existsSync(socket); attempt += 1) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const end = async (signal: NodeJS.Signals) => {
    const running = child;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const gone = new Promise((resolve) => running.once('exit', resolve));
    running.kill('SIGCONT');
    running.kill(signal);
    await gone;
    rmSync(socket, { force: true });
  };
  await start();
  const client = new Redis({ path: socket, replyMapping: 'legacy', maxRetriesPerRequest: null });
  client.on('error', () => undefined);
  await client.ping();
  return {
    url: `unix://${socket}`,
    client,
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    kill: () => end('SIGKILL'),
    start,
    async stop() {
      client.disconnect();
      await end('SIGTERM');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
