import { connect, createServer, type Server, type Socket } from 'node:net';

/** What a test may do with one command on its way to HAProxy. */
export interface Passing {
  readonly command: string;
  /** Hands the command on and resolves with HAProxy's answer. */
  forward(): Promise<string>;
  /** Ends the client's connection without an answer. */
  drop(): void;
  answer(text: string): void;
}

export type Hook = (passing: Passing) => Promise<void> | void;

/** Stands between the product and a HAProxy socket, so that a test can strike at an exact moment. */
export interface SocketProxy {
  readonly socket: string;
  /** Every command that changes something and was handed on, in order. */
  readonly writes: string[];
  /** Called for each command; without a hook everything is handed on. */
  hook: Hook | undefined;
  /** Called when a client connects, before it has sent anything. */
  onConnect: (() => void) | undefined;
  close(): Promise<void>;
}

const isWrite = (command: string) => /^(disable|enable|set) /.test(command);

export async function startSocketProxy(socket: string, target: string): Promise<SocketProxy> {
  const clients = new Set<Socket>();
  const proxy = { socket, writes: [] as string[], hook: undefined, onConnect: undefined } as {
    socket: string;
    writes: string[];
    hook: Hook | undefined;
    onConnect: (() => void) | undefined;
  };

  const forward = (command: string): Promise<string> =>
    new Promise((resolve, reject) => {
      if (isWrite(command)) proxy.writes.push(command);
      const upstream = connect(target, () => upstream.write(`${command}\n`));
      let reply = '';
      upstream.setEncoding('utf8');
      upstream.on('data', (text: string) => {
        reply += text;
      });
      upstream.on('end', () => resolve(reply));
      upstream.on('error', reject);
    });

  const server: Server = createServer({ allowHalfOpen: true }, (client) => {
    clients.add(client);
    client.on('close', () => clients.delete(client));
    client.on('error', () => undefined);
    client.setEncoding('utf8');
    proxy.onConnect?.();
    let line = '';
    client.on('data', (text: string) => {
      line += text;
      const end = line.indexOf('\n');
      if (end < 0) return;
      const command = line.slice(0, end);
      line = '';
      const passing: Passing = {
        command,
        forward: () => forward(command),
        drop: () => client.destroy(),
        answer: (reply) => void client.end(reply),
      };
      const hook = proxy.hook ?? (async (p: Passing) => p.answer(await p.forward()));
      Promise.resolve(hook(passing)).catch(() => client.destroy());
    });
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return Object.assign(proxy, {
    close: () =>
      new Promise<void>((resolve) => {
        for (const client of clients) client.destroy();
        server.close(() => resolve());
      }),
  });
}
