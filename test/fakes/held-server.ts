import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HeldServer {
  readonly port: number;
  /** Answers every request that waits. */
  release(): void;
  close(): Promise<void>;
}

/** A web server that keeps whoever asks for `/held` waiting until it is told otherwise. */
export async function startHeldServer(): Promise<HeldServer> {
  const waiting = new Set<ServerResponse>();
  const release = () => {
    for (const response of waiting) response.end('held\n');
    waiting.clear();
  };
  const server = createServer((request, response) => {
    if (request.url === '/held') waiting.add(response);
    else response.end('at once\n');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    release,
    close: () =>
      new Promise((resolve) => {
        release();
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
