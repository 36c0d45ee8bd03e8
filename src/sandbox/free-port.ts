import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Below the ports that kernels hand out to outgoing connections (Linux from 32768, RFC 6335 from 49152): one of those
 * may be somebody's a moment after it was found free. What a Redis Cluster adds (10000) still stays below.
 */
const FIRST = 10_000;
const LAST = 22_700;
const TRIES = 200;

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** A port of 127.0.0.1 that nobody listens on, and that no outgoing connection takes. Throws when none is found. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const port = randomInt(FIRST, LAST);
    if (await isFree(port)) return port;
  }
  throw new Error(`None of ${TRIES} ports tried between ${FIRST} and ${LAST} is free.`);
}
