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

/** One server as `show servers state` has it: the bits of `srv_admin_state`, and the weight that was set. */
export interface SeenServer {
  readonly admin: number;
  readonly weight: number;
}

/** Every server of the backend at one moment, by name. Throws when the answer broke off or is something else. */
export async function poolSeen(socket: string): Promise<ReadonlyMap<string, SeenServer>> {
  const reply = await ask(socket, `show servers state ${SERVICE}`);
  const lines = reply.split('\n').filter((line) => line !== '');
  const names = lines
    .find((line) => line.startsWith('# '))
    ?.slice(2)
    .split(' ');
  const column = (name: string) => names?.indexOf(name) ?? -1;
  const [backend, server, admin, weight] = [
    column('be_name'),
    column('srv_name'),
    column('srv_admin_state'),
    column('srv_uweight'),
  ];
  const rows = lines.map((line) => line.split(' ')).filter((row) => row[backend] === SERVICE);
  if (!reply.endsWith('\n\n') || rows.length === 0) throw new Error(`A cut answer: ${reply}`);
  return new Map(
    rows.map((row) => [
      row[server] ?? '',
      { admin: Number(row[admin]), weight: Number(row[weight]) },
    ]),
  );
}
