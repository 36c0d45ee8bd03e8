import { join } from 'node:path';
import type { BenchBalancer } from './balancers.ts';
import { exchangeMs, hopMs, postMs } from './floors.ts';
import {
  bareMs,
  bareSerialMs,
  countFlow,
  type FlowCount,
  hopsUntilChanged,
  hopsUntilPosted,
} from './flow-count.ts';
import { CHANNEL } from './inventory.ts';
import { type ChangeSample, oneChange, type Verb } from './one-change.ts';
import { PAIR_BACKEND, PAIR_SERVICE, pairInventory } from './pair.ts';
import { figure, type Row, type Section, type Target } from './report.ts';
import { openSite, type Site, type Store } from './site.ts';
import { median, spread } from './statistics.ts';

export interface PairOptions {
  readonly directory: string;
  /** A pair for each site, so that nobody's watcher sees the changes of another as somebody's hand. */
  readonly pairs: readonly (readonly BenchBalancer[])[];
  /** Blocks of changes, taken from each site in turn, so that a busy moment of the machine hits all alike. */
  readonly blocks: number;
  readonly changesPerBlock: number;
}

/** One way of running the product, with everything that was measured on it. */
interface Course {
  readonly label: string;
  readonly approval: boolean;
  readonly site: Site;
  readonly nodes: readonly BenchBalancer[];
  readonly target: Target | undefined;
  readonly samples: ChangeSample[];
  readonly hops: number[];
  readonly posts: number[];
}

const PROMISED: Target = { kind: 'times floor', value: 3 };

export const COURSES: readonly {
  readonly label: string;
  readonly store: Store;
  readonly approval?: boolean;
  readonly promised: boolean;
}[] = [
  { label: 'Redis, AOF always', store: 'always', promised: true },
  { label: 'Redis, no AOF', store: 'off', promised: true },
  { label: 'embedded store', store: 'embedded', promised: false },
  { label: 'with approval, Redis, AOF always', store: 'always', approval: true, promised: false },
];

/** Commands of the flow by kind; the write is one that changes nothing. */
const KINDS = new Map([
  ['reading', `show servers state ${PAIR_BACKEND};show stat 2 6 -1;show info`],
  ['write', `enable server ${PAIR_BACKEND}/m5`],
]);

const FLOOR_COUNT = 100;
/** What is loaded and compiled on first use is not what a change costs. */
const WARM_UP = 10;

/** Adds to `courses` as they start, so that whoever stops them knows of each. */
async function openCourses({ directory, pairs }: PairOptions, courses: Course[]): Promise<void> {
  for (const [index, { label, store, approval = false, promised }] of COURSES.entries()) {
    const nodes = pairs[index] ?? [];
    const sockets = nodes.map((node) => node.sockets[0] ?? '');
    const site = await openSite({
      directory: join(directory, `p${index}`),
      store,
      inventory: pairInventory(sockets, approval),
    });
    courses.push({
      label,
      approval,
      site,
      nodes,
      target: promised ? PROMISED : undefined,
      samples: [],
      hops: [],
      posts: [],
    });
  }
}

async function runBlock(course: Course, { changesPerBlock }: PairOptions): Promise<void> {
  const { site, nodes, samples } = course;
  for (let index = 0; index < changesPerBlock; index += 1) {
    const verb: Verb = index % 2 === 0 ? 'disable' : 'enable';
    samples.push(await oneChange(site, nodes, { verb, service: PAIR_SERVICE, member: 'm1' }));
  }
  course.hops.push(await hopMs(site.client, FLOOR_COUNT));
  const card = site.slack.state.calls.findLast((call) => call.args.blocks !== undefined);
  const body = { channel: CHANNEL, text: card?.args.text, blocks: card?.args.blocks };
  const { apiUrl, botToken } = site.slack;
  course.posts.push(await postMs(apiUrl, botToken, body, FLOOR_COUNT));
}

async function pricesOf(node: BenchBalancer | undefined): Promise<ReadonlyMap<string, number>> {
  const prices = new Map<string, number>();
  for (const [kind, command] of KINDS) {
    prices.set(kind, await exchangeMs(node?.sockets[0] ?? '', command, FLOOR_COUNT));
  }
  return prices;
}

/** Median of each kind over the blocks. */
function merged(prices: readonly ReadonlyMap<string, number>[]): ReadonlyMap<string, number> {
  return new Map(
    [...KINDS.keys()].map((kind) => [kind, median(prices.map((block) => block.get(kind) ?? 0))]),
  );
}

function courseRows(course: Course, count: FlowCount, prices: ReadonlyMap<string, number>): Row[] {
  const hop = median(course.hops);
  const post = median(course.posts);
  const row = (
    name: string,
    samples: readonly number[],
    hops: number,
    exchanges: FlowCount['untilPosted'],
    posts: number,
  ): Row[] => {
    const around = hops * hop + posts * post;
    const floor = around + bareMs(exchanges, prices);
    const serial = around + bareSerialMs(exchanges, prices);
    const { p50, p99, count: changes } = spread(samples);
    const target = course.target === undefined ? {} : { target: course.target };
    return [
      {
        name: `${name} p50, ${course.label}`,
        value: p50,
        unit: 'ms',
        floor,
        ...target,
        note: `${changes} changes; ${figure(p50 / serial)} x where reads side by side count once`,
      },
      { name: `${name} p99, ${course.label}`, value: p99, unit: 'ms' },
    ];
  };
  const { samples } = course;
  const { untilChanged, untilPosted } = count;
  const { approval } = course;
  const from = approval ? 'click' : 'accepted';
  return [
    ...row(
      `${from} -> HAProxy changed`,
      samples.map(({ changedMs }) => changedMs),
      hopsUntilChanged(approval),
      untilChanged,
      0,
    ),
    ...row(
      `${from} -> outcome posted`,
      samples.map(({ postedMs }) => postedMs),
      hopsUntilPosted(approval),
      untilPosted,
      1,
    ),
  ];
}

/** One change at a time on a pair of two nodes, on every store in turn. */
export async function pairChanges(options: PairOptions): Promise<readonly Section[]> {
  const [nodes = []] = options.pairs;
  const count = await countFlow(options.directory, nodes, false);
  const countAfterClick = await countFlow(options.directory, nodes, true);
  const courses: Course[] = [];
  try {
    await openCourses(options, courses);
    for (const course of courses) {
      await runBlock(course, { ...options, changesPerBlock: WARM_UP });
      for (const list of [course.samples, course.hops, course.posts]) list.length = 0;
    }
    const prices: ReadonlyMap<string, number>[] = [];
    for (let block = 0; block < options.blocks; block += 1) {
      prices.push(await pricesOf(nodes[0]));
      for (const course of courses) await runBlock(course, options);
    }
    const price = merged(prices);
    return [
      countSection(count, countAfterClick, courses, price),
      {
        title: 'One change at a time: one member on a pair of two nodes',
        rows: courses.flatMap((course) =>
          courseRows(course, course.approval ? countAfterClick : count, price),
        ),
      },
    ];
  } finally {
    await Promise.all(courses.map(({ site }) => site.stop()));
  }
}

function countSection(
  { untilChanged, untilPosted, redisCommands }: FlowCount,
  afterClick: FlowCount,
  courses: readonly Course[],
  prices: ReadonlyMap<string, number>,
): Section {
  const rows: Row[] = [
    { name: 'device exchanges until changed', value: untilChanged.length, unit: '' },
    { name: 'device exchanges until posted', value: untilPosted.length, unit: '' },
    {
      name: 'device exchanges from click until changed',
      value: afterClick.untilChanged.length,
      unit: '',
    },
    {
      name: 'device exchanges from click until posted',
      value: afterClick.untilPosted.length,
      unit: '',
    },
    {
      name: 'Redis commands of the whole change',
      value: redisCommands,
      unit: '',
      note: 'those inside scripts included',
    },
    ...[...prices].map(
      ([kind, ms]): Row => ({ name: `bare exchange: ${kind}`, value: ms, unit: 'ms' }),
    ),
    ...courses.map(
      ({ label, hops }): Row => ({
        name: `bare hop RPUSH/BLPOP, ${label}`,
        value: median(hops),
        unit: 'ms',
      }),
    ),
    { name: 'bare post', value: median(courses.flatMap(({ posts }) => posts)), unit: 'ms' },
  ];
  return { title: 'What the floors are made of', rows };
}
