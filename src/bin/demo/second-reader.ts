import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { SERVICE } from './site.ts';

/*
 * Reads what the devices and the members themselves say. It shares no code with the adapter on purpose: the
 * script must not believe what it checks.
 */

const ANSWER_MS_MAX = 3_000;
/** Bit of `srv_admin_state`: in maintenance by command. */
const FORCED_MAINTENANCE = 1;
/** Of `srv_op_state`. */
const RUNNING = 2;
const COLUMNS = ['srv_name', 'srv_admin_state', 'srv_uweight', 'srv_op_state'];

export interface ServerSeen {
  /** The number HAProxy prints in the column `srv_admin_state`; 0 is plainly in service. */
  readonly admin: number;
  readonly weight: number;
  readonly isOut: boolean;
  /** By its health check. */
  readonly isUp: boolean;
}

/** One command on a HAProxy socket, the whole reply. */
export function askSocket(path: string, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path }, () => socket.write(`${command}\n`));
    let reply = '';
    socket.setEncoding('utf8');
    socket.setTimeout(ANSWER_MS_MAX, () =>
      socket.destroy(new Error(`${path} did not answer within ${ANSWER_MS_MAX / 1000} s`)),
    );
    socket.on('data', (text: string) => {
      reply += text;
    });
    socket.on('end', () => resolve(reply));
    socket.on('error', reject);
  });
}

/** Every server of the backend by name, from `show servers state`. */
export async function serversAt(socket: string): Promise<ReadonlyMap<string, ServerSeen>> {
  const reply = await askSocket(socket, `show servers state ${SERVICE}`);
  const lines = reply.split('\n');
  const titles =
    lines
      .find((line) => line.startsWith('# '))
      ?.slice(2)
      .split(' ') ?? [];
  const columns = COLUMNS.map((one) => titles.indexOf(one));
  const [name = -1, admin = -1, weight = -1, operation = -1] = columns;
  if (columns.includes(-1)) throw new Error(`${socket} answered: ${reply.slice(0, 200)}`);
  const servers = lines
    .filter((line) => / \S/.test(line) && !line.startsWith('#'))
    .map((line): [string, ServerSeen] => {
      const cells = line.split(' ');
      const state = Number(cells[admin]);
      return [
        cells[name] ?? '',
        {
          admin: state,
          weight: Number(cells[weight]),
          isOut: (state & FORCED_MAINTENANCE) !== 0,
          isUp: Number(cells[operation]) === RUNNING,
        },
      ];
    });
  return new Map(servers);
}

/** How many requests each member has answered with 200, from its access log. */
export function answeredBy(
  members: readonly { readonly name: string; readonly logPath: string }[],
): ReadonlyMap<string, number> {
  return new Map(
    members.map(({ name, logPath }) => {
      const lines = readFileSync(logPath, 'utf8').split('\n');
      return [name, lines.filter((line) => line.endsWith(' 200')).length];
    }),
  );
}
