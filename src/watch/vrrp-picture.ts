import type { NodeRole, RoleEvidence, Scene } from '../domain/scene.ts';
import { carries, currentOf } from './evidence.ts';
import { type Masters, mastersOf } from './masters.ts';
import type { WatchRules } from './rules.ts';
import type { LaneSite } from './site.ts';

export interface NodePicture {
  readonly node: string;
  readonly role?: NodeRole;
  readonly priority?: number;
  /** Since when this is so, as far as is known. */
  readonly since?: number;
  /** It does not answer: what it was is not what it is. */
  readonly isSilent: boolean;
  readonly silentWhy?: string;
  readonly bootedAt?: number;
}

/** How a VRRP pair stands now. */
export interface Picture extends Masters {
  readonly nodes: readonly NodePicture[];
  /** Nodes that answer for the VIP now, as far as can be known. */
  readonly carriers: readonly string[];
  /** One MASTER, and whoever stands by can take over. */
  readonly isWell: boolean;
  /** The standing of those that cannot take over. */
  readonly lame: readonly NodePicture[];
  /** Since when nobody carries; absent where somebody does, or may. */
  readonly noneSince?: number;
}

function since(evidence: readonly RoleEvidence[], role: NodeRole): number | undefined {
  const from = evidence.findLastIndex((each) => each.role !== role) + 1;
  return evidence[from]?.at;
}

function nodePicture(scene: Scene, node: string): NodePicture {
  const evidence = scene.roles[node] ?? [];
  const now = currentOf(evidence);
  const { silent, bootedAt } = scene.devices[node] ?? {};
  // A line that came after it stopped answering is newer than the silence.
  const isSilent = silent !== undefined && silent.since > (now?.until ?? 0);
  const began = now === undefined ? undefined : since(evidence, now.role);
  return {
    node,
    isSilent,
    ...(silent === undefined ? {} : { silentWhy: silent.fault.message }),
    ...(bootedAt === undefined ? {} : { bootedAt }),
    ...(now === undefined ? {} : { role: now.role }),
    ...(now?.priority === undefined ? {} : { priority: now.priority }),
    ...(began === undefined ? {} : { since: began }),
  };
}

export function pictureOf(scene: Scene, site: LaneSite, rules: WatchRules): Picture {
  const masters = mastersOf(site.nodes, scene.roles, rules.splitAfterMs);
  const nodes = site.nodes.map((node) => nodePicture(scene, node));
  const carriers = nodes
    .filter(({ role, isSilent }) => !isSilent && carries(role))
    .map(({ node }) => node);
  const [only] = carriers;
  const isLame = ({ role, isSilent }: NodePicture) =>
    isSilent || (role !== 'MASTER' && role !== 'BACKUP');
  const lame = nodes.filter(isLame);
  const masterNow = nodes.find(({ node }) => node === only);
  const isWell = carriers.length === 1 && masterNow?.role === 'MASTER' && lame.length === 0;
  const noneSince = carriers.length === 0 ? noneFrom(nodes) : undefined;
  return {
    ...masters,
    nodes,
    carriers,
    isWell,
    lame,
    ...(noneSince === undefined ? {} : { noneSince }),
  };
}

/** A BACKUP that stays one hears a MASTER: where another node is silent, that one is it. */
function noneFrom(nodes: readonly NodePicture[]): number | undefined {
  const heard = nodes.filter(({ isSilent, role }) => !isSilent && role !== undefined);
  if (heard.length === 0) return undefined;
  const maybe = nodes.some(({ isSilent, role }) => isSilent || role === undefined);
  if (maybe && heard.some(({ role }) => role === 'BACKUP')) return undefined;
  return Math.max(...heard.map(({ since: began }) => began ?? 0));
}
