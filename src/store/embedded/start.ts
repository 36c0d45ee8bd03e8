import { chmod, mkdir, rename, rm, stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import type { Log } from '../../ports/log.ts';
import { Redis } from '../ioredis.ts';
import { isAnswering } from './probe.ts';
import { keepSnapshots, restore } from './snapshots.ts';
import { aloneIn } from './start-lock.ts';
import { bootValkey, findWasm, readWasm, type Valkey } from './valkey.ts';

/** Longest path of a Unix socket in bytes (Linux 107, macOS 103). */
const socketPathBytesMax = 103;

export interface EmbeddedStore {
  readonly socketPath: string;
  /** The same as REDIS_URL has it: `unix:///…`. */
  readonly url: string;
  /** False when another process hosts the store and this one only uses it. */
  readonly owner: boolean;
  /** Owner: resolves when everything written before the call is on disk. Others: the owner sees to it within seconds. */
  snapshot(): Promise<void>;
  /** Owner: closes all connections, writes the last snapshot, takes the socket away. */
  stop(): Promise<void>;
}

/**
 * Hosts a Valkey server in this process on a Unix socket in `directory` (only this user can open it),
 * filled from the snapshot there; joins the process that does so already. For a demo, a trial or one small
 * host: up to about a second of writes is lost when the process is killed.
 */
export async function startEmbeddedStore(options: {
  readonly directory: string;
  readonly log?: Log;
}): Promise<EmbeddedStore> {
  const folder = join(options.directory, 'valkey');
  const socketPath = join(folder, 'valkey.sock');
  if (Buffer.byteLength(socketPath) > socketPathBytesMax) {
    throw new Error(
      `The path ${socketPath} is too long for a Unix socket (${socketPathBytesMax} bytes at most): choose a shorter data directory.`,
    );
  }
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o700);
  return aloneIn(folder, async () => {
    if (await isAnswering(socketPath)) return joined(socketPath);
    return host(folder, socketPath, options.log);
  });
}

function joined(socketPath: string): EmbeddedStore {
  const nothing = async () => {};
  return {
    socketPath,
    url: `unix://${socketPath}`,
    owner: false,
    snapshot: nothing,
    stop: nothing,
  };
}

async function host(
  folder: string,
  socketPath: string,
  log: Log | undefined,
): Promise<EmbeddedStore> {
  const file = join(folder, 'valkey.snapshot');
  const valkey = await bootValkey({
    wasm: readWasm(findWasm()),
    print: (text) => log?.debug('embedded store', { text: text.trim() }),
    brokeDown: (cause) =>
      log?.error('the embedded store broke down; start again, the last snapshot is kept', {
        cause: String(cause),
      }),
  });
  // Under a name that nobody knows until the data is back.
  const hidden = join(folder, `${process.pid}.sock`);
  const server = createServer((socket) => valkey.serve(socket));
  try {
    await rm(hidden, { force: true });
    await listening(server, hidden);
    await chmod(hidden, 0o600);
    const admin = new Redis({ path: hidden, retryStrategy: () => null, lazyConnect: true });
    admin.on('error', () => {});
    await admin.connect();
    const keys = await restore(admin, file);
    await rename(hidden, socketPath);
    log?.info('embedded store started', { keys, socket: socketPath });
    return owned({ valkey, server, admin, socketPath, file, log });
  } catch (cause) {
    valkey.stop();
    server.close();
    throw cause;
  }
}

async function owned(parts: {
  readonly valkey: Valkey;
  readonly server: Server;
  readonly admin: Redis;
  readonly socketPath: string;
  readonly file: string;
  readonly log: Log | undefined;
}): Promise<EmbeddedStore> {
  const { valkey, server, admin, socketPath } = parts;
  const { ino } = await stat(socketPath);
  const snapshots = keepSnapshots(admin, parts.file, parts.log);

  const stop = async () => {
    server.close();
    const now = await stat(socketPath).catch(() => undefined);
    if (now?.ino === ino) await rm(socketPath, { force: true });
    try {
      await snapshots.end();
      // From here on nobody writes any more, so the last snapshot has everything that was answered.
      await admin.call('CLIENT', 'KILL', 'SKIPME', 'yes');
      await snapshots.take();
    } finally {
      admin.disconnect();
      valkey.stop();
    }
  };
  let stopped: Promise<void> | undefined;
  return {
    socketPath,
    url: `unix://${socketPath}`,
    owner: true,
    snapshot: () => snapshots.take(),
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ path }, resolve);
  });
}
