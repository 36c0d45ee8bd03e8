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

const HEADER = ['MEMBER', 'STATE', 'HEALTH', 'WEIGHT', 'SESSIONS', 'WHY'];

const STATE_COLOUR: Record<AdminState, Colour> = {
  enabled: 'green',
  drained: 'yellow',
  disabled: 'red',
  offline: 'red',
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
  const rows = pool.members.map((member) => memberRow(member, provenanceOf(pool, member, out)));
  return [
    paint(clean(headline), 'dim', options),
    ...(device.remark === undefined ? [] : [`  ${clean(device.remark)}`]),
    textTable(HEADER, rows, options, '  '),
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

function memberRow(member: MemberState, provenance: Provenance | undefined): readonly Cell[] {
  const { admin, health, weight, configuredWeight } = member;
  return [
    member.name,
    { text: member.backup ? `${admin}, backup` : admin, colour: STATE_COLOUR[admin] },
    { text: healthText(member), colour: HEALTH_COLOUR[health] },
    weight === configuredWeight ? String(weight) : `${weight} of ${configuredWeight}`,
    String(member.sessions),
    whyOut(member, provenance),
  ];
}

/** Our word, and the device's own where it says more. */
function healthText({ health, status }: MemberState): string {
  return status === '' || status.toLowerCase() === health ? health : `${health} (${status})`;
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
