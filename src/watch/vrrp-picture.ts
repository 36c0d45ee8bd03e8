import type { DeviceFacts, NodeRole, RoleEvidence, Scene } from '../domain/scene.ts';
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
  /** What balances on it does not answer, though the node does. */
  readonly idle?: { readonly since: number; readonly why: string };
  readonly returned?: NonNullable<DeviceFacts['returned']>;
  /** Its priority is lower than when it was last MASTER. */
  readonly hasFallen: boolean;
  /** What is wrong with its interface. */
  readonly linkWhy?: string;
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
  /** Since when the first of them does not answer; absent unless none does. */
  readonly silentSince?: number;
}

function since(evidence: readonly RoleEvidence[], role: NodeRole): number | undefined {
  const from = evidence.findLastIndex((each) => each.role !== role) + 1;
  return evidence[from]?.at;
}

function nodePicture(scene: Scene, node: string): NodePicture {
  const evidence = scene.roles[node] ?? [];
  const now = currentOf(evidence);
  const { silent, hostSilentSince, returned } = scene.devices[node] ?? {};
  // A line that came after it stopped answering is newer than the silence.
  const isSilent = hostSilentSince !== undefined && hostSilentSince > (now?.until ?? 0);
  const isIdle = silent !== undefined && hostSilentSince === undefined;
  const ruled = evidence.findLast(({ role }) => role === 'MASTER')?.priority;
  const hasFallen = ruled !== undefined && now?.priority !== undefined && now.priority < ruled;
  const began = now === undefined ? undefined : since(evidence, now.role);
  return {
    node,
    isSilent,
    hasFallen,
    ...(silent === undefined ? {} : { silentWhy: silent.fault.message }),
    ...(isIdle ? { idle: { since: silent.since, why: silent.fault.message } } : {}),
    ...(returned === undefined ? {} : { returned }),
    ...(now?.why === undefined ? {} : { linkWhy: now.why }),
    ...(now === undefined ? {} : { role: now.role }),
    ...(now?.priority === undefined ? {} : { priority: now.priority }),
    ...(began === undefined ? {} : { since: began }),
  };
}

/** At some time since then the node did not answer, or had no part in the pair. */
export function wasCutOff(scene: Scene, node: string, from: number): boolean {
  const { silent, returned } = scene.devices[node] ?? {};
  if (silent !== undefined || (returned?.at ?? 0) >= from) return true;
  const isOff = (role: NodeRole) => role === 'FAULT' || role === 'DOWN';
  return (scene.roles[node] ?? []).some(({ role, until }) => until >= from && isOff(role));
}

export function pictureOf(scene: Scene, site: LaneSite, rules: WatchRules): Picture {
  const masters = mastersOf(site.nodes, scene.roles, rules.splitAfterMs);
  const nodes = site.nodes.map((node) => nodePicture(scene, node));
  const carriers = nodes
    .filter(({ role, isSilent }) => !isSilent && carries(role))
    .map(({ node }) => node);
  const [only] = carriers;
  const isLame = ({ role, isSilent, idle }: NodePicture) =>
    isSilent || idle !== undefined || (role !== 'MASTER' && role !== 'BACKUP');
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
    ...silentFrom(scene, nodes, rules),
  };
}

/** All are asked one after the other: when the first is found silent for good, the last lacks a look. */
function silentFrom(
  scene: Scene,
  nodes: readonly NodePicture[],
  { silentLooks }: WatchRules,
): Pick<Picture, 'silentSince'> {
  if (!nodes.every(({ isSilent }) => isSilent)) return {};
  const devices = nodes.flatMap(({ node }) => scene.devices[node] ?? []);
  const looks = devices.map(({ silent }) => silent?.looks ?? 0);
  if (Math.max(...looks) < silentLooks || Math.min(...looks) < silentLooks - 1) return {};
  return { silentSince: Math.min(...devices.flatMap((each) => each.hostSilentSince ?? [])) };
}

/** A BACKUP that stays one hears a MASTER: where another node is silent, that one is it. */
function noneFrom(nodes: readonly NodePicture[]): number | undefined {
  const heard = nodes.filter(({ isSilent, role }) => !isSilent && role !== undefined);
  if (heard.length === 0) return undefined;
  const maybe = nodes.some(({ isSilent, role }) => isSilent || role === undefined);
  if (maybe && heard.some(({ role }) => role === 'BACKUP')) return undefined;
  return Math.max(...heard.map(({ since: began }) => began ?? 0));
}
