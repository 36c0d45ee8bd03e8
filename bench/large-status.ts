import type { BenchBalancer } from './balancers.ts';
import { exchangeMs, hopMs, postMs } from './floors.ts';
import { CHANNEL } from './inventory.ts';
import type { Section } from './report.ts';
import { openSite, type } from './site.ts';
import { spread } from './statistics.ts';
import { epochMs, until } from './time.ts';

export interface StatusOptions {
  readonly directory: string;
  /** Its first backend is the large one. */
  readonly balancer: BenchBalancer;
  readonly members: number;
  readonly count: number;
}

export const LARGE_BACKEND = 'large';
const SERVICE = 'large.example';
const FLOOR_COUNT = 50;

/** Question and whisper: src/operations/request.ts to questions.ts, questions.ts to announce.ts. */
const HOPS = 2;
/** One read of a pool: src/adapters/haproxy/pools.ts. */
const READING = `show servers state ${LARGE_BACKEND};show stat 2 6 -1;show info`;

/** From typing `status` to the answer on its way to the asker's screen. */
export async function largeStatus(options: StatusOptions): Promise<Section> {
  const socket = options.balancer.sockets[0] ?? '';
  const site = await openSite({
    directory: `${options.directory}/status`,
    store: 'always',
    inventory: {
      balancers: [{ name: 'lb-1', socket }],
      services: [{ name: SERVICE, on: 'lb-1', backend: LARGE_BACKEND }],
      cards: true,
    },
  });
  try {
    const samples: number[] = [];
    for (let index = 0; index < options.count + 3; index += 1) {
      const since = epochMs();
      await type(site, `status ${SERVICE}`);
      const answer = await until('The answer to status', 10_000, () =>
        site.slack.state.calls.findLast(
          (call) => call.method === 'chat.postEphemeral' && call.at > since,
        ),
      );
      // The first ones load and compile.
      if (index >= 3) samples.push(answer.at - since);
      if (!JSON.stringify(answer.args).includes('m1'))
        throw new Error('The answer has no members.');
    }
    const hop = await hopMs(site.client, FLOOR_COUNT);
    const { calls } = site.slack.state;
    const answer = calls.findLast((call) => call.method === 'chat.postEphemeral');
    const { apiUrl, botToken } = site.slack;
    const body = { channel: CHANNEL, text: answer?.args.text, blocks: answer?.args.blocks };
    const post = await postMs(apiUrl, botToken, body, FLOOR_COUNT);
    const bare = await exchangeMs(socket, READING, FLOOR_COUNT);
    const floor = HOPS * hop + bare + post;
    const { p50, p99, count } = spread(samples);
    const name = `status of ${options.members} members`;
    return {
      title: 'A question about a large pool, from typing to the posted answer (Redis, AOF always)',
      rows: [
        { name: `${name} p50`, value: p50, unit: 'ms', floor, note: `${count} questions` },
        { name: `${name} p99`, value: p99, unit: 'ms' },
        { name: 'bare read of the pool', value: bare, unit: 'ms' },
      ],
    };
  } finally {
    await site.stop();
  }
}
