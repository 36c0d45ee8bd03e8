import { readingOf } from '../src/adapters/lvs/pool-state.ts';
import type { Row, Section } from './report.ts';
import { spread } from './statistics.ts';

const POOL = '192.168.100.11:80';
const SIZES = [1, 100, 10_000] as const;
/** The first ones are compiled. */
const WARM_UP = 5;
const TARGET_MS = 50;

const addressOf = (index: number) =>
  `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`;

/** What the program on a director answers about a service with so many real servers. */
function answerText(size: number): string {
  const servers = Array.from({ length: size }, (_, index) => `${addressOf(index + 1)}:80`);
  const section = (name: string, text: string) => `== ${name}\n${text}\n== exit 0\n`;
  const listing = (heads: string, cells: (index: number) => string) =>
    [
      `Prot LocalAddress:Port ${heads}`,
      '  -> RemoteAddress:Port',
      `TCP  ${POOL} rr persistent 60`,
      ...servers.map((server, index) => `  -> ${server.padEnd(29)} ${cells(index)}         `),
    ].join('\n');
  return [
    section('identity', `${'0'.repeat(8)}-0000-0000-0000-${'0'.repeat(12)}\n12.34 5.6\n6.1.0`),
    section(
      'rules',
      [
        `-A -t ${POOL} -s rr -p 60`,
        ...servers.map((server) => `-a -t ${POOL} -r ${server} -g -w 3`),
      ].join('\n'),
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

function row(size: number, count: number): Row {
  const text = answerText(size);
  const samples: number[] = [];
  for (let index = 0; index < count + WARM_UP; index += 1) {
    const begun = performance.now();
    const { state } = readingOf(text, {
      balancer: 'lvs-1',
      pool: POOL,
      disableBy: 'weight',
      remembered: [],
      doing: 'Reading',
    });
    const took = performance.now() - begun;
    if (state.members.length !== size) throw new Error('The reading lacks members.');
    if (index >= WARM_UP) samples.push(took);
  }
  const kilobytes = Math.round(text.length / 1_000);
  return {
    name: `${size} real servers p50`,
    value: spread(samples).p50,
    unit: 'ms',
    note: `${count} readings of ${kilobytes} kB`,
    ...(size === SIZES.at(-1) ? { target: { kind: 'below', value: TARGET_MS } as const } : {}),
  };
}

/** From the whole answer of a director to the members of the pool; nothing is sent to anybody. */
export async function lvsReading({ count }: { readonly count: number }): Promise<Section> {
  return {
    title: "A director's answer, from its last byte to the members of the pool",
    rows: SIZES.map((size) => row(size, count)),
  };
}
