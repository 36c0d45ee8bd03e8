import { closeSync, existsSync, openSync, readSync } from 'node:fs';

const LOOK_MS = 100;
const CHUNK_BYTES = 64 * 1024;

export interface FollowedLog {
  readonly address: string;
  /** Path of the file, which may not be there yet. */
  readonly log: string;
}

/** Reads on in the access logs of real servers, and tells of every HTTP request. Returns the way to stop that. */
export function followAccessLogs(
  logs: readonly FollowedLog[],
  told: (request: { readonly member: string; readonly at: number }) => void,
): () => void {
  const followed = logs.map(({ address, log }) => ({ address, log, read: 0, rest: '' }));
  const look = () => {
    for (const one of followed) {
      const text = readFrom(one.log, one.read);
      one.read += Buffer.byteLength(text);
      const lines = (one.rest + text).split('\n');
      one.rest = lines.pop() ?? '';
      for (const line of lines) {
        const [at, kind] = line.split(' ');
        if (kind === 'http') told({ member: one.address, at: Number(at) });
      }
    }
  };
  const timer = setInterval(look, LOOK_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** What stands behind these bytes; the logs are plain ASCII. */
function readFrom(path: string, offset: number): string {
  if (!existsSync(path)) return '';
  const file = openSync(path, 'r');
  try {
    const chunk = Buffer.alloc(CHUNK_BYTES);
    return chunk.subarray(0, readSync(file, chunk, 0, CHUNK_BYTES, offset)).toString('latin1');
  } finally {
    closeSync(file);
  }
}
