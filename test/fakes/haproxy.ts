import { chmodSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';

/** How the fake answers: truthfully from its state, or wrong in one particular way. */
export type Manner =
  | 'true'
  | 'silent'
  | 'garbage'
  | 'cut'
  | 'huge'
  | 'hang up'
  | 'old worker'
  /** The first connection reaches an old worker, the next ones the new one. */
  | 'reloaded once'
  /** A backend with another number at every look. */
  | 'renumbering';

interface FakeServer {
  name: string;
  adminBits: number;
  weight: number;
}

export interface FakeHaproxy {
  readonly socket: string;
  manner: Manner;
  /** Every line that arrived, in order. */
  readonly received: string[];
  bitsOf(server: string): number | undefined;
  close(): Promise<void>;
}

const STATE_HEADER =
  '# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_fqdn srv_port';
const STAT_HEADER =
  '# pxname,svname,scur,stot,status,weight,bck,lbtot,tracked,check_status,cookie,';

/** Speaks HAProxy's runtime API on a real unix socket and keeps state. */
export async function startFakeHaproxy(
  socket: string,
  pool = 'web',
  names: readonly string[] = ['a', 'b'],
): Promise<FakeHaproxy> {
  const servers: FakeServer[] = names.map((name) => ({ name, adminBits: 0, weight: 10 }));
  const received: string[] = [];
  const open = new Set<Socket>();
  let manner: Manner = 'true';

  const reply = (command: string): string => {
    const [verb, noun, target = '', value] = command.split(' ');
    const [backend, serverName] = target.split('/');
    if (command === 'show info') {
      const isOther = manner === 'reloaded once' && received.length === 1;
      const pid = isOther ? 99 : 100;
      const stopping = manner === 'old worker' || isOther ? 1 : 0;
      return `Name: HAProxy\nVersion: 2.6.12\nPid: ${pid}\nUptime_sec: 7\nStopping: ${stopping}\nStart_time_sec: 1\n\n`;
    }
    if (command.startsWith('show servers state ')) {
      if (command.slice(19) !== pool) return "Can't find backend.\n\n";
      const id = manner === 'renumbering' ? received.length : 3;
      const rows = servers.map(
        (server, at) =>
          `${id} ${pool} ${at + 1} ${server.name} 127.0.0.1 2 ${server.adminBits} ${server.weight} 10 - 80`,
      );
      return `1\n${[STATE_HEADER, ...rows].join('\n')}\n\n`;
    }
    if (verb === 'show' && noun === 'stat') {
      const rows = servers.map((server) => {
        const status = (server.adminBits & 1) !== 0 ? 'MAINT' : 'UP';
        return `${pool},${server.name},0,5,${status},${server.weight},0,5,,L7OK,,`;
      });
      return `${[STAT_HEADER, ...rows].join('\n')}\n\n`;
    }
    if (backend !== pool) return 'No such backend.\n\n';
    const server = servers.find(({ name }) => name === serverName);
    if (server === undefined) return 'No such server.\n\n';
    if (verb === 'disable') server.adminBits = 1;
    else if (verb === 'enable') server.adminBits = 0;
    else if (verb === 'set' && noun === 'weight') server.weight = Number(value);
    else return 'Unknown command.\n\n';
    return '\n';
  };

  const replies = (line: string) => line.split(';').map(reply).join('');

  const answer = (connection: Socket, line: string): void => {
    switch (manner) {
      case 'silent':
        return;
      case 'garbage':
        connection.end('\u0000\u0001<html>what?</html>\n\n');
        return;
      case 'cut': {
        const whole = replies(line);
        connection.end(whole.length > 1 ? whole.slice(0, Math.floor(whole.length / 2)) : 'Perm');
        return;
      }
      case 'huge':
        connection.end(Buffer.alloc(10 * 1024 * 1024, 'x'));
        return;
      case 'hang up':
        connection.end();
        return;
      case 'true':
      case 'old worker':
      case 'reloaded once':
      case 'renumbering':
        connection.end(replies(line));
    }
  };

  // As HAProxy does, it answers also those who have closed their side behind the command.
  const server = createServer({ allowHalfOpen: true }, (connection) => {
    open.add(connection);
    let text = '';
    let asked = false;
    connection.on('data', (chunk) => {
      text += chunk.toString('utf8');
      const end = text.indexOf('\n');
      if (end < 0) return;
      const command = text.slice(0, end);
      text = text.slice(end + 1);
      asked = true;
      received.push(command);
      answer(connection, command);
    });
    connection.on('end', () => {
      if (!asked) connection.end();
    });
    connection.on('error', () => connection.destroy());
    connection.on('close', () => open.delete(connection));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socket, resolve);
  });
  chmodSync(socket, 0o600);
  return {
    socket,
    get manner() {
      return manner;
    },
    set manner(next: Manner) {
      manner = next;
    },
    received,
    bitsOf: (name) => servers.find((entry) => entry.name === name)?.adminBits,
    close: () =>
      new Promise((resolve) => {
        for (const connection of open) connection.destroy();
        server.close(() => resolve());
      }),
  };
}
