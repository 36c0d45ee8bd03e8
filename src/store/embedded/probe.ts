import { createConnection } from 'node:net';

const answerWithinMs = 2_000;

/**
 * Whether a live server answers on this socket. No socket, or one that a dead process left, is `false`;
 * a process that holds it and does not answer is an error, as its data must not be hosted twice.
 */
export function isAnswering(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ path });
    const silent = new Error(
      `Connecting to ${path}: a process holds the socket of the embedded store and gave no answer within ${answerWithinMs / 1000} s. End that process first.`,
    );
    socket.setTimeout(answerWithinMs, () => socket.destroy(silent));
    socket.once('connect', () => socket.write('PING\r\n'));
    socket.once('data', (reply: Buffer) => {
      socket.end();
      if (reply.toString().startsWith('+PONG')) resolve(true);
      else reject(new Error(`Connecting to ${path}: this is not a Redis server.`));
    });
    socket.once('end', () => socket.destroy(silent));
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') resolve(false);
      else reject(error);
    });
  });
}
