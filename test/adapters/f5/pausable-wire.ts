import { connect, createServer, type Socket } from 'node:net';

/** A wire to a port of this machine that can be held: what was sent meanwhile arrives when it is let go. */
export interface PausableWire {
  readonly port: number;
  hold(): void;
  letGo(): void;
  close(): Promise<void>;
}

export async function startPausableWire(target: number): Promise<PausableWire> {
  const open = new Set<Socket>();
  const waiting: (() => void)[] = [];
  let held = false;
  const now = (work: () => void) => {
    if (held) waiting.push(work);
    else work();
  };
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const device = connect({ host: '127.0.0.1', port: target, allowHalfOpen: true });
    for (const [from, to] of [
      [client, device],
      [device, client],
    ] as const) {
      open.add(from);
      from.on('data', (bytes) => now(() => to.write(bytes)));
      from.on('end', () => now(() => to.end()));
      from.on('error', () => {});
      from.on('close', () => {
        open.delete(from);
        now(() => to.end());
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    hold() {
      held = true;
    },
    letGo() {
      held = false;
      for (const work of waiting.splice(0)) work();
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
