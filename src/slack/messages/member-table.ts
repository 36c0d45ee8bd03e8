import type { KnownBlock } from '@slack/types';
import { type MemberState, type PoolState, takesClients } from '../../domain/member.ts';
import { context, packCode, section } from '../blocks.ts';
import { columnCharsMax, deviceRemarkCharsMax, tableCharsMax } from '../limits.ts';
import { codeSpan, cut, escaped, escapedCut, inert } from '../mrkdwn.ts';
import type { LeftOut } from './left-out.ts';
import { counted, endpoint, stateWords } from './words.ts';

interface Column {
  readonly title: string;
  readonly right?: boolean;
}

/** Rows in columns for a fixed-width font. Cells are made inert here, so that widths are right. */
export function monospaced(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  const cells = [columns.map((column) => column.title), ...rows].map((row) =>
    row.map((cell) => cut(inert(cell), columnCharsMax)),
  );
  const widths = columns.map((_, at) => Math.max(...cells.map((row) => (row[at] ?? '').length)));
  return cells.map((row) =>
    columns
      .map((column, at) => {
        const cell = row[at] ?? '';
        const width = widths[at] ?? 0;
        return column.right === true ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
}

export interface MemberTableOptions {
  /** The pool as it was earlier: where a member differs, both values are shown with an arrow. */
  readonly before?: PoolState | undefined;
  /** Device names of the members the change is about; they are marked and never left out first. */
  readonly targets: ReadonlySet<string>;
  readonly rowsMax: number;
}

const MARK = '»';

/** A pool on one balancer: a heading, a table, and in words what the table leaves out. */
export function memberTable(pool: PoolState, options: MemberTableOptions): readonly KnownBlock[] {
  const { table, left } = memberTableText(pool, options);
  const { remark } = pool.device;
  return [
    section(table),
    ...(left === undefined ? [] : [context(left)]),
    ...(remark === undefined ? [] : [context(escapedCut(remark, deviceRemarkCharsMax))]),
  ];
}

/** The members for whom `memberTable` has no room, as a table of their own; undefined when there is none. */
export function restOfTable(pool: PoolState, options: MemberTableOptions): LeftOut | undefined {
  const { heading, rest } = memberTableText(pool, options);
  return rest.length === 0 ? undefined : { title: heading, lines: rest, as: 'code' };
}

export function memberTableText(
  pool: PoolState,
  options: MemberTableOptions,
): {
  readonly heading: string;
  readonly table: string;
  readonly left?: string;
  /** Lines of a table of those left out. */
  readonly rest: readonly string[];
} {
  const chosen = chooseRows(pool.members, options);
  const ports = new Set(pool.members.map((member) => member.port));
  const samePort = ports.size === 1;
  const has = (key: keyof MemberState) => pool.members.some((member) => member[key] !== undefined);
  const extra = EXTRA.filter(({ key }) => has(key));
  const named = pool.members.every(isNamedByAddress);
  const columns: Column[] = [
    { title: ' ' },
    { title: 'member' },
    ...(named ? [] : [{ title: 'address' }]),
    { title: 'state' },
    ...(pool.statusTitle === undefined ? [] : [{ title: pool.statusTitle }]),
    ...(has('forwarding') ? [{ title: 'forward' }] : []),
    { title: 'weight', right: true },
    { title: has('sessionsInactive') ? 'active' : 'sessions', right: true },
    ...extra.map(({ title }) => ({ title, right: true })),
  ];
  const earlier = new Map(options.before?.members.map((member) => [member.name, member]));
  const rowOf = (member: MemberState): readonly string[] => {
    const was = earlier.get(member.name);
    return [
      options.targets.has(member.name) ? MARK : ' ',
      member.name,
      ...(named ? [] : [samePort ? member.address : endpoint(member.address, member.port)]),
      arrow(was === undefined ? undefined : stateWords(was), stateWords(member)),
      ...(pool.statusTitle === undefined ? [] : [member.status]),
      ...(has('forwarding') ? [arrow(was?.forwarding, member.forwarding ?? '-')] : []),
      arrow(was === undefined ? undefined : String(was.weight), String(member.weight)),
      String(member.sessions),
      ...extra.map(({ cell }) => cell(member)),
    ];
  };
  const rows = chosen.map(rowOf);
  const port = samePort ? ` · port ${[...ports].join('')}` : '';
  const heading = `*${escaped(cut(pool.device.balancer, 100))}* · pool ${codeSpan(cut(pool.pool, 200))}${port}`;
  const code = packCode(
    rows.length === 0 ? ['no members'] : monospaced(columns, rows),
    1,
    tableCharsMax,
  );
  const roomFor = Math.max(0, chosen.length - code.left);
  const shown = new Set(chosen.slice(0, roomFor));
  const missing = pool.members.filter((member) => !shown.has(member));
  const left = leftOut(missing, options.targets);
  const rest = missing.length === 0 ? [] : monospaced(columns, missing.map(rowOf));
  const table = `${heading}\n${code.texts[0] ?? ''}`;
  return { heading, table, rest, ...(left === undefined ? {} : { left }) };
}

function arrow(was: string | undefined, is: string): string {
  return was === undefined || was === is ? is : `${was} → ${is}`;
}

/** The name says it already: `192.168.100.78:80`, or the address alone. */
function isNamedByAddress({ name, address, port }: MemberState): boolean {
  return name === endpoint(address, port) || (name === address && port === 0);
}

interface ExtraColumn {
  readonly key: keyof MemberState;
  readonly title: string;
  readonly cell: (member: MemberState) => string;
}

/** Columns for what only some devices tell. */
const EXTRA: readonly ExtraColumn[] = [
  {
    key: 'sessionsInactive',
    title: 'inactive',
    cell: ({ sessionsInactive }) => String(sessionsInactive ?? '-'),
  },
  { key: 'stickyNow', title: 'sticky', cell: ({ stickyNow }) => String(stickyNow ?? '-') },
  { key: 'stickyTotal', title: 'by cookie', cell: cookieShare },
];

function cookieShare(member: MemberState): string {
  if (member.stickyTotal === undefined || member.sessionsTotal === 0) return '-';
  return `${Math.round((100 * member.stickyTotal) / member.sessionsTotal)} %`;
}

/** Who is changed first, then who is out, then the rest; shown in the device's order. */
function chooseRows(
  members: readonly MemberState[],
  { targets, rowsMax }: MemberTableOptions,
): readonly MemberState[] {
  if (members.length <= rowsMax) return members;
  const rank = (member: MemberState) =>
    targets.has(member.name) ? 0 : takesClients(member) ? 2 : 1;
  const best = [...members].sort((a, b) => rank(a) - rank(b)).slice(0, rowsMax);
  const kept = new Set(best);
  return members.filter((member) => kept.has(member));
}

/** `… and 73 more members, all enabled`: nobody should think that the table was the whole pool. */
function leftOut(
  members: readonly MemberState[],
  targets: ReadonlySet<string>,
): string | undefined {
  if (members.length === 0) return undefined;
  const states = new Map<string, number>();
  for (const member of members) {
    const words = stateWords(member);
    states.set(words, (states.get(words) ?? 0) + 1);
  }
  const [first] = states.keys();
  const what =
    states.size === 1
      ? `${members.length === 1 ? '' : 'all '}${first ?? ''}`
      : [...states].map(([words, count]) => `${count} ${words}`).join(', ');
  const changed = members.filter((member) => targets.has(member.name)).length;
  const also =
    changed === 0 ? '' : ` (${counted(changed, 'member')} of these are changed by this, too)`;
  return `… and ${counted(members.length, 'more member')}, ${what}${also}`;
}
