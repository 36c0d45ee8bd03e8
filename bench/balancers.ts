import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { findProgram, startChild } from '../src/sandbox/child.ts';
import { epochMs, until } from './time.ts';

export interface BenchBackend {
  readonly name: string;
  readonly servers: readonly string[];
  /** Second number of the servers' addresses, so that no two backends share a host. */
  readonly net: number;
  /** Health checks against the port the members listen on; without, HAProxy believes all are well. */
  readonly checked: boolean;
}

export interface BalancerSettings {
  readonly directory: string;
  readonly name: string;
  readonly backends: readonly BenchBackend[];
  /** One balancer of the inventory each; all of them lead to this one process. */
  readonly sockets: number;
  readonly membersPort: number;
}

/** What HAProxy itself said about one of its servers, when it did it. */
export interface Witnessed {
  readonly backend: string;
  readonly server: string;
  readonly state: 'out' | 'in';
  /** Milliseconds since the epoch, with fractions. */
  readonly at: number;
}

/** One HAProxy process and its own log of what was changed: nobody has to ask it, so nothing is slowed down. */
export interface BenchBalancer {
  readonly name: string;
  readonly sockets: readonly string[];
  /** Everything said so far, oldest first; may be emptied. */
  readonly said: Witnessed[];
  /** Resolves with the first word about this server in this state after `since`. */
  heard(server: string, state: Witnessed['state'], since: number): Promise<Witnessed>;
  /** Brings every server back that an earlier measurement left out. */
  restore(): Promise<void>;
  stop(): Promise<void>;
}

const LINE = /Server ([^/ ]+)\/([^ ]+) is (going DOWN for maintenance|UP\/READY)/;

export async function startBalancer(settings: BalancerSettings): Promise<BenchBalancer> {
  const program = findProgram('haproxy', process.env.PATH);
  if (program === undefined) {
    throw new Error('There is no haproxy: install the Debian package haproxy.');
  }
  const { directory, name } = settings;
  mkdirSync(directory, { recursive: true });
  const said: Witnessed[] = [];
  const witness = createSocket('udp4');
  witness.on('message', (message) => {
    const at = epochMs();
    const [, backend, server, words] = LINE.exec(message.toString('utf8')) ?? [];
    if (backend === undefined || server === undefined) return;
    said.push({ backend, server, state: words === 'UP/READY' ? 'in' : 'out', at });
  });
  witness.bind(0, '127.0.0.1');
  await once(witness, 'listening');
  const sockets = Array.from({ length: settings.sockets }, (_, index) =>
    join(directory, `${name}-${index + 1}.sock`),
  );
  const file = join(directory, `${name}.cfg`);
  writeFileSync(file, configuration(settings, sockets, witness.address().port));
  const child = startChild(program, ['-db', '-f', file], directory);
  await until(`HAProxy ${name}`, 15_000, async () => {
    if (!child.alive()) throw new Error(`HAProxy does not start: ${child.output()}`);
    return ask(sockets[0] ?? '', 'show info').catch(() => undefined);
  });
  return {
    name,
    sockets,
    said,
    heard: (server, state, since) =>
      until(`Word of ${server} on ${name}`, 15_000, () =>
        said.findLast((word) => word.server === server && word.state === state && word.at > since),
      ),
    async restore() {
      for (const server of await serversOut(sockets[0] ?? '')) {
        await ask(sockets[0] ?? '', `enable server ${server}`);
      }
    },
    async stop() {
      child.signal('SIGKILL');
      await child.gone;
      witness.close();
    },
  };
}

function configuration(
  { backends, membersPort }: BalancerSettings,
  sockets: readonly string[],
  logPort: number,
): string {
  return [
    'global',
    `    log 127.0.0.1:${logPort} local0 notice`,
    ...sockets.map((socket) => `    stats socket ${socket} mode 600 level admin`),
    '    stats maxconn 500',
    'defaults',
    '    log global',
    '    mode http',
    '    timeout connect 2s',
    '    timeout client 60s',
    '    timeout server 60s',
    // One good check is enough: what is measured is the product, not HAProxy's patience.
    '    default-server inter 10s fastinter 10s rise 1 fall 1',
    ...backends.flatMap(({ name, servers, net, checked }) => [
      `backend ${name}`,
      ...servers.map((server, index) => {
        const address = `127.${net}.${Math.floor(index / 250)}.${(index % 250) + 1}`;
        return `    server ${server} ${address}:${membersPort} weight 10${checked ? ' check' : ''}`;
      }),
    ]),
    '',
  ].join('\n');
}

/** Servers in maintenance, as `backend/server`: column 7 of the state is the administrative one, bit 0 is `forced`. */
async function serversOut(socket: string): Promise<readonly string[]> {
  const rows = (await ask(socket, 'show servers state')).split('\n').map((line) => line.split(' '));
  return rows
    .filter((columns) => (Number(columns[6]) & 1) === 1)
    .map((columns) => `${columns[1]}/${columns[3]}`);
}

/** One bare exchange: connect, one line, everything that comes back. */
export function ask(socket: string, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const connection = connect(socket, () => connection.write(`${command}\n`));
    let reply = '';
    connection.setEncoding('utf8');
    connection.on('data', (text: string) => {
      reply += text;
    });
    connection.on('end', () => resolve(reply));
    connection.on('error', reject);
  });
}
