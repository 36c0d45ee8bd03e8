import type { Provenance } from '../domain/answer.ts';
import {
  type AdminState,
  type Health,
  type MemberState,
  type PoolState,
  takesClients,
} from '../domain/member.ts';
import { type Colour, clean, type PrintOptions, paint, timeText } from './print-options.ts';
import { type Cell, textTable } from './text-table.ts';

/** Columns for what only some devices tell: shown where one member has it. */
const EXTRA = [
  { key: 'sessionsInactive', title: 'INACTIVE' },
  { key: 'stickyNow', title: 'STICKY' },
] as const;

const STATE_COLOUR: Record<AdminState, Colour> = {
  enabled: 'green',
  drained: 'yellow',
  disabled: 'red',
  offline: 'red',
  removed: 'red',
};

const HEALTH_COLOUR: Partial<Record<Health, Colour>> = {
  failing: 'yellow',
  recovering: 'yellow',
  down: 'red',
  unknown: 'yellow',
};

/** One pool on one device: a headline, then its members. `out` says by whom members are out, where it is known. */
export function memberTable(
  pool: PoolState,
  out: readonly Provenance[],
  options: PrintOptions,
): string {
  const { device } = pool;
  const headline = `${device.balancer}, pool ${pool.pool} (${device.kind} ${device.version}, read ${timeText(pool.readAt)})`;
  const has = (key: keyof MemberState) => pool.members.some((member) => member[key] !== undefined);
  const extra = EXTRA.filter(({ key }) => has(key));
  const forwards = has('forwarding');
  const header = [
    ...['MEMBER', 'STATE', 'HEALTH'],
    ...(forwards ? ['FORWARD'] : []),
    ...['WEIGHT', has('sessionsInactive') ? 'ACTIVE' : 'SESSIONS'],
    ...extra.map(({ title }) => title),
    'WHY',
  ];
  const rows = pool.members.map((member): readonly Cell[] => {
    const { who, figures, why } = memberRow(member, provenanceOf(pool, member, out));
    const others = extra.map(({ key }) => String(member[key] ?? '-'));
    return [...who, ...(forwards ? [member.forwarding ?? '-'] : []), ...figures, ...others, why];
  });
  return [
    paint(clean(headline), 'dim', options),
    ...(device.remark === undefined ? [] : [`  ${clean(device.remark)}`]),
    textTable(header, rows, options, '  '),
  ].join('\n');
}

function provenanceOf(
  { device, pool }: PoolState,
  { name }: MemberState,
  out: readonly Provenance[],
): Provenance | undefined {
  return out.find(
    (known) => known.balancer === device.balancer && known.pool === pool && known.member === name,
  );
}

function memberRow(member: MemberState, provenance: Provenance | undefined) {
  const { admin, health, weight, configuredWeight } = member;
  return {
    who: [
      member.name,
      { text: member.backup ? `${admin}, backup` : admin, colour: STATE_COLOUR[admin] },
      { text: healthText(member), colour: HEALTH_COLOUR[health] },
    ],
    figures: [
      weight === configuredWeight ? String(weight) : `${weight} of ${configuredWeight}`,
      String(member.sessions),
    ],
    why: whyOut(member, provenance),
  };
}

/** Our word, and the device's own where it says more. */
function healthText({ health, status, forwarding }: MemberState): string {
  return ['', health, forwarding?.toLowerCase()].includes(status.toLowerCase())
    ? health
    : `${health} (${status})`;
}

function whyOut(member: MemberState, provenance: Provenance | undefined): string {
  if (provenance !== undefined) return provenanceText(provenance);
  if (member.causes.length > 0) return member.causes.join(', ');
  return takesClients(member) ? '' : 'not known';
}

function provenanceText({ by, actor, approver, changeId, until }: Provenance): string {
  switch (by) {
    case 'bot': {
      const who = actor === undefined ? 'by the bot' : `by ${actor}`;
      const agreed = approver === undefined ? '' : `, approved by ${approver}`;
      const change = changeId === undefined ? '' : `, change ${changeId}`;
      return `${who}${agreed}${change}${until === undefined ? '' : `, until ${timeText(until)}`}`;
    }
    case 'hand':
      return 'by hand on the device';
    case 'health check':
    case 'configuration':
    case 'tracking':
      return by;
    case 'unknown':
      return 'not known';
  }
}
