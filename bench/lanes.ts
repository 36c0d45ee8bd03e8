import { systemClock } from '../src/bin/system-clock.ts';
import { Secret } from '../src/domain/secret.ts';
import type { Operations } from '../src/operations/operations.ts';
import { createOperations } from '../src/operations/request.ts';
import { openWorkQueue } from '../src/queue/producer.ts';
import { redisStores } from '../src/store/stores.ts';
import { createLog } from '../src/telemetry/log.ts';
import type { BenchBalancer } from './balancers.ts';
import { names, nextOperator, type SiteInventory } from './inventory.ts';
import type { Verb } from './one-change.ts';
import type { Row, Section } from './report.ts';
import { openSite, SIGNING_KEY, type Site, type } from './site.ts';
import { median } from './statistics.ts';
import { pause, until } from './time.ts';

export interface LaneOptions {
  readonly directory: string;
  /** A process with as many sockets and backends as there are lanes. */
  readonly balancer: BenchBalancer;
  /** Members of each backend. */
  readonly members: number;
  readonly lanes: readonly number[];
  /** About so many changes per round, over all lanes. */
  readonly changesPerRound: number;
  readonly rounds: number;
  /** Only the plainest way of asking. */
  readonly brief: boolean;
}

const CHANGES_PER_SECOND = 200;
const ROUND_WITHIN_MS = 60_000;
/** More than a connection on this machine takes. */
const CONNECT_MS = 200;

interface Course {
  readonly label: string;
  readonly typed: boolean;
  readonly processes: readonly (readonly string[])[];
}

const WORKER = ['--role', 'worker'];
const COURSES: readonly Course[] = [
  { label: 'asked in the shell, 1 worker', typed: false, processes: [WORKER] },
  { label: 'asked in the shell, 2 workers', typed: false, processes: [WORKER, WORKER] },
  { label: 'typed in Slack with cards, 1 process', typed: true, processes: [[]] },
];

function inventory({ balancer, members }: LaneOptions, lanes: number, cards: boolean) {
  const balancers = balancer.sockets.slice(0, lanes).map((socket, index) => ({
    name: `lb-${index + 1}`,
    socket,
  }));
  const site: SiteInventory = {
    balancers,
    services: balancers.map(({ name }, index) => ({
      name: `pool${index + 1}.example`,
      on: name,
      backend: `pool${index + 1}`,
      members: names('m', members),
    })),
    cards,
    minAvailable: '1',
  };
  return site;
}

type Submit = (verb: Verb, service: string, member: string) => Promise<void>;

/** The front of the product in this process, as `lb disable …` in a shell has it. */
async function fromShell(site: Site): Promise<{ readonly submit: Submit; close(): Promise<void> }> {
  const signingKey = new Secret(SIGNING_KEY);
  const queue = openWorkQueue(site.redisUrl);
  await pause(CONNECT_MS);
  const operations: Operations = createOperations({
    inventory: site.inventory,
    stores: redisStores(site.client, systemClock, signingKey),
    queue,
    clock: systemClock,
    log: createLog({ level: 'silent' }),
    signingKey,
  });
  let asked = 0;
  return {
    close: () => queue.close(),
    async submit(verb, service, member) {
      asked += 1;
      const receipt = await operations.change(
        { verb, service, members: [member], ifPairFails: 'put back' },
        {
          actor: { id: nextOperator(), via: 'shell', shellUser: 'bench' },
          origin: { via: 'shell' },
          deliveryId: `bench.${asked}`,
        },
      );
      if (receipt.kind !== 'accepted') throw new Error(JSON.stringify(receipt));
    },
  };
}

/** Asks for one change of each of these members on each lane, all at once; changes per second until the last. */
async function round(
  { balancer }: LaneOptions,
  site: Site,
  submit: Submit,
  verb: Verb,
  lanes: number,
  members: readonly string[],
): Promise<number> {
  const expected = lanes * members.length;
  balancer.said.length = 0;
  const begun = performance.now();
  await Promise.all(
    Array.from({ length: lanes }, async (_, lane) => {
      for (const member of members) await submit(verb, `pool${lane + 1}.example`, member);
    }),
  );
  const state = verb === 'disable' ? 'out' : 'in';
  const changed = () => balancer.said.filter((word) => word.state === state).length;
  await until(`${verb} of ${expected} members on ${lanes} lanes`, ROUND_WITHIN_MS, () =>
    changed() >= expected ? true : undefined,
  ).catch(async (cause: unknown) => {
    const ends = await endings(site);
    throw new Error(`${changed()} of ${expected} were changed; ${ends}`, { cause });
  });
  return (expected * 1_000) / (performance.now() - begun);
}

/** How the changes ended and why, for whoever must find out what went wrong. */
async function endings(site: Site): Promise<string> {
  const { changes } = redisStores(site.client, systemClock, new Secret(SIGNING_KEY));
  const counts = new Map<string, number>();
  for (const { state, fault } of await changes.recent(1_000)) {
    const ending = [state, fault?.code, fault?.message].filter(Boolean).join(' ');
    counts.set(ending, (counts.get(ending) ?? 0) + 1);
  }
  return [...counts].map(([ending, count]) => `${count} x ${ending}`).join('; ');
}

async function untilOver(site: Site): Promise<void> {
  const { changes } = redisStores(site.client, systemClock, new Secret(SIGNING_KEY));
  await until('The end of all changes', ROUND_WITHIN_MS, async () =>
    (await changes.open()).length === 0 ? true : undefined,
  );
}

async function rowsOf(options: LaneOptions, course: Course, lanes: number): Promise<Row[]> {
  await options.balancer.restore();
  const site = await openSite({
    directory: `${options.directory}/${lanes}-${COURSES.indexOf(course)}`,
    store: 'always',
    inventory: inventory(options, lanes, course.typed),
    processes: course.processes,
  });
  const shell = await fromShell(site);
  const submit: Submit = course.typed
    ? async (verb, service, member) => {
        const { acknowledged } = await type(site, `${verb} ${service} ${member}`);
        if (!acknowledged) throw new Error('A command was not acknowledged.');
      }
    : shell.submit;
  const perLane = Math.max(
    1,
    Math.min(options.members - 1, Math.floor(options.changesPerRound / lanes)),
  );
  const members = names('m', perLane);
  const rates: Record<Verb, number[]> = { disable: [], enable: [] };
  try {
    // The first round warms up.
    for (let turn = 0; turn <= options.rounds; turn += 1) {
      for (const verb of ['disable', 'enable'] as const) {
        const rate = await round(options, site, submit, verb, lanes, members);
        if (turn > 0) rates[verb].push(rate);
        await untilOver(site);
      }
    }
  } finally {
    await shell.close();
    await site.stop();
  }
  return (['disable', 'enable'] as const).map((verb) => ({
    name: `${verb}, ${lanes} ${lanes === 1 ? 'lane' : 'lanes'}, ${course.label}`,
    value: median(rates[verb]),
    unit: '/s',
    ...(lanes === 100 ? { target: { kind: 'at least', value: CHANGES_PER_SECOND } } : {}),
    note: `${lanes * members.length} changes a round, ${options.rounds} rounds`,
  }));
}

/** Changes per second, from the first command to the last changed device; Redis writes every command to disk. */
export async function lanes(options: LaneOptions): Promise<Section> {
  const rows: Row[] = [];
  for (const count of options.lanes) {
    for (const course of options.brief ? COURSES.slice(0, 1) : COURSES)
      rows.push(...(await rowsOf(options, course, count)));
  }
  return { title: 'Changes per second over lanes (Redis, AOF always)', rows };
}
