import { resolve } from 'node:path';
import type { BenchBalancer } from './balancers.ts';
import { names, type SiteInventory } from './inventory.ts';
import { type Serving, startUntil } from './lb-process.ts';
import type { Row, Section } from './report.ts';
import { openSite, type Site, type Store, startSlack, type } from './site.ts';
import { spread } from './statistics.ts';
import { pause } from './time.ts';

export interface AckOptions {
  readonly directory: string;
  /** A process with sockets and backends `pool1`, `pool2` … */
  readonly balancer: BenchBalancer;
  readonly seconds: number;
  /** Commands typed while Redis is away, each way. */
  readonly whileAway: number;
}

const PER_SECOND = 50;
const SERVICES = 20;
const MEMBERS = 10;
const ACK_MS = 200;
const ACK_ALWAYS_MS = 2_200;

type Command = (index: number) => string;

const statusOf: Command = (index) => `status pool${(index % SERVICES) + 1}.example`;

/** Goes through all members of all services: first out, then in again. */
const changeOf: Command = (index) => {
  const round = Math.floor(index / SERVICES);
  const out = Math.floor(round / (MEMBERS / 2)) % 2 === 0;
  const member = (round % (MEMBERS / 2)) + 1;
  return `${out ? 'disable' : 'enable'} pool${(index % SERVICES) + 1}.example m${member}`;
};

/** Types at a steady rate whatever comes back, as a crowd does; all acknowledgements in ms. */
async function typed(
  site: Pick<Site, 'slack'>,
  commands: number,
  command: Command,
): Promise<readonly number[]> {
  const begun = performance.now();
  const replies: ReturnType<typeof type>[] = [];
  for (let index = 0; index < commands; index += 1) {
    const due = begun + (index * 1_000) / PER_SECOND;
    const early = due - performance.now();
    if (early > 0) await pause(early);
    replies.push(type(site, command(index)));
  }
  const ended = await Promise.all(replies);
  const lost = ended.filter(({ acknowledged }) => !acknowledged).length;
  if (lost > 0) throw new Error(`${lost} commands were not acknowledged.`);
  return ended.map(({ ackMs }) => ackMs);
}

async function echoes({ seconds }: AckOptions): Promise<readonly number[]> {
  const slack = await startSlack();
  let echo: Serving | undefined;
  try {
    echo = await startUntil(
      [resolve(import.meta.dirname, 'echo.js')],
      { SLACK_API_URL: slack.apiUrl, SLACK_APP_TOKEN: slack.appToken },
      '"Echoing"',
    );
    await typed({ slack }, PER_SECOND, statusOf);
    return await typed({ slack }, PER_SECOND * seconds, statusOf);
  } finally {
    await echo?.stop();
    await slack.close();
  }
}

function inventory(sockets: readonly string[]): SiteInventory {
  const balancers = sockets.slice(0, SERVICES).map((socket, index) => ({
    name: `lb-${index + 1}`,
    socket,
  }));
  return {
    balancers,
    services: balancers.map(({ name }, index) => ({
      name: `pool${index + 1}.example`,
      on: name,
      backend: `pool${index + 1}`,
      members: names('m', MEMBERS),
    })),
    cards: true,
  };
}

function ackRows(what: string, samples: readonly number[], floor: readonly number[]): Row[] {
  const { p50, p99, max, count } = spread(samples);
  const bare = spread(floor);
  return [
    { name: `ack p50, ${what}`, value: p50, unit: 'ms', floor: bare.p50 },
    {
      name: `ack p99, ${what}`,
      value: p99,
      unit: 'ms',
      floor: bare.p99,
      target: { kind: 'below', value: ACK_MS },
      note: `${count} commands at ${PER_SECOND}/s; slowest ${max.toFixed(0)} ms`,
    },
  ];
}

/** Types changes and questions in turn, one after the other; all acknowledgements in ms. */
async function oneByOne(site: Site, commands: number): Promise<readonly number[]> {
  const samples: number[] = [];
  for (let index = 0; index < commands; index += 1) {
    const command = index % 2 === 0 ? changeOf : statusOf;
    const { ackMs, acknowledged } = await type(site, command(index));
    if (!acknowledged) throw new Error('A command was not acknowledged while Redis was away.');
    samples.push(ackMs);
  }
  return samples;
}

function awayRow(what: string, samples: readonly number[]): Row {
  return {
    name: `ack slowest, Redis ${what}`,
    value: spread(samples).max,
    unit: 'ms',
    target: { kind: 'below', value: ACK_ALWAYS_MS },
    note: `${samples.length} commands, one after the other`,
  };
}

/** The worst cases come last: what they leave behind is thrown away with the site. */
async function away(site: Site, { whileAway }: AckOptions): Promise<readonly Row[]> {
  const { redis } = site;
  if (redis === undefined) return [];
  redis.freeze();
  const hung = await oneByOne(site, whileAway);
  redis.thaw();
  await pause(2_000);
  await redis.kill();
  const down = await oneByOne(site, whileAway);
  return [awayRow('hung (SIGSTOP)', hung), awayRow('down (SIGKILL)', down)];
}

async function storeRows(
  options: AckOptions,
  store: Store,
  floor: readonly number[],
): Promise<readonly Row[]> {
  const words = store === 'embedded' ? 'embedded store' : 'Redis, AOF always';
  await options.balancer.restore();
  const site = await openSite({
    directory: `${options.directory}/ack-${store}`,
    store,
    inventory: inventory(options.balancer.sockets),
  });
  try {
    // What is loaded on first use, and who may do what, is known after this.
    await typed(site, PER_SECOND, statusOf);
    const questions = await typed(site, PER_SECOND * options.seconds, statusOf);
    const changes = await typed(site, PER_SECOND * options.seconds, changeOf);
    return [
      ...ackRows(`status, ${words}`, questions, floor),
      ...ackRows(`disable and enable, ${words}`, changes, floor),
      ...(await away(site, options)),
    ];
  } finally {
    await site.stop();
  }
}

/** From typing a slash command to its acknowledgement, over Socket Mode, while everything else goes on. */
export async function acknowledgement(options: AckOptions): Promise<Section> {
  const floor = await echoes(options);
  const rows = [
    ...(await storeRows(options, 'always', floor)),
    ...(await storeRows(options, 'embedded', floor)),
  ];
  return { title: 'Acknowledgement of a slash command (floor: a bare Socket Mode echo)', rows };
}
