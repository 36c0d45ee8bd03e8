import { freePort } from '../src/sandbox/free-port.ts';
import type { BenchBalancer } from './balancers.ts';
import { postMs } from './floors.ts';
import { CHANNEL } from './inventory.ts';
import type { Row, Section } from './report.ts';
import { openSite, type Site } from './site.ts';
import { spread } from './statistics.ts';
import { epochMs, pause, until } from './time.ts';
import { startVrrpPairs, VIP, type VrrpNode, type VrrpPair, type VrrpPairs } from './vrrp-pairs.ts';

export interface AnnounceOptions {
  readonly directory: string;
  /** Each node of the inventory is one of its sockets, beside a keepalived of its own. */
  readonly balancer: BenchBalancer;
  readonly membersPort: number;
  readonly settleMs: number;
  readonly overMs: number;
  readonly pairs: number;
  /** Of each pair, one after the other. */
  readonly moves: number;
}

type Way = 'push' | 'pull';

/** One move of a VIP; all in ms since the epoch. */
interface Move {
  /** The pair's client received the packet that moves it. */
  readonly packetAt: number;
  /** The new MASTER's keepalived wrote that it is it. */
  readonly saidAt: number;
  readonly postedAt: number;
}

const INTERVAL_MS = 2_000;
const LATE_MS = 500;
const HOUR_MS = 3_600_000;
const DEVICES = 50;
const SHARE_PERCENT = 10;
const PROBE_EVERY_MS = 100;
const FLOOR_COUNT = 50;
const sceneKey = (pair: string) => `{lb}:scene:${pair}`;

function keysOf(node: VrrpNode, socket: string, way: Way): string {
  const { port, user, keyFile, knownHostsFile } = node.sshd;
  const ssh = `ssh: "${user}@127.0.0.1:${port}", ssh_key: ${keyFile}, known_hosts: ${knownHostsFile}`;
  const notify = way === 'push' ? `, notify: { token: { env: TOKEN_${node.name} } }` : '';
  return `kind: haproxy, socket: ${socket}, ${ssh}${notify}`;
}

/** The product over the pairs; by `push` their directors tell, by `pull` they are only looked at. */
async function openPairs(
  { directory, balancer, membersPort }: AnnounceOptions,
  { pairs, certificate, leadTo }: VrrpPairs,
  way: Way,
  probed: boolean,
): Promise<Site> {
  const nodes = pairs.flatMap((pair) => pair.nodes);
  const port = await freePort();
  leadTo(port);
  const probe = probed ? `, probe: ${PROBE_EVERY_MS}ms, probe_at: "127.0.0.1:${membersPort}"` : '';
  return openSite({
    directory: `${directory}/announce-${way}${probed ? '-probed' : ''}`,
    store: 'always',
    inventory: {
      balancers: nodes.map((node, index) => ({
        name: node.name,
        keys: keysOf(node, balancer.sockets[index] ?? '', way),
      })),
      pairs: pairs.map((pair) => ({
        name: pair.name,
        nodes: pair.nodes.map(({ name }) => name),
        vrrp: 'VI_1',
        keys: `vips: [${VIP}]${probe}`,
      })),
      services: pairs.map((pair, index) => ({
        name: `${pair.name}.example`,
        on: pair.name,
        backend: `pool${index + 1}`,
      })),
      cards: true,
    },
    secrets:
      way === 'pull'
        ? {}
        : {
            LB_NOTIFY_PORT: String(port),
            LB_NOTIFY_CERT: certificate.cert,
            LB_NOTIFY_KEY: certificate.key,
            ...Object.fromEntries(nodes.map(({ name, token }) => [`TOKEN_${name}`, token])),
          },
    processes: [
      ['--role', 'bot,worker'],
      ['--role', 'watch'],
    ],
  });
}

/** So that each move is told by a message of its own, and not as the next turn of one story. */
async function forget({ client }: Site, { name }: VrrpPair): Promise<void> {
  await client.del(sceneKey(name));
  await until(
    `The watcher's picture of ${name}`,
    20_000,
    async () => {
      const text = await client.hget(sceneKey(name), 'scene');
      const scene = JSON.parse(text ?? '{}') as {
        readonly vrrp?: { readonly master?: string };
        readonly roles?: Readonly<Record<string, readonly unknown[]>>;
      };
      const isWhole = Object.keys(scene.roles ?? {}).length === 2;
      return scene.vrrp?.master !== undefined && isWhole ? true : undefined;
    },
    20,
  );
}

async function moved(site: Site, pair: VrrpPair): Promise<Move> {
  const old = pair.master();
  const next = pair.nodes.find((node) => node !== old);
  if (old === undefined || next === undefined) throw new Error(`${pair.name} has no MASTER.`);
  await forget(site, pair);
  // Somewhere between two looks.
  await pause(Math.random() * INTERVAL_MS);
  const since = epochMs();
  await old.restart();
  const said = await until(`The word of ${next.name}`, 15_000, () =>
    next.said.find(({ at, state }) => at > since && state === 'MASTER'),
  );
  const post = await until(`The announcement of ${pair.name}`, 15_000, () =>
    site.slack.state.calls.find(
      ({ method, at, args }) =>
        method === 'chat.postMessage' &&
        at > since &&
        String(args.text).includes(`on ${pair.name}:`),
    ),
  );
  const packetAt = await until(`The packet of ${next.name}`, 1_000, () => {
    return pair.movedAt(since);
  });
  await until(`The standby of ${pair.name}`, 15_000, () =>
    old.said.at(-1)?.state === 'BACKUP' ? true : undefined,
  );
  return { packetAt, saidAt: said.at, postedAt: post.at };
}

async function movesBy(site: Site, pairs: readonly VrrpPair[], count: number) {
  const all = await Promise.all(
    pairs.map(async (pair) => {
      const moves: Move[] = [];
      for (let index = 0; index < count; index += 1) moves.push(await moved(site, pair));
      return moves;
    }),
  );
  return all.flat();
}

/** Of the watcher's process while nothing happens. */
async function restingCpu(site: Site, { settleMs, overMs }: AnnounceOptions): Promise<number> {
  const watch = site.processes[1];
  if (watch === undefined) throw new Error('There is no watcher.');
  await pause(settleMs);
  const [before, since] = [watch.cpuMs(), epochMs()];
  await pause(overMs);
  return (watch.cpuMs() - before) / (epochMs() - since);
}

function moveRows(way: Way, moves: readonly Move[], post: number): readonly Row[] {
  const fromPacket = spread(moves.map(({ packetAt, postedAt }) => postedAt - packetAt));
  const word = spread(moves.map(({ packetAt, saidAt }) => saidAt - packetAt));
  const fromWord = spread(moves.map(({ saidAt, postedAt }) => postedAt - saidAt));
  const note = `${fromPacket.count} moves`;
  const name = (what: string, rank: string) => `${way}: ${what}, ${rank}`;
  if (way === 'pull') {
    const target = { kind: 'below', value: INTERVAL_MS + LATE_MS } as const;
    const floor = INTERVAL_MS / 2 + post;
    return [
      {
        name: name('packet -> posted', 'p50'),
        value: fromPacket.p50,
        unit: 'ms',
        floor,
        note: `${note}; floor: half the interval and a bare post`,
      },
      { name: name('packet -> posted', 'p99'), value: fromPacket.p99, unit: 'ms', target },
    ];
  }
  const target = { kind: 'below', value: LATE_MS } as const;
  return [
    { name: name('packet -> keepalived says so', 'p50'), value: word.p50, unit: 'ms', note },
    { name: name('packet -> keepalived says so', 'p99'), value: word.p99, unit: 'ms' },
    {
      name: name('packet -> posted', 'p50'),
      value: fromPacket.p50,
      unit: 'ms',
      floor: Math.max(0, word.p50) + post,
      note: 'floor: its word and a bare post',
    },
    { name: name('packet -> posted', 'p99'), value: fromPacket.p99, unit: 'ms' },
    { name: name('its word -> posted', 'p50'), value: fromWord.p50, unit: 'ms', floor: post },
    { name: name('its word -> posted', 'p99'), value: fromWord.p99, unit: 'ms', target },
  ];
}

/** What a watcher of this many real nodes needs while nothing happens, and what probes add to it. */
async function cost(options: AnnounceOptions): Promise<Section> {
  const pairs = DEVICES / 2;
  const site = await startVrrpPairs(`${options.directory}/rest`, { count: pairs, tell: false });
  try {
    const shareOf = async (probed: boolean) => {
      const product = await openPairs(options, site, 'pull', probed);
      try {
        return await restingCpu(product, options);
      } finally {
        await product.stop();
      }
    };
    const plain = await shareOf(false);
    const probed = await shareOf(true);
    return {
      title: 'What that costs while nothing happens',
      rows: [
        {
          name: `watching ${DEVICES} nodes, % of one core`,
          value: Math.round(plain * 1_000) / 10,
          unit: '',
          target: { kind: 'below', value: SHARE_PERCENT },
          note: `HAProxy and keepalived of each, by ssh; ${(options.overMs / 1_000).toFixed(0)} s`,
        },
        { name: 'CPU per node and hour', value: (plain / DEVICES) * HOUR_MS, unit: 'ms' },
        {
          name: `a probe every ${PROBE_EVERY_MS} ms adds, CPU per pair and hour`,
          value: ((probed - plain) / pairs) * HOUR_MS,
          unit: 'ms',
        },
      ],
    };
  } finally {
    await site.stop();
  }
}

/** From the packet that moves a VIP to the word of it in the channel, and what it costs to watch for it. */
export async function announce(options: AnnounceOptions): Promise<readonly Section[]> {
  const rows: Row[] = [];
  for (const way of ['push', 'pull'] as const) {
    const places = { count: options.pairs, tell: way === 'push' };
    const site = await startVrrpPairs(`${options.directory}/${way}`, places);
    try {
      const product = await openPairs(options, site, way, false);
      try {
        await pause(options.settleMs);
        const { apiUrl, botToken } = product.slack;
        const body = { channel: CHANNEL, text: 'Fail-over on edge' };
        const moves = await movesBy(product, site.pairs, options.moves);
        rows.push(...moveRows(way, moves, await postMs(apiUrl, botToken, body, FLOOR_COUNT)));
      } finally {
        await product.stop();
      }
    } finally {
      await site.stop();
    }
  }
  const title = 'A real keepalived pair changes over (a look every 2 s at each node)';
  return [{ title, rows }, await cost(options)];
}
