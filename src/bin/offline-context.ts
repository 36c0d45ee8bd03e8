import { createAdapter } from '../adapters/registry.ts';
import { tcpCheck } from '../checks/tcp.ts';
import { OperationError } from '../domain/errors.ts';
import type { Inventory } from '../domain/inventory.ts';
import { Secret } from '../domain/secret.ts';
import { keepalivedOwner } from '../keepalived/owner.ts';
import type { WorkerContext } from '../operations/context.ts';
import type { LoadBalancerAdapter } from '../ports/adapter.ts';
import type {
  ChangeStore,
  ClaimStore,
  DeviceSightings,
  HoldStore,
  SeenMembers,
  Stores,
} from '../ports/records.ts';
import { createLog } from '../telemetry/log.ts';
import { sshHosts } from '../transports/ssh-hosts.ts';
import { pairRoles } from './pair-roles.ts';
import { secretsOf } from './secrets-of.ts';
import { systemClock } from './system-clock.ts';

/** Only `answers` works of it: whatever needs more than the devices has no place in a plan made offline. */
function offline<Port extends object>(what: string, answers: Partial<Port> = {}): Port {
  const refuse = async () => {
    throw new OperationError('STORE_UNAVAILABLE', `Planning offline: there is no ${what}.`);
  };
  return new Proxy(answers as Port, { get: (port, name) => Reflect.get(port, name) ?? refuse });
}

/** What this one run has seen stands for the memory of seven days. */
function seenNow(): SeenMembers {
  const seen = new Map<string, readonly string[]>();
  return {
    note: async (balancer, pool, members) => void seen.set(`${balancer}/${pool}`, members),
    largest: async (balancer, pool) => seen.get(`${balancer}/${pool}`) ?? [],
  };
}

/** Nothing is remembered and nothing can be written. */
function offlineStores(): Stores {
  const nothing = async () => [];
  return {
    changes: offline<ChangeStore>('record of changes', { open: nothing, openOf: nothing }),
    holds: offline<HoldStore>('memory of members', { ofPool: nothing }),
    claims: offline<ClaimStore>('memory of claims', { ofPool: nothing }),
    sightings: offline<DeviceSightings>('memory of devices', { note: async () => {} }),
    seen: seenNow(),
    journal: offline('journal'),
    audit: offline('audit log'),
    watched: offline('memory of the watcher'),
    cards: offline('memory of cards'),
    answers: offline('memory of answers'),
    gaps: offline('memory of pairs'),
    openers: offline('memory of readers'),
    freezes: offline('memory of freezes'),
    rate: offline('memory of commands'),
    leases: offline('lease'),
    life: offline('memory of the store'),
  };
}

export interface Offline {
  readonly context: WorkerContext;
  close(): Promise<void>;
}

/** A worker's surroundings with the devices alone: no Redis, no Slack, and adapters that are only read. */
export function offlineContext(
  inventory: Inventory,
  secrets: ReadonlyMap<string, Secret>,
): Offline {
  const ssh = sshHosts();
  const made = new Map<string, LoadBalancerAdapter>();
  const adapterOf = (name: string): LoadBalancerAdapter => {
    const known = made.get(name);
    if (known !== undefined) return known;
    const balancer = inventory.balancers.get(name);
    if (balancer === undefined) {
      throw new OperationError('STALE', `Balancer ${name} is not in the inventory.`);
    }
    const adapter = createAdapter(balancer, {
      clock: systemClock,
      ssh,
      tableOwner: keepalivedOwner,
      secretOf: secretsOf(secrets),
    });
    made.set(name, adapter);
    return adapter;
  };
  return {
    context: {
      inventory,
      stores: offlineStores(),
      queue: offline('queue'),
      directory: offline('directory'),
      announcer: offline('Slack'),
      clock: systemClock,
      log: createLog({ level: 'silent' }),
      signingKey: new Secret(''),
      adapterOf,
      check: tcpCheck(),
      roles: pairRoles(inventory, adapterOf),
    },
    close: async () => {
      await Promise.all([...made.values()].map((adapter) => adapter.close()));
    },
  };
}
