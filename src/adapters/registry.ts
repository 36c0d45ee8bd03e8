import { OperationError } from '../domain/errors.ts';
import type { AdapterKind, Balancer, F5Balancer, SshHost } from '../domain/inventory.ts';
import type { Secret } from '../domain/secret.ts';
import type { LoadBalancerAdapter } from '../ports/adapter.ts';
import type { Clock } from '../ports/clock.ts';
import type { TableOwner } from '../ports/table-owner.ts';
import { type SshHosts, sshHosts } from '../transports/ssh-hosts.ts';
import { sshReach } from '../transports/ssh-reach.ts';
import { EXCHANGE_LIMITS, type ExchangeLimits } from '../transports/stream-socket.ts';
import { f5Adapter } from './f5/adapter.ts';
import { f5Settings } from './f5/schema.ts';
import { unitsOf } from './f5/way.ts';
import { haproxyAdapter } from './haproxy/adapter.ts';
import { byHand } from './haproxy/by-hand.ts';
import { haproxySettings } from './haproxy/schema.ts';
import { extrasOf, wayTo } from './haproxy/way.ts';
import { lvsAdapter } from './lvs/adapter.ts';
import type { Remembered } from './lvs/pool-state.ts';
import { directorReader, ROLES } from './lvs/reader.ts';
import { lvsSettings } from './lvs/schema.ts';
import { CHECK_MS_MAX, LVS_LIMITS, lvsByHand, wayTo as wayToDirector } from './lvs/way.ts';

export interface AdapterSurroundings {
  readonly clock: Pick<Clock, 'now'>;
  /** Limits of one exchange with the device. */
  readonly limits?: ExchangeLimits;
  /** Where adapters are to share connections: balancers on one host then need one login. */
  readonly ssh?: SshHosts;
  /** Members of a pool that were changed and not brought back, for devices that do not know what they were. */
  readonly remembered?: (balancer: string, pool: string) => Promise<readonly Remembered[]>;
  /** Reads the configuration of a program that may keep a balancer's table. */
  readonly tableOwner?: TableOwner;
  /** What is kept where the balancer's settings say; throws UNSUPPORTED when it is not there. */
  readonly secretOf?: (balancer: F5Balancer) => Secret;
}

type Factories = {
  readonly [Kind in AdapterKind]: (
    balancer: Extract<Balancer, { kind: Kind }>,
    surroundings: AdapterSurroundings,
  ) => LoadBalancerAdapter;
};

/** Every kind of balancer there is, one folder each. */
export const ADAPTERS: Factories = {
  f5: (balancer, { clock, limits = EXCHANGE_LIMITS, secretOf = noSecrets }) => {
    const settings = f5Settings(balancer);
    const units = unitsOf(settings, secretOf(balancer), clock, limits);
    return f5Adapter(settings.name, units, settings, clock);
  },
  haproxy: (balancer, { clock, limits = EXCHANGE_LIMITS, ssh = sshHosts() }) => {
    const settings = haproxySettings(balancer);
    const adapter = haproxyAdapter(
      settings.name,
      wayTo(settings, limits, ssh),
      clock,
      extrasOf(settings, limits, ssh),
    );
    return {
      ...adapter,
      byHand: (command) => byHand(settings, command),
      ...(settings.ssh === undefined
        ? {}
        : hostWitness(settings.name, settings.ssh, limits, ssh, adapter.close)),
    };
  },
  lvs: (balancer, { clock, limits = LVS_LIMITS, ssh = sshHosts(), remembered, tableOwner }) => {
    const settings = lvsSettings(balancer);
    const { name, disableBy, whenUndone, checkFrom } = settings;
    const adapter = lvsAdapter(name, wayToDirector(settings, limits, ssh), clock, {
      readMsMax: limits.exchangeMsMax,
      ...(checkFrom === 'worker' ? {} : { reach: sshReach(settings.ssh, ssh, CHECK_MS_MAX) }),
      ...(disableBy === undefined ? {} : { disableBy }),
      ...(whenUndone === undefined ? {} : { whenUndone }),
      ...(tableOwner === undefined ? {} : { tableOwner }),
      ...(remembered === undefined ? {} : { remembered: (pool) => remembered(name, pool) }),
    });
    return { ...adapter, byHand: (command) => lvsByHand(settings, command) };
  },
};

/** Who a host is by VRRP can be asked wherever there is a shell, whatever balances there. */
function hostWitness(
  name: string,
  host: SshHost,
  limits: ExchangeLimits,
  hosts: SshHosts,
  closeAdapter: () => Promise<void>,
): Required<Pick<LoadBalancerAdapter, 'testimony' | 'close'>> {
  const way = wayToDirector({ name, kind: 'lvs', ssh: host }, limits, hosts);
  const ask = directorReader(name, way, limits.exchangeMsMax);
  const doing = `Asking ${name} for its role`;
  return {
    testimony: async ({ signal }) => (await ask({ line: ROLES, doing, signal })).testimony(),
    async close() {
      await way.close();
      await closeAdapter();
    },
  };
}

/** The adapter of a balancer of the inventory. Opens nothing yet; throws UNSUPPORTED for settings it cannot use. */
export function createAdapter(
  balancer: Balancer,
  surroundings: AdapterSurroundings,
): LoadBalancerAdapter {
  switch (balancer.kind) {
    case 'haproxy':
      return ADAPTERS.haproxy(balancer, surroundings);
    case 'f5':
      return ADAPTERS.f5(balancer, surroundings);
    case 'lvs':
      return ADAPTERS.lvs(balancer, surroundings);
  }
}

function noSecrets({ name }: F5Balancer): never {
  throw new OperationError('UNSUPPORTED', `Setting up balancer ${name}: there is no password.`);
}
