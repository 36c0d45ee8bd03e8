import { ask, type BenchBalancer } from './balancers.ts';
import { startCountingProxy } from './counting-proxy.ts';
import { postMs } from './floors.ts';
import { CHANNEL } from './inventory.ts';
import type { Section } from './report.ts';
import { openSite, type Site } from './site.ts';
import { spread } from './statistics.ts';
import { epochMs, pause, until } from './time.ts';

export interface WatchingOptions {
  readonly directory: string;
  /** A socket and a backend for each of the balancers that are watched. */
  readonly balancer: BenchBalancer;
  /** What the first looks read and keep is not the price of those that follow. */
  readonly settleMs: number;
  /** How long nothing happens while the cost is measured. */
  readonly overMs: number;
  readonly deaths: number;
}

const DEVICES = 50;
const INTERVAL_MS = 2_000;
const HOUR_MS = 3_600_000;
const SHARE_PERCENT = 10;
const LATE_MS = 500;
const FLOOR_COUNT = 50;

const balancerName = (index: number) => `lb-${index + 1}`;
const backendName = (index: number) => `pool${index + 1}`;

/** From just before HAProxy takes a member for dead to the call that tells it in the channel. */
async function deathMs(site: Site, socket: string, index: number): Promise<number> {
  const name = balancerName(index);
  // Or its next good check would bring it back before anybody looks.
  await ask(socket, `disable health ${backendName(index)}/m1`);
  const since = epochMs();
  await ask(socket, `set server ${backendName(index)}/m1 health down`);
  const post = await until(`The word of a death on ${name}`, 15_000, () =>
    site.slack.state.calls.find(
      ({ method, at, args }) =>
        method === 'chat.postMessage' &&
        at > since &&
        String(args.text).includes(`m1 is down on ${name}`),
    ),
  );
  return post.at - since;
}

/** What it costs to watch, and how soon the channel hears of a member that died. */
export async function watching(options: WatchingOptions): Promise<Section> {
  const { directory, balancer, settleMs, overMs, deaths } = options;
  const [first = '', ...others] = balancer.sockets.slice(0, DEVICES);
  const proxy = await startCountingProxy(`${directory}/watched.sock`, first);
  const site = await openSite({
    directory: `${directory}/watching`,
    store: 'always',
    inventory: {
      balancers: [proxy.socket, ...others].map((socket, index) => {
        return { name: balancerName(index), socket };
      }),
      services: Array.from({ length: DEVICES }, (_, index) => ({
        name: `${backendName(index)}.example`,
        on: balancerName(index),
        backend: backendName(index),
      })),
      cards: true,
    },
    processes: [
      ['--role', 'bot,worker'],
      ['--role', 'watch'],
    ],
  });
  try {
    const watch = site.processes[1];
    if (watch === undefined) throw new Error('There is no watcher.');
    await pause(settleMs);
    const before = { cpuMs: watch.cpuMs(), exchanges: proxy.exchanges.length, at: epochMs() };
    await pause(overMs);
    const lasted = epochMs() - before.at;
    const cpuMs = watch.cpuMs() - before.cpuMs;
    const seen = proxy.exchanges.slice(before.exchanges);
    const bytes = seen.reduce((sum, each) => sum + each.bytes, 0);
    const anHour = HOUR_MS / lasted;

    const samples: number[] = [];
    for (let index = 1; index <= deaths; index += 1) {
      // At any moment between two looks, and no faster than Slack takes messages.
      await pause(1_100 + Math.random() * INTERVAL_MS);
      samples.push(await deathMs(site, balancer.sockets[index] ?? '', index));
    }
    const { apiUrl, botToken } = site.slack;
    const post = await postMs(
      apiUrl,
      botToken,
      { channel: CHANNEL, text: 'm1 is down' },
      FLOOR_COUNT,
    );
    const { p50, p99, count } = spread(samples);
    const perDevice = `${DEVICES} HAProxy backends of 20 members, ${(lasted / 1_000).toFixed(0)} s`;
    return {
      title:
        'Watching: its price while nothing happens, and from a death to the post (a look every 2 s)',
      rows: [
        {
          name: `watching ${DEVICES} balancers, % of one core`,
          value: Math.round((cpuMs / lasted) * 1_000) / 10,
          unit: '',
          target: { kind: 'below', value: SHARE_PERCENT },
          note: perDevice,
        },
        { name: 'CPU per balancer and hour', value: (cpuMs / DEVICES) * anHour, unit: 'ms' },
        {
          name: 'bytes per balancer and hour',
          value: (bytes * anHour) / 1e6,
          unit: 'MB',
          note: `both ways, ${seen.length} exchanges counted`,
        },
        {
          name: 'member dies -> posted, p50',
          value: p50,
          unit: 'ms',
          floor: INTERVAL_MS / 2 + post,
          note: `${count} deaths; floor: half the interval and a bare post`,
        },
        {
          name: 'member dies -> posted, p99',
          value: p99,
          unit: 'ms',
          target: { kind: 'below', value: INTERVAL_MS + LATE_MS },
        },
      ],
    };
  } finally {
    await site.stop();
    await proxy.close();
    for (let index = 1; index <= deaths; index += 1) {
      const member = `${backendName(index)}/m1`;
      await ask(first, `set server ${member} health up`);
      await ask(first, `enable health ${member}`);
    }
  }
}
