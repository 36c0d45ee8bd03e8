import { parseUnitUrl } from './f5-schema.ts';
import { type PathPart, shown } from './fault.ts';
import type { Outline } from './outline.ts';

type BalancerOutline =
  Outline['balancers'] extends ReadonlyMap<string, infer Value> ? Value : never;

interface WayFinding {
  readonly path: readonly PathPart[];
  readonly expected: string;
  readonly got: string;
}

/** Keys of an F5 balancer that do not go together, and units that are written twice. */
export function f5Faults({ balancers, pairs }: Outline): readonly WayFinding[] {
  const units = new Map<string, string>();
  const found = [...balancers].flatMap(([name, given]) => {
    if (given.kind !== 'f5') return [];
    const at = (key: keyof BalancerOutline, expected: string): WayFinding => ({
      path: ['balancers', name, key],
      expected,
      got: shown(given[key]),
    });
    return [...keyFaults(given, at), ...unitsTwice(name, given, units, at)];
  });
  const paired = [...pairs].flatMap(([name, { nodes }]) =>
    nodes.flatMap((node, index) =>
      node !== undefined && balancers.get(node)?.kind === 'f5'
        ? [
            {
              path: ['pairs', name, 'nodes', index],
              expected:
                'no F5: the two units of a device group are one balancer, with url and peer',
              got: shown(node),
            },
          ]
        : [],
    ),
  );
  return [...found, ...paired];
}

type At = (key: keyof BalancerOutline, expected: string) => WayFinding;

function keyFaults(given: BalancerOutline, at: At): readonly WayFinding[] {
  const found: WayFinding[] = [];
  if (given.peer === undefined && given.peer_fingerprint !== undefined) {
    found.push(at('peer_fingerprint', 'nothing, as long as peer names no unit'));
  }
  if (given.ca !== undefined && given.fingerprint !== undefined) {
    found.push(at('ca', 'nothing: the fingerprint given is what counts'));
  }
  if (given.peer !== undefined && given.ca === undefined) {
    const isHalf = (given.fingerprint === undefined) !== (given.peer_fingerprint === undefined);
    const missing = given.fingerprint === undefined ? 'fingerprint' : 'peer_fingerprint';
    if (isHalf) found.push(at(missing, 'a fingerprint for each of the two units'));
  }
  if (given.api === 'soap') {
    if (given.sync === 'auto')
      found.push(at('sync', 'warn: by soap nothing is copied to the peer'));
    if (given.traffic_group !== undefined) {
      found.push(at('traffic_group', 'nothing: soap does not say who is active for which group'));
    }
  }
  return found;
}

function unitsTwice(
  name: string,
  given: BalancerOutline,
  units: Map<string, string>,
  at: At,
): readonly WayFinding[] {
  return (['url', 'peer'] as const).flatMap((key) => {
    const place = given[key] === undefined ? undefined : parseUnitUrl(given[key]);
    if (place === undefined) return [];
    const unit = JSON.stringify(place);
    const earlier = units.get(unit);
    units.set(unit, earlier ?? name);
    return earlier === undefined ? [] : [at(key, `a unit of its own (${earlier} has this one)`)];
  });
}
