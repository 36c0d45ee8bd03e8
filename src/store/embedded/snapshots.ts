import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { Log } from '../../ports/log.ts';
import { readSnapshot, type SnapshotKey, writeSnapshot } from './snapshot-file.ts';

/** A script, so that no other command runs in between and all keys are of one moment. */
const allKeys = `
  local all = {}
  for _, key in ipairs(redis.call('KEYS', '*')) do
    all[#all + 1] = key
    all[#all + 1] = redis.call('PEXPIRETIME', key)
    all[#all + 1] = redis.call('DUMP', key)
  end
  return all`;

const keysPerPipeline = 500;
const lookEveryMs = 1_000;
/** While the keys are read the server answers nobody: at most one part in so many of the time. */
const pauseFactor = 20;

/** Keeps the file up to date with the server's data. */
export interface Snapshots {
  /** Resolves when everything written before the call is on disk. */
  take(): Promise<void>;
  /** Ends the periodic snapshots; a running one is awaited. */
  end(): Promise<void>;
}

/** Fills the (empty) server from the file. Keys that expired meanwhile stay away. Returns how many there were. */
export async function restore(redis: Redis, path: string): Promise<number> {
  const keys = await readSnapshot(path);
  for (let start = 0; start < keys.length; start += keysPerPipeline) {
    const pipeline = redis.pipeline();
    for (const { key, expiresAt, dump } of keys.slice(start, start + keysPerPipeline)) {
      pipeline.restore(key, Math.max(0, expiresAt), dump, 'ABSTTL');
    }
    for (const [error] of (await pipeline.exec()) ?? []) {
      if (error) throw new Error(`Restoring ${path}: ${error.message}`, { cause: error });
    }
  }
  return keys.length;
}

/** Writes a snapshot about a second after a change, less often when a snapshot takes long. */
export function keepSnapshots(redis: Redis, path: string, log: Log | undefined): Snapshots {
  const ending = new AbortController();
  let written = -1;
  let last: Promise<void> = Promise.resolve();

  const write = async () => {
    // Counted first: a change in between makes the next snapshot one too many, never one too few.
    const changes = await changesOf(redis);
    await writeSnapshot(path, await readKeys(redis));
    written = changes;
  };
  // One after the other: an older one must not replace a newer one.
  const take = () => {
    last = last.catch(() => {}).then(write);
    return last;
  };

  const watch = async () => {
    let pauseMs = lookEveryMs;
    while (await slept(pauseMs, ending.signal)) {
      const begun = performance.now();
      try {
        if ((await changesOf(redis)) !== written) await take();
      } catch (error) {
        log?.error('snapshot of the embedded store was not written', {
          path,
          error: String(error),
        });
        if (redis.status === 'end') return;
      }
      pauseMs = Math.max(lookEveryMs, (performance.now() - begun) * pauseFactor);
    }
  };
  const watching = watch();

  return {
    take,
    end: async () => {
      ending.abort();
      await watching;
    },
  };
}

async function changesOf(redis: Redis): Promise<number> {
  const found = /^rdb_changes_since_last_save:(\d+)/m.exec(await redis.info('persistence'));
  if (!found) throw new Error('The embedded store does not say how much has changed.');
  return Number(found[1]);
}

async function readKeys(redis: Redis): Promise<SnapshotKey[]> {
  const flat = (await redis.callBuffer('EVAL', allKeys, 0)) as (Buffer | number)[];
  const keys: SnapshotKey[] = [];
  for (let index = 0; index < flat.length; index += 3) {
    const [key, expiresAt, dump] = flat.slice(index, index + 3);
    if (!(key instanceof Buffer) || !(dump instanceof Buffer)) {
      throw new Error('The embedded store gave no value for one of its keys.');
    }
    keys.push({ key, expiresAt: Number(expiresAt), dump });
  }
  return keys;
}

/** `false` when the signal ended the wait. */
async function slept(ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await sleep(ms, undefined, { signal, ref: false });
    return true;
  } catch {
    return false;
  }
}
