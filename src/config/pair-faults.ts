import { parseSshTarget } from '../domain/endpoint.ts';
import { nearestName } from '../domain/names.ts';
import { tcpPlace } from '../domain/probed-vip.ts';
import { parsePool } from '../domain/virtual-service.ts';
import { type PathPart, shown } from './fault.ts';
import type { Outline } from './outline.ts';

interface PairFinding {
  readonly path: readonly PathPart[];
  readonly expected: string;
  readonly got: string;
}

/** Nodes of pairs that are not there, that are there twice, or that cannot say who of them is MASTER. */
export function pairFaults(outline: Outline): readonly PairFinding[] {
  const { pairs, balancers } = outline;
  const use = firstUse();
  return [...pairs].flatMap(([name, { nodes }]) => {
    const found: PairFinding[] = [];
    if (balancers.has(name)) {
      const expected = 'another name than that of a balancer';
      found.push({ path: ['pairs', name], expected, got: shown(name) });
    }
    for (const [index, node] of nodes.entries()) {
      if (node === undefined) continue;
      const path = ['pairs', name, 'nodes', index];
      const got = shown(node);
      const earlier = use(node, name);
      if (!balancers.has(node)) {
        const expected = oneOf(balancers.keys(), 'a balancer of this file', node);
        found.push({ path, expected, got });
      } else if (earlier !== undefined) {
        found.push({ path, expected: `a balancer in one pair only (it is in ${earlier})`, got });
      }
    }
    return [...found, ...roleFaults(outline, name), ...probeFaults(outline, name)];
  });
}

/** What keeps the nodes of a pair with `vrrp` from saying who is MASTER, by keepalived's word or by the VIP they hold. */
function roleFaults(outline: Outline, name: string): readonly PairFinding[] {
  const { nodes = [], vrrp, vips } = outline.pairs.get(name) ?? {};
  if (vrrp === undefined) {
    if (vips === undefined) return [];
    const expected = 'vrrp beside it: vips are what the MASTER of a VRRP instance holds';
    return [{ path: ['pairs', name, 'vips'], expected, got: shown(vips) }];
  }
  const path = ['pairs', name, 'vrrp'];
  const hasVip = vips !== undefined || vipsOfServices(outline, name);
  const mute = nodes.map((node) => ({ node, why: whyMute(outline, node, hasVip) }));
  return mute.flatMap(({ why }) =>
    why === undefined ? [] : [{ path, expected: why, got: shown(vrrp) }],
  );
}

function whyMute({ balancers }: Outline, node = '', hasVip: boolean): string | undefined {
  const given = balancers.get(node);
  switch (given?.kind) {
    case 'f5':
      return `nothing: ${node} is f5, which knows its active unit by itself`;
    case 'haproxy':
      if (given.ssh === undefined) {
        return `nothing, or ssh for ${node}: without it nobody can ask its host who is MASTER`;
      }
      break;
    case 'lvs':
      if (given.helper !== undefined) return undefined;
      break;
    default:
      return undefined;
  }
  const user = given.ssh === undefined ? undefined : parseSshTarget(given.ssh)?.user;
  if (hasVip || user === undefined || user === 'root') return undefined;
  return `vips beside it, the addresses that only the MASTER has: ${user} may not ask keepalived of ${node}`;
}

/** What is probed is the VIP of nodes that take over from each other, at a place that is known. */
function probeFaults(outline: Outline, name: string): readonly PairFinding[] {
  const { vrrp, probe, probe_at: place } = outline.pairs.get(name) ?? {};
  const fault = (key: string, expected: string, got: string) => [
    { path: ['pairs', name, key], expected, got: shown(got) },
  ];
  if (probe === undefined) {
    if (place === undefined) return [];
    return fault('probe_at', 'probe beside it: how often that place is tried, as 100ms', place);
  }
  if (vrrp === undefined) {
    return fault(
      'probe',
      'vrrp beside it: only nodes that take over from each other are probed',
      probe,
    );
  }
  if (place !== undefined || placesOf(outline, name).some((vip) => tcpPlace(vip) !== undefined)) {
    return [];
  }
  const why = 'probe_at beside it, as 192.168.1.1:80: no service on this pair has a VIP by TCP';
  return fault('probe', why, probe);
}

/** What services name as their VIP on a pair or on one of its nodes. */
function placesOf({ services, pairs }: Outline, name: string): readonly string[] {
  const places = [name, ...(pairs.get(name)?.nodes ?? [])];
  return [...services.values()].flatMap(({ pools }) =>
    pools.flatMap(({ on, vip }) => (places.includes(on) && vip !== undefined ? [vip] : [])),
  );
}

function vipsOfServices(outline: Outline, name: string): boolean {
  return placesOf(outline, name).some((vip) => parsePool(vip)?.kind === 'address');
}

/** Remembers who used a key first; returns that name when it is used again. */
export function firstUse(): (key: string, user: string) => string | undefined {
  const seen = new Map<string, string>();
  return (key, user) => {
    const earlier = seen.get(key);
    if (earlier === undefined) seen.set(key, user);
    return earlier;
  };
}

/** What was expected, with the nearest of the names there are. */
export function oneOf(names: Iterable<string>, what: string, typed: string): string {
  const nearest = nearestName(typed, names);
  return nearest === undefined ? what : `${what} (nearest: ${nearest})`;
}
