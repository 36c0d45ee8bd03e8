/** One destination of a service, as a test wants it. */
export interface Row {
  readonly server: string;
  readonly weight: number;
  readonly active?: number;
  readonly inactive?: number;
  readonly sticky?: number;
  readonly upper?: number;
  readonly lower?: number;
}

const section = (name: string, text: string) => `== ${name}\n${text}== exit 0\n`;

/** What the program on a director answers to `read` for this service, with `others` further lines of `-Sn`. */
export function answerText(
  service: string,
  rows: readonly Row[],
  { persist = '', releases = 0, others = [] as readonly string[] } = {},
): string {
  const listing = (heads: string, cells: (row: Row) => readonly number[]) =>
    `Prot LocalAddress:Port ${heads}\n  -> RemoteAddress:Port\nTCP  ${service} rr\n${rows
      .map((row) => `  -> ${row.server} ${cells(row).join(' ')}\n`)
      .join('')}`;
  const rules = [
    `-A -t ${service} -s rr${persist}`,
    ...rows.map(({ server, weight }) => `-a -t ${service} -r ${server} -g -w ${weight}`),
    ...others,
  ];
  return [
    section('identity', `${'0'.repeat(8)}-0000-0000-0000-${'0'.repeat(12)}\n12.34 5.6\n6.1.0\n`),
    section('rules', `${rules.join('\n')}\n`),
    section(
      'thresholds',
      listing('Uthreshold Lthreshold ActiveConn InActConn', (row) => [
        row.upper ?? 0,
        row.lower ?? 0,
        row.active ?? 0,
        row.inactive ?? 0,
      ]),
    ),
    section(
      'persistent',
      listing('Weight PersistConn', ({ weight, sticky }) => [weight, sticky ?? 0]),
    ),
    section(
      'stats',
      listing('Conns', () => [7]),
    ),
    section('settings', `expire_quiescent_template ${releases}\n`),
    section('owner', ''),
    '== done\n',
  ].join('');
}
