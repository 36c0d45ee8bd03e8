import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { SERVICE } from './inventory.ts';

/** Asks HAProxy by itself, sharing no code with the adapter: a test must not believe what it tests. */
export function ask(socket: string, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const connection = connect(socket, () => connection.end(`${command}\n`));
    let reply = '';
    connection.setEncoding('utf8');
    connection.on('data', (text: string) => {
      reply += text;
    });
    connection.on('end', () => resolve(reply));
    connection.on('error', reject);
  });
}

/** Column `srv_admin_state` and `srv_uweight` of one server, straight from `show servers state`. */
export async function serverState(socket: string, server: string) {
  const reply = await ask(socket, `show servers state ${SERVICE}`);
  const row = reply.split('\n').find((line) => line.split(' ')[3] === server);
  const columns = row?.split(' ') ?? [];
  return { admin: Number(columns[6]), weight: Number(columns[7]) };
}

export async function isOut(socket: string, server: string): Promise<boolean> {
  return ((await serverState(socket, server)).admin & 1) === 1;
}

/** How many requests a member has answered, from its own access log. */
export function requestsIn(logPath: string): number {
  return readFileSync(logPath, 'utf8').split('\n').filter(Boolean).length;
}
