import { answerOf } from '../src/adapters/lvs/answer.ts';
import { poolStateOf } from '../src/adapters/lvs/pool-state.ts';
import type { Row, Section } from './report.ts';
import { spread } from './statistics.ts';

const POOL = '192.168.100.11:80';
const SIZES = [1, 100, 10_000] as const;
/** The first ones are compiled. */
const WARM_UP = 5;
const TARGET_MS = 50;

const addressOf = (index: number) =>
  `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`;

const WATCHED = 50;

/** What the program on a director answers about so many services with so many real servers each. */
function answerText(pools: readonly string[], size: number): string {
  const servers = Array.from({ length: size }, (_, index) => `${addressOf(index + 1)}:80`);
  const section = (name: string, text: string) => `== ${name}\n${text}\n== exit 0\n`;
  const listing = (heads: string, cells: (index: number) => string) =>
    [
      `Prot LocalAddress:Port ${heads}`,
      '  -> RemoteAddress:Port',
      ...pools.flatMap((pool) => [
        `TCP  ${pool} rr persistent 60`,
        ...servers.map((server, index) => `  -> ${server.padEnd(29)} ${cells(index)}         `),
      ]),
    ].join('\n');
  return [
    section('identity', `${'0'.repeat(8)}-0000-0000-0000-${'0'.repeat(12)}\n12.34 5.6\n6.1.0`),
    section(
      'rules',
      pools
        .flatMap((pool) => [
          `-A -t ${pool} -s rr -p 60`,
          ...servers.map((server) => `-a -t ${pool} -r ${server} -g -w 3`),
        ])
        .join('\n'),
    ),
    section(
      'thresholds',
      listing('Uthreshold Lthreshold ActiveConn InActConn', (index) => `0 0 ${index} ${index * 2}`),
    ),
    section(
      'persistent',
      listing('Weight PersistConn', (index) => `3 ${index}`),
    ),
    section(
      'stats',
      listing(
        'Conns InPkts OutPkts InBytes OutBytes',
        (index) => `${index} 23531234 0 150122123 0`,
      ),
    ),
    section('settings', 'expire_quiescent_template 0\nexpire_nodest_conn 0'),
    section('owner', ''),
    '== done\n',
  ].join('');
}

/** From the whole text to the members of the first so many of the services. */
function row(
  pools: readonly string[],
  size: number,
  wanted: number,
  { name, count, isTarget }: { name: string; count: number; isTarget: boolean },
): Row {
  const text = answerText(pools, size);
  const samples: number[] = [];
  for (let index = 0; index < count + WARM_UP; index += 1) {
    const begun = performance.now();
    const answer = answerOf(text, 'Reading');
    const states = pools.slice(0, wanted).map((pool) =>
      poolStateOf(answer, {
        ...{ balancer: 'lvs-1', pool, disableBy: 'weight', remembered: [], doing: 'Reading' },
      }),
    );
    const took = performance.now() - begun;
    if (states.some(({ members }) => members.length !== size)) throw new Error('Members lack.');
    if (index >= WARM_UP) samples.push(took);
  }
  const kilobytes = Math.round(text.length / 1_000);
  return {
    name,
    value: spread(samples).p50,
    unit: 'ms',
    note: `${count} readings of ${kilobytes} kB`,
    ...(isTarget ? { target: { kind: 'below', value: TARGET_MS } as const } : {}),
  };
}

/** From the whole answer of a director to the members of the pool; nothing is sent to anybody. */
export async function lvsReading({ count }: { readonly count: number }): Promise<Section> {
  const many = Array.from({ length: 1_000 }, (_, index) => `192.168.100.11:${index + 1}`);
  return {
    title: "A director's answer, from its last byte to the members of the pool",
    rows: [
      ...SIZES.map((size) => {
        const isTarget = size === SIZES.at(-1);
        return row([POOL], size, 1, { name: `${size} real servers p50`, count, isTarget });
      }),
      row(many, 10, WATCHED, {
        name: `${WATCHED} of 1000 services with 10 real servers each p50`,
        ...{ count, isTarget: true },
      }),
    ],
  };
}
