import { names, type SiteInventory } from './inventory.ts';

export const PAIR_BACKEND = 'web';
export const PAIR_SERVICE = 'web.example';
export const PAIR_MEMBERS = names('m', 5);

/** One service of five members on a pair, as in the demo; an operator's word is enough unless `approval`. */
export function pairInventory(sockets: readonly string[], approval = false): SiteInventory {
  const balancers = sockets.map((socket, index) => ({ name: `ha-${index + 1}`, socket }));
  return {
    balancers,
    pairs: [{ name: 'pair', nodes: balancers.map(({ name }) => name) }],
    services: [{ name: PAIR_SERVICE, on: 'pair', backend: PAIR_BACKEND, members: PAIR_MEMBERS }],
    cards: true,
    minAvailable: '50%',
    approval,
  };
}
