import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { type Child, findProgram, startChild } from '../src/sandbox/child.ts';
import { pause } from './time.ts';

/** `always` writes every command to disk before it is answered; `off` keeps nothing. */
export type Durability = 'always' | 'off';

/** A redis-server of the benchmark's own, on a unix socket. */
export interface BenchRedis {
  readonly url: string;
  readonly client: Redis;
  freeze(): void;
  thaw(): void;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

export async function startRedis(directory: string, durability: Durability): Promise<BenchRedis> {
  const program = findProgram('redis-server', process.env.PATH);
  if (program === undefined) {
    throw new Error('There is no redis-server: install the Debian package redis-server.');
  }
  mkdirSync(directory, { recursive: true });
  const socket = join(directory, 'redis.sock');
  const appendOnly =
    durability === 'always'
      ? ['--appendonly', 'yes', '--appendfsync', 'always']
      : ['--appendonly', 'no'];
  const child: Child = startChild(
    program,
    [
      ...['--port', '0', '--unixsocket', socket, '--dir', directory, '--save', ''],
      ...['--maxmemory-policy', 'noeviction', '--loglevel', 'warning', ...appendOnly],
    ],
    directory,
  );
  const client = await connected(socket, child);
  const end = async (signal: NodeJS.Signals) => {
    child.signal('SIGCONT');
    child.signal(signal);
    await child.gone;
  };
  return {
    url: `unix://${socket}`,
    client,
    freeze: () => child.signal('SIGSTOP'),
    thaw: () => child.signal('SIGCONT'),
    kill: () => end('SIGKILL'),
    async stop() {
      client.disconnect();
      await end('SIGTERM');
    },
  };
}

/** A connection for the benchmark itself, as the product's libraries expect it. */
export function connectTo(path: string): Redis {
  const client = new Redis({ path, replyMapping: 'legacy', maxRetriesPerRequest: null });
  client.on('error', () => undefined);
  return client;
}

async function connected(socket: string, child: Child): Promise<Redis> {
  const client = connectTo(socket);
  const giveUp = performance.now() + 10_000;
  while (client.status !== 'ready') {
    if (!child.alive() || performance.now() > giveUp) {
      client.disconnect();
      throw new Error(`redis-server did not start: ${child.output().trim()}`);
    }
    await pause(5);
  }
  return client;
}
