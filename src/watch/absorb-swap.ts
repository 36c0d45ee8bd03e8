import type { WatchEvent } from '../domain/event.ts';
import type { Scene } from '../domain/scene.ts';
import type { Absorbed } from './absorb-look.ts';
import { type Observation, type Surroundings, topicOf } from './observation.ts';

/**
 * Takes in that a node answers as another one of its pair did: their names or addresses were swapped, and nothing moved.
 * What was known of the two is of the wrong one, and begins anew. Of directors, whose kernels name each boot alike
 * nowhere else; two processes may have started in the same second with the same number. Pure.
 */
export function absorbSwap(
  scene: Scene,
  { balancer, at, look }: Extract<Observation, { kind: 'look' }>,
  { site }: Surroundings,
): Absorbed {
  const { incarnation } = look.device;
  const known = scene.devices[balancer]?.incarnation;
  const other = site.nodes.find(
    (node) => node !== balancer && scene.devices[node]?.incarnation === incarnation,
  );
  const isSame = known === undefined || known === incarnation || other === undefined;
  if (isSame || look.device.kind !== 'lvs') {
    return { scene, events: [] };
  }
  const without = <T>(all: Readonly<Record<string, T>>): Readonly<Record<string, T>> =>
    Object.fromEntries(Object.entries(all).filter(([node]) => node !== balancer && node !== other));
  const event: WatchEvent = {
    id: `swapped.${balancer}.${incarnation}`,
    at,
    lane: scene.lane,
    kind: 'finding',
    balancer,
    witness: 'look',
    text: `${balancer} answers as ${other} did before: their names or addresses were swapped. What was known of the two begins anew; see that the inventory names the right hosts.`,
  };
  return {
    scene: {
      ...scene,
      devices: without(scene.devices),
      roles: without(scene.roles),
      vrrp: { judgedUntil: at },
    },
    events: [{ event, topic: topicOf.lines(balancer) }],
  };
}
