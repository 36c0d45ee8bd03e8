import type { IncidentFact, IncidentKind } from '../domain/incident.ts';
import type { Takeover } from './masters.ts';
import type { OwnSwitch } from './observation.ts';
import type { LaneSite } from './site.ts';
import { CAUSE, causeFact, FAULT_WHY } from './vrrp-cause.ts';
import type { NodePicture, Picture } from './vrrp-picture.ts';
import { betweenWords, spanWords } from './words.ts';

export interface Told {
  readonly kind: IncidentKind;
  readonly picture: Picture;
  /** MASTER when all was well. */
  readonly before: string | undefined;
  readonly begunAt: number;
  /** Changes of the MASTER that belong to this incident. */
  readonly takeovers: readonly Takeover[];
  /** Changes of the MASTER within the window of flapping. */
  readonly changes: number;
  readonly isOver: boolean;
  /** Why, as it was seen while it was to be seen. */
  readonly knownCause: string | undefined;
  readonly site: LaneSite;
  readonly open: readonly string[];
  /** The change that asked for it. */
  readonly own: OwnSwitch | undefined;
  /** What clients met meanwhile, where it was measured. */
  readonly measured: IncidentFact | undefined;
}

function nodeWords(picture: NodePicture): string {
  const { idle } = picture;
  const words = roleWords(picture);
  return idle === undefined ? words : `${words}; what balances there does not answer (${idle.why})`;
}

function roleWords(picture: NodePicture): string {
  const { node, role, priority, isSilent, silentWhy, linkWhy } = picture;
  if (isSilent) {
    const was = role === undefined ? '' : ` (was ${role} when last heard)`;
    return `${node} does not answer${was}: ${silentWhy ?? 'no reason known'}`;
  }
  switch (role) {
    case undefined:
      return `${node} was not heard yet`;
    case 'DOWN':
      return `${node}: keepalived does not run`;
    case 'STRANDED':
      return `${node}: has the VIP without being MASTER`;
    case 'FAULT':
      return `${node}: FAULT (${linkWhy ?? FAULT_WHY})`;
    default:
      return `${node}: ${role}${priority === undefined ? '' : `, priority ${priority}`}`;
  }
}

export function vrrpHeadline(told: Told): string {
  const { kind, picture, before, isOver, site, takeovers } = told;
  const { lane } = site;
  const [only] = picture.carriers;
  const now = only ?? 'nobody';
  const last = takeovers.at(-1);
  switch (kind) {
    case 'failover':
    case 'failback': {
      const what = kind === 'failback' ? 'Fail-back' : 'Fail-over';
      const from = before ?? last?.from.node ?? 'an unknown node';
      const to = takeovers[0]?.to.node ?? now;
      const asked = told.own === undefined ? '' : ', as was asked for';
      const first = `${what} on ${lane}${asked}: ${from} was MASTER, ${to} took over`;
      // The old one may not have been asked since: two that carry are no sign that it is back.
      const isBack = picture.carriers.length === 1 && only !== to;
      const then = isBack ? `; ${only} is MASTER again` : '';
      const nobody = picture.carriers.length === 0 && !isOver ? '; nobody is MASTER now' : '';
      return `${first}${then}${nobody}.${isOver ? ' All is well: the other node stands by.' : ''}`;
    }
    case 'split-brain': {
      const overlap = picture.overlaps.at(-1);
      const [a, b] = overlap?.nodes ?? ['one node', 'another'];
      if (picture.carriers.length > 1) {
        return `Split brain on ${lane}: ${a} and ${b} both answer for the VIP.`;
      }
      return `Split brain on ${lane} is over: ${a} and ${b} both answered for the VIP; ${now} alone does now.`;
    }
    case 'no-master':
      if (only !== undefined) {
        return `${lane} had no MASTER that could be seen for a while; ${only} is it now.`;
      }
      return picture.silentSince === undefined
        ? `No MASTER on ${lane}: nobody answers for the VIP.`
        : `No MASTER of ${lane} is to be seen: ${picture.nodes.map(({ node }) => node).join(' and ')} do not answer.`;
    case 'flapping':
      return `${lane} flaps: the MASTER changed ${told.changes} times within minutes; ${now} is it now.${isOver ? ' It has been calm since.' : ''}`;
    default: {
      const lame = picture.lame.map(({ node }) => node).join(', ');
      return picture.isWell
        ? `${lane} has its standby node again.`
        : `${lane} has no standby: ${lame || 'a node'} cannot take over from ${now}.`;
    }
  }
}

export function vrrpFacts(told: Told): readonly IncidentFact[] {
  const { picture, before, takeovers, site, open, kind } = told;
  const first = takeovers[0];
  const left = before ?? first?.from.node;
  const [only] = picture.carriers;
  const isMove = first !== undefined || (only !== undefined && only !== before);
  const facts: IncidentFact[] = [{ label: 'Now', text: picture.nodes.map(nodeWords).join('; ') }];
  if (site.vrrp !== undefined && site.vrrp.vips.length > 0) {
    facts.push({ label: 'VIP', text: site.vrrp.vips.join(', ') });
  }
  if (left !== undefined && (isMove || kind === 'no-master')) {
    facts.push({ label: 'Old master', text: left });
    const next = first?.to.node ?? only;
    if (next !== undefined && next !== left) facts.push({ label: 'New master', text: next });
    facts.push(told.own === undefined ? causeFact({ ...told, left, next }) : askedFact(told.own));
  }
  if (told.measured !== undefined) {
    facts.push(told.measured);
  } else if (first !== undefined && kind !== 'flapping') {
    const { leastMs, mostMs } = first.gap;
    facts.push({
      label: 'Without a master',
      text: `${betweenWords(leastMs, mostMs)}, as far as looks and lines tell`,
    });
  }
  if (kind === 'split-brain') {
    const overlap = picture.overlaps.at(-1);
    if (overlap !== undefined) {
      facts.push({ label: 'Both for at least', text: spanWords(overlap.to - overlap.from) });
    }
  }
  if (open.length > 0) facts.push({ label: 'Open for this pair', text: open.join('; ') });
  return facts;
}

const askedFact = ({ changeId, verb }: OwnSwitch): IncidentFact => ({
  label: CAUSE,
  text: `${verb} was asked for, by change ${changeId}`,
});
