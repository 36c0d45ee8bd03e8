import type { AdapterKind, Balancer } from '../domain/inventory.ts';
import type { LoadBalancerAdapter } from '../ports/adapter.ts';
import type { Clock } from '../ports/clock.ts';
import {
  UNIX_SOCKET_LIMITS,
  type UnixSocketLimits,
  unixSocket,
} from '../transports/unix-socket.ts';
import { haproxyAdapter } from './haproxy/adapter.ts';
import { haproxySettings } from './haproxy/schema.ts';

export interface AdapterSurroundings {
  readonly clock: Pick<Clock, 'now'>;
  /** Limits of one exchange with the device. */
  readonly limits?: UnixSocketLimits;
}

type Factory = (balancer: Balancer, surroundings: AdapterSurroundings) => LoadBalancerAdapter;

/** Every kind of balancer there is, one folder each. */
export const ADAPTERS: Readonly<Record<AdapterKind, Factory>> = {
  haproxy: (balancer, { clock, limits = UNIX_SOCKET_LIMITS }) => {
    const settings = haproxySettings(balancer);
    return haproxyAdapter(settings.name, unixSocket(settings.socket, limits), clock);
  },
};

/** The adapter of a balancer of the inventory. Opens nothing yet; throws UNSUPPORTED for settings it cannot use. */
export function createAdapter(
  balancer: Balancer,
  surroundings: AdapterSurroundings,
): LoadBalancerAdapter {
  return ADAPTERS[balancer.kind](balancer, surroundings);
}
