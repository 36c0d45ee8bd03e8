import { createServer, type Socket } from 'node:net';

export interface LineServer {
  /** Every line that arrived, in order. */
  readonly received: string[];
  close(): Promise<void>;
}

/** Answers one line per connection on a unix socket, as a command line of HAProxy does; `undefined` is silence. */
export async function startLineServer(
  socket: string,
  answer: (line: string) => string | undefined,
): Promise<LineServer> {
  const received: string[] = [];
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (connection) => {
    open.add(connection);
    let text = '';
    connection.on('data', (chunk) => {
      text += chunk.toString('utf8');
      const end = text.indexOf('\n');
      if (end < 0) return;
      const line = text.slice(0, end);
      text = '';
      received.push(line);
      const reply = answer(line);
      if (reply !== undefined) connection.end(reply);
    });
    connection.on('error', () => connection.destroy());
    connection.on('close', () => open.delete(connection));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socket, resolve);
  });
  return {
    received,
    close: () =>
      new Promise((resolve) => {
        for (const connection of open) connection.destroy();
        server.close(() => resolve());
      }),
  };
}
