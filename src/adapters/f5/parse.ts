import { canonicalAddress } from '../../domain/address.ts';
import type { Cause, Health, MemberState } from '../../domain/member.ts';
import { EPHEMERAL, type F5Position } from './commands.ts';
import { shortMember } from './names.ts';

/** How a unit shows that a member is set, in the words of iControl REST, whichever way it was asked. */
export interface F5Configured {
  /** With its partition. */
  readonly fullPath: string;
  /** May carry a route domain (`10.9.0.5%1`). */
  readonly address: string;
  readonly port: number;
  /** `user-enabled`, `monitor-enabled`, `user-disabled`, … */
  readonly session: string;
  /** `up`, `down`, `user-down`, `unchecked`, `checking`, `fqdn-up`, … */
  readonly state: string;
  readonly ratio: number;
  readonly priorityGroup: number;
  readonly ephemeral: boolean;
}

/** What its statistics say of a member. */
export interface F5Counters {
  /** The node is disabled or down, and the member with it. */
  readonly byParent: boolean;
  /** The unit's own sentence; may be empty. */
  readonly reason: string;
  readonly sessions: number;
  readonly sessionsTotal: number;
}

export interface F5Member {
  readonly configured: F5Configured;
  readonly counters: F5Counters;
}

export interface F5Pool {
  /** Of the unit's software; empty where it does not say. */
  readonly version: string;
  readonly members: readonly F5Member[];
  /** How many members of the highest priority group must be there before a lower one takes clients; 0 is off. */
  readonly minActiveMembers: number;
  /** `round-robin`, `ratio-member`, …; undefined where it is not known. */
  readonly balancingMode?: string;
}

/** The members of a pool in the product's words. */
export function memberStates(pool: string, found: F5Pool): readonly MemberState[] {
  const groups = found.members.map(({ configured }) => configured.priorityGroup);
  const highest = Math.max(...groups);
  const hasGroups = groups.some((group) => group !== highest);
  const doubt = ratioDoubt(found.balancingMode);
  return found.members.map(({ configured, counters }) => {
    const { fullPath, address, port, ratio, priorityGroup } = configured;
    const position = positionOf(configured);
    const health = healthOf(configured, counters);
    const words = statusWords(configured, counters, position);
    if (hasGroups) words.push(`priority group ${priorityGroup}`);
    return {
      name: shortMember(pool, fullPath),
      address: plainAddress(address),
      port,
      admin: position,
      health,
      status: words.join(', '),
      causes: causesOf(counters, position, health),
      weight: ratio,
      configuredWeight: ratio,
      ...(doubt === undefined ? {} : { weightDoubt: doubt }),
      backup: hasGroups && found.minActiveMembers > 0 && priorityGroup < highest,
      sessions: counters.sessions,
      sessionsTotal: counters.sessionsTotal,
    };
  });
}

/** The one place that says what a member's two words mean. */
export function positionOf({
  session,
  state,
}: Pick<F5Configured, 'session' | 'state'>): F5Position {
  if (state === 'user-down') return 'offline';
  return session === 'user-disabled' ? 'disabled' : 'enabled';
}

/** Whoever connects there, or compares it with what was typed, knows nothing of route domains. */
function plainAddress(address: string): string {
  const [plain = ''] = address.split('%', 1);
  return canonicalAddress(plain) ?? plain;
}

function healthOf({ state }: F5Configured, { byParent }: F5Counters): Health {
  switch (state) {
    case 'user-down':
      return 'suspended';
    case 'up':
      return byParent ? 'suspended' : 'up';
    case 'unchecked':
      return byParent ? 'suspended' : 'unchecked';
    case 'down':
    case 'fqdn-down':
    case 'fqdn-up-no-addr':
      return 'down';
    default:
      // `checking`, the template of a host name, and what a later version may say: nothing to count on.
      return 'unknown';
  }
}

function causesOf(
  { byParent }: F5Counters,
  position: F5Position,
  health: Health,
): readonly Cause[] {
  const causes: Cause[] = [];
  if (position !== 'enabled') causes.push('command');
  if (byParent) causes.push('tracking');
  if (health === 'down') causes.push('health-check');
  return causes;
}

function statusWords(
  { session, state, ephemeral }: F5Configured,
  { byParent, reason }: F5Counters,
  position: F5Position,
): string[] {
  const words = position === 'offline' ? ['forced offline'] : [session, state];
  if (byParent) words.push('its node is disabled or down');
  if (ephemeral) words.push(EPHEMERAL);
  if (/connection limit/i.test(reason)) words.push('connection limit reached');
  return words;
}

function ratioDoubt(mode: string | undefined): string | undefined {
  if (mode === undefined || mode.includes('ratio')) return undefined;
  return `The pool balances by ${mode}, which looks at no ratio.`;
}
