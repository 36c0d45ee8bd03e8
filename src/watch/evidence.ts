import type { LinkFault, NodeWords } from '../domain/device-look.ts';
import type { NodeRole, RoleEvidence } from '../domain/scene.ts';
import type { VrrpNotice } from '../ports/notices.ts';
import { evidenceMax } from './rules.ts';
import type { LaneSite } from './site.ts';

const BY_STATE: Readonly<Record<number, NodeRole>> = { 1: 'BACKUP', 2: 'MASTER', 3: 'FAULT' };

const BY_NOTICE: Readonly<Record<VrrpNotice, NodeRole | undefined>> = {
  MASTER: 'MASTER',
  BACKUP: 'BACKUP',
  FAULT: 'FAULT',
  STOP: 'DOWN',
  DELETED: 'DOWN',
  // Both say that it is MASTER, or BACKUP, as before.
  MASTER_RX_LOWER_PRI: 'MASTER',
  MASTER_PRIORITY: 'MASTER',
  BACKUP_PRIORITY: 'BACKUP',
};

export const roleOfNotice = (state: VrrpNotice): NodeRole | undefined => BY_NOTICE[state];

/** A node with this role answers for the VIP, rightly or not. */
export function carries(role: NodeRole | undefined): boolean {
  return role === 'MASTER' || role === 'STRANDED';
}

const LINK_WORDS: Readonly<Record<LinkFault, string>> = {
  'no carrier': 'has no carrier: its cable, or what is at the other end of it',
  down: 'is switched off',
};

/** What a node's own words amount to; undefined where they say nothing, as while keepalived starts. */
export function roleOfWords(
  { addresses, vrrp, isMute }: NodeWords,
  { instance, vips }: NonNullable<LaneSite['vrrp']>,
): Pick<RoleEvidence, 'role' | 'priority' | 'why'> | undefined {
  const hasVip = vips.some((vip) => addresses.has(vip));
  if (vrrp === undefined) {
    // Without the VIP it may be BACKUP, or about to end.
    if (vips.length === 0 || (isMute === true && !hasVip)) return undefined;
    return { role: hasVip ? 'MASTER' : 'BACKUP' };
  }
  const own = vrrp.find(({ name }) => name === instance);
  if (own === undefined) return { role: hasVip ? 'STRANDED' : 'DOWN' };
  const role = BY_STATE[own.state];
  if (role === undefined) return undefined;
  const priority = own.priority === undefined ? {} : { priority: own.priority };
  const why =
    own.link === undefined ? {} : { why: `${own.link.name} ${LINK_WORDS[own.link.fault]}` };
  return { role: role !== 'MASTER' && hasVip ? 'STRANDED' : role, ...priority, ...why };
}

/** Looks further apart than this say nothing of the time between. */
export const LOOKS_APART_MS = 7_000;

export interface Added {
  readonly evidence: readonly RoleEvidence[];
  /** It says something that no evidence beside it says. */
  readonly isNews: boolean;
}

/** By time; lines of one boot that were said in the same moment, by their numbers. */
function isBefore(each: RoleEvidence, piece: RoleEvidence): boolean {
  if (each.at !== piece.at) return each.at < piece.at;
  const isOfBoot = each.line !== undefined && each.line.bootId === piece.line?.bootId;
  return !isOfBoot || (each.line?.sequence ?? 0) < (piece.line?.sequence ?? 0);
}

/** Puts a piece of evidence in its place in time; looks that go on showing the same are one piece. */
export function withEvidence(known: readonly RoleEvidence[], piece: RoleEvidence): Added {
  const { line } = piece;
  const isKnown =
    line !== undefined &&
    known.some((each) => each.line?.bootId === line.bootId && each.line.sequence === line.sequence);
  if (isKnown) return { evidence: known, isNews: false };
  const place = known.findLastIndex((each) => isBefore(each, piece)) + 1;
  const before = known[place - 1];
  const after = known[place];
  if (
    line === undefined &&
    piece.unseenBefore === undefined &&
    before?.line === undefined &&
    before?.role === piece.role &&
    after === undefined &&
    piece.at - before.until <= LOOKS_APART_MS
  ) {
    const longer = {
      ...before,
      ...piece,
      at: before.at,
      ...(before.seenBy === undefined ? {} : { seenBy: before.seenBy }),
      ...(before.unseenBefore === undefined ? {} : { unseenBefore: before.unseenBefore }),
      until: Math.max(before.until, piece.until),
    };
    return { evidence: [...known.slice(0, -1), longer], isNews: false };
  }
  const evidence = [...known.slice(0, place), piece, ...known.slice(place)].slice(-evidenceMax);
  // A look that saw the node so before and after knows better than a line between them.
  const covered = before !== undefined && before.until > piece.at;
  const isNews = !covered && before?.role !== piece.role && after?.role !== piece.role;
  return { evidence, isNews };
}

/** The latest that is known of a node. */
export function currentOf(known: readonly RoleEvidence[] | undefined): RoleEvidence | undefined {
  return known?.reduce<RoleEvidence | undefined>(
    (latest, each) => (latest === undefined || each.until >= latest.until ? each : latest),
    undefined,
  );
}
