import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cluster, Redis } from 'ioredis';
import { freePort } from '../../src/sandbox/free-port.ts';
import type { StageRedis } from './redis.ts';
import {
  DURABLE,
  LEGACY,
  makeCertificates,
  type RedisProcess,
  startRedisProcess,
} from './redis-server.ts';

/** What docs/operations.md says a user of Redis needs, and nothing else. */
export const LEAST_RIGHTS = [
  '~{lb}:*',
  'resetchannels',
  '-@all',
  '+@read',
  '+@write',
  '+@blocking',
  '+@connection',
  '+@scripting',
  '+@transaction',
  '-@dangerous',
  '+info',
  '+client|list',
  '+client|setname',
  '-keys',
];
export const PASSWORD = 'p/w of:lb@1';

function quiet(client: Redis): Redis {
  client.on('error', () => undefined);
  return client;
}

/** The life of a stage's Redis, with nothing that a form does not have. */
function stageOf(
  parts: Pick<StageRedis, 'url' | 'client'> & Partial<StageRedis>,
  processes: readonly RedisProcess[],
): StageRedis {
  const [first] = processes;
  return {
    freeze: () => first?.signal('SIGSTOP'),
    thaw: () => first?.signal('SIGCONT'),
    kill: async () => first?.end('SIGKILL'),
    start: async () => first?.start(),
    ...parts,
    async stop() {
      parts.client.disconnect();
      await Promise.all(processes.map((process) => process.stop()));
    },
  };
}

export interface SecureRedis extends StageRedis {
  readonly ca: { readonly text: string; readonly path: string };
}

/** By TLS only, and only for the user `lb` with the least rights; the test's own client is the administrator. */
export async function startSecureRedis(): Promise<SecureRedis> {
  const folder = mkdtempSync(join(tmpdir(), 'lb-tls-'));
  const files = makeCertificates(folder);
  const ca = readFileSync(files.ca, 'utf8');
  writeFileSync(
    join(folder, 'users'),
    `user default on >admin ~* &* +@all\nuser lb on >${PASSWORD.replaceAll(' ', '_')} ${LEAST_RIGHTS.join(' ')}\n`,
  );
  const server = await startRedisProcess(
    ({ port }) => [
      ...['--port', '0', '--tls-port', String(port), '--tls-auth-clients', 'no'],
      ...['--tls-cert-file', files.certificate, '--tls-key-file', files.key],
      ...['--tls-ca-cert-file', files.ca, '--aclfile', join(folder, 'users')],
      ...DURABLE,
    ],
    { options: { tls: { ca } } },
  );
  const client = quiet(
    new Redis({ host: '127.0.0.1', port: server.port, tls: { ca }, password: 'admin', ...LEGACY }),
  );
  const login = `lb:${encodeURIComponent(PASSWORD.replaceAll(' ', '_'))}`;
  const stage = stageOf({ url: `rediss://${login}@127.0.0.1:${server.port}`, client }, [server]);
  return {
    ...stage,
    ca: { text: ca, path: files.ca },
    async stop() {
      await stage.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export interface SentinelRedis extends StageRedis {
  /** Kills the master without a word. */
  killMaster(): Promise<void>;
  /** Says that the replica has everything the master has. */
  inStep(): Promise<boolean>;
}

/** A master, a replica, and so many Sentinels, more than half of which must agree that the master is gone. */
export async function startSentinelRedis(sentinels: number): Promise<SentinelRedis> {
  const plain = ({ port }: { port: number }) => ['--port', String(port), ...DURABLE];
  const master = await startRedisProcess(plain);
  const replica = await startRedisProcess((place) => [
    ...plain(place),
    ...['--replicaof', '127.0.0.1', String(master.port), '--repl-diskless-sync-delay', '0'],
  ]);
  const quorum = Math.floor(sentinels / 2) + 1;
  const watching: RedisProcess[] = [];
  for (let count = 0; count < sentinels; count += 1) {
    watching.push(
      await startRedisProcess(({ directory, port }) => {
        const file = join(directory, 'sentinel.conf');
        writeFileSync(
          file,
          `port ${port}
sentinel monitor main 127.0.0.1 ${master.port} ${quorum}
sentinel down-after-milliseconds main 1000
sentinel failover-timeout main 5000
`,
        );
        return [file, '--sentinel'];
      }),
    );
  }
  const hosts = watching.map(({ port }) => `127.0.0.1:${port}`);
  const client = quiet(
    new Redis({
      sentinels: watching.map(({ port }) => ({ host: '127.0.0.1', port })),
      name: 'main',
      maxRetriesPerRequest: null,
      ...LEGACY,
    }),
  );
  const stage = stageOf({ url: `redis+sentinel://${hosts.join(',')}/main`, client }, [
    master,
    replica,
    ...watching,
  ]);
  const inStep = async () => {
    const info = await client.info('replication');
    const offset = /slave0:.*state=online,offset=(\d+)/.exec(info)?.[1];
    return offset !== undefined && offset === /master_repl_offset:(\d+)/.exec(info)?.[1];
  };
  return {
    ...stage,
    killMaster: () => master.end('SIGKILL'),
    inStep,
  };
}

/** Three masters that share the slots, without copies. */
export async function startClusterRedis(): Promise<StageRedis & { servers: readonly Redis[] }> {
  const nodes: RedisProcess[] = [];
  for (let count = 0; count < 3; count += 1) {
    nodes.push(
      await startRedisProcess(
        ({ port }) => [
          ...['--port', String(port), '--cluster-enabled', 'yes', '--cluster-node-timeout', '2000'],
          ...DURABLE,
        ],
        // The bus of a node listens 10000 above its port.
        { port: await lowPort() },
      ),
    );
  }
  const servers = nodes.map(({ port }) => quiet(new Redis({ port, ...LEGACY })));
  const last = 16_383;
  for (const [index, server] of servers.entries()) {
    const from = Math.ceil((index * (last + 1)) / 3);
    const to = Math.ceil(((index + 1) * (last + 1)) / 3) - 1;
    await server.call('CLUSTER', 'ADDSLOTSRANGE', String(from), String(to));
    await server.call('CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1));
  }
  for (const server of servers) {
    for (const { port } of nodes) await server.call('CLUSTER', 'MEET', '127.0.0.1', String(port));
  }
  for (const server of servers) {
    for (;;) {
      const info = String(await server.call('CLUSTER', 'INFO'));
      if (/cluster_state:ok/.test(info) && /cluster_known_nodes:3/.test(info)) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  const cluster = new Cluster(
    nodes.map(({ port }) => ({ host: '127.0.0.1', port })),
    { redisOptions: LEGACY },
  );
  // Has the commands that a stage asks of its client.
  const client = quiet(cluster as unknown as Redis);
  const hosts = nodes.map(({ port }) => `127.0.0.1:${port}`);
  const stage = stageOf({ url: `redis+cluster://${hosts.join(',')}`, client }, nodes);
  return {
    ...stage,
    servers,
    async stop() {
      for (const server of servers) server.disconnect();
      await stage.stop();
    },
  };
}

async function lowPort(): Promise<number> {
  for (;;) {
    const port = await freePort();
    if (port < 55_000) return port;
  }
}
