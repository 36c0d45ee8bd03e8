import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';

/** A port of this machine's loopback for each socket file that relay.mjs makes. */
export async function openForwards(
  directory: string,
  names: readonly string[],
): Promise<{ readonly ports: ReadonlyMap<string, number>; readonly close: () => void }> {
  const ports = new Map<string, number>();
  const servers: Server[] = [];
  for (const name of names) {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
      const far = connect({ path: join(directory, `${name}.sock`), allowHalfOpen: true });
      near.on('error', () => far.destroy());
      far.on('error', () => near.destroy());
      near.on('close', () => far.destroy());
      far.on('close', () => near.destroy());
      near.pipe(far);
      far.pipe(near);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    server.unref();
    servers.push(server);
    const at = server.address();
    if (at === null || typeof at === 'string') throw new Error('A listening socket has a port.');
    ports.set(name, at.port);
  }
  return {
    ports,
    close: () => {
      for (const server of servers) server.close();
    },
  };
}
