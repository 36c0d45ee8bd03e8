import { connect, createServer, type Socket } from 'node:net';

export interface TcpRelay {
  readonly port: number;
  /** Clients that came since the start. */
  clients(): number;
  close(): Promise<void>;
}

/** Lets a unix socket be reached over TCP, on a port of the loopback interface. */
export async function startTcpRelay(path: string): Promise<TcpRelay> {
  const open = new Set<Socket>();
  let clients = 0;
  const server = createServer({ allowHalfOpen: true }, (client) => {
    clients += 1;
    const device = connect({ path, allowHalfOpen: true });
    for (const [from, to] of [
      [client, device],
      [device, client],
    ] as const) {
      open.add(from);
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        open.delete(from);
        to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    clients: () => clients,
    close: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
