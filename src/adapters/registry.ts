import type { AdapterKind, Balancer } from '../domain/inventory.ts';
import type { LoadBalancerAdapter } from '../ports/adapter.ts';
import type { Clock } from '../ports/clock.ts';
import { type SshHosts, sshHosts } from '../transports/ssh-hosts.ts';
import { EXCHANGE_LIMITS, type ExchangeLimits } from '../transports/stream-socket.ts';
import { haproxyAdapter } from './haproxy/adapter.ts';
import { byHand } from './haproxy/by-hand.ts';
import { haproxySettings } from './haproxy/schema.ts';
import { extrasOf, wayTo } from './haproxy/way.ts';

export interface AdapterSurroundings {
  readonly clock: Pick<Clock, 'now'>;
  /** Limits of one exchange with the device. */
  readonly limits?: ExchangeLimits;
  /** Where adapters are to share connections: balancers on one host then need one login. */
  readonly ssh?: SshHosts;
}

type Factory = (balancer: Balancer, surroundings: AdapterSurroundings) => LoadBalancerAdapter;

/** Every kind of balancer there is, one folder each. */
export const ADAPTERS: Readonly<Record<AdapterKind, Factory>> = {
  haproxy: (balancer, { clock, limits = EXCHANGE_LIMITS, ssh = sshHosts() }) => {
    const settings = haproxySettings(balancer);
    const adapter = haproxyAdapter(
      settings.name,
      wayTo(settings, limits, ssh),
      clock,
      extrasOf(settings, limits, ssh),
    );
    return { ...adapter, byHand: (command) => byHand(settings, command) };
  },
};

/** The adapter of a balancer of the inventory. Opens nothing yet; throws UNSUPPORTED for settings it cannot use. */
export function createAdapter(
  balancer: Balancer,
  surroundings: AdapterSurroundings,
): LoadBalancerAdapter {
  return ADAPTERS[balancer.kind](balancer, surroundings);
}
