import { connect, createServer } from 'node:net';
import type { Span } from './statistics.ts';
import { epochMs } from './time.ts';

/** One exchange that passed: the command, and from connecting to the end of the reply (ms since the epoch). */
export interface Exchange extends Span {
  readonly command: string;
  /** Both ways, without what carries them. */
  readonly bytes: number;
}

export interface CountingProxy {
  readonly socket: string;
  readonly exchanges: Exchange[];
  close(): Promise<void>;
}

/** Counts what really goes to a device. It costs time, so it stands there only while nothing is timed. */
export async function startCountingProxy(socket: string, target: string): Promise<CountingProxy> {
  const exchanges: Exchange[] = [];
  const server = createServer((client) => {
    const from = epochMs();
    let command = '';
    let passed = 0;
    const upstream = connect(target);
    client.on('data', (bytes) => {
      command += String(bytes);
      passed += bytes.length;
      upstream.write(bytes);
    });
    upstream.on('data', (bytes) => {
      passed += bytes.length;
      client.write(bytes);
    });
    upstream.on('end', () => {
      exchanges.push({ command: command.trim(), bytes: passed, from, to: epochMs() });
      client.end();
    });
    client.on('close', () => upstream.destroy());
    client.on('error', () => upstream.destroy());
    upstream.on('error', () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return {
    socket,
    exchanges,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
