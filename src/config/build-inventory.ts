import type {
  AnnounceRules,
  Environment,
  Inventory,
  Pair,
  PoolTarget,
  Roles,
  Service,
} from '../domain/inventory.ts';
import { balancerOf } from './build-balancer.ts';
import type { InventoryFile } from './inventory-schema.ts';

/** What holds where the file says nothing. */
const DEFAULTS = {
  expiresMs: 15 * 60_000,
  minAvailable: { unit: 'percent', value: 50 },
  servingWithinMs: 10_000,
  quietForMs: 30_000,
  drainForMs: 60_000,
} as const;

/** The domain's inventory from a file that passed every check. Unset roles are held by nobody. */
export function buildInventory(file: InventoryFile): Inventory {
  const environments = frozenMap(file.environments, environmentOf);
  const balancers = frozenMap(file.balancers, balancerOf);
  const pairs = frozenMap(
    file.pairs ?? {},
    (name, given): Pair =>
      Object.freeze({
        name,
        nodes: Object.freeze([...given.nodes]),
        ...(given.vrrp === undefined ? {} : { vrrp: given.vrrp }),
        ...(given.vips === undefined ? {} : { vips: Object.freeze([...given.vips]) }),
        ...(given.probe === undefined ? {} : { probeEveryMs: given.probe }),
        ...(given.probe_at === undefined ? {} : { probeAt: given.probe_at }),
        ...(given.channel === undefined ? {} : { channel: given.channel }),
      }),
  );
  const services = frozenMap(file.services, (name, given) =>
    serviceOf(name, given, environments, pairs),
  );
  const shell = frozenMap(file.shell ?? {}, (_name, id) => id);
  const announce = file.announce === undefined ? {} : { announce: announceOf(file.announce) };
  return Object.freeze({ environments, balancers, pairs, services, shell, ...announce });
}

function announceOf(given: NonNullable<InventoryFile['announce']>): AnnounceRules {
  const mention = Object.freeze({
    info: Object.freeze(given.mention?.info ?? []),
    warning: Object.freeze(given.mention?.warning ?? []),
    critical: Object.freeze(given.mention?.critical ?? []),
  });
  const channel = given.channel === undefined ? {} : { channel: given.channel };
  return Object.freeze({ ...channel, from: given.from ?? 'info', mention });
}

function environmentOf(name: string, given: InventoryFile['environments'][string]): Environment {
  const roles: Roles = Object.freeze({
    viewers: Object.freeze(given.roles?.viewers ?? []),
    operators: Object.freeze(given.roles?.operators ?? []),
    approvers: Object.freeze(given.roles?.approvers ?? []),
    breakGlass: Object.freeze(given.roles?.break_glass ?? []),
  });
  const approval = Object.freeze({
    required: given.approval?.required ?? 0,
    expiresMs: given.approval?.expires ?? DEFAULTS.expiresMs,
  });
  const minAvailable = Object.freeze(given.guard?.min_available ?? DEFAULTS.minAvailable);
  return Object.freeze({ name, roles, approval, minAvailable });
}

function serviceOf(
  name: string,
  given: InventoryFile['services'][string],
  environments: ReadonlyMap<string, Environment>,
  pairs: ReadonlyMap<string, Pair>,
): Service {
  const environment = environments.get(given.environment);
  if (environment === undefined) {
    throw new Error(`Building service ${name}: environment ${given.environment} was not checked.`);
  }
  return Object.freeze({
    name,
    aliases: Object.freeze([...(given.aliases ?? [])]),
    environment,
    ...(given.channel === undefined ? {} : { channel: given.channel }),
    ...(given.members === undefined ? {} : { members: Object.freeze([...given.members]) }),
    minAvailable: Object.freeze(given.guard?.min_available ?? environment.minAvailable),
    ...(given.check_port === undefined ? {} : { checkPort: given.check_port }),
    servingWithinMs: given.serving_within ?? DEFAULTS.servingWithinMs,
    quietForMs: given.quiet_for ?? DEFAULTS.quietForMs,
    drainForMs: given.drain_for ?? DEFAULTS.drainForMs,
    pools: Object.freeze(given.pools.map((pool) => targetOf(pool, pairs))),
  });
}

/** The lane of a balancer is the pair it stands in, however the pool is written: a pair is changed one at a time. */
function targetOf(
  pool: {
    readonly on: string;
    readonly backend?: string | undefined;
    readonly pool?: string | undefined;
    readonly vip?: string | undefined;
  },
  pairs: ReadonlyMap<string, Pair>,
): PoolTarget {
  const pair = pairs.get(pool.on);
  const around = [...pairs.values()].find(({ nodes }) => nodes.includes(pool.on));
  return Object.freeze({
    on: pool.on,
    balancers: pair?.nodes ?? Object.freeze([pool.on]),
    lane: pair?.name ?? around?.name ?? pool.on,
    pool: pool.backend ?? pool.pool ?? pool.vip ?? '',
  });
}

/** A map that refuses changes also at run time; freezing alone would leave `set` working. */
function frozenMap<Given, Value>(
  given: Readonly<Record<string, Given>>,
  make: (name: string, value: Given) => Value,
): ReadonlyMap<string, Value> {
  const map = new Map(Object.entries(given).map(([name, value]) => [name, make(name, value)]));
  const refuse = () => {
    throw new TypeError('The inventory is frozen.');
  };
  Object.defineProperties(map, {
    set: { value: refuse },
    delete: { value: refuse },
    clear: { value: refuse },
  });
  return Object.freeze(map);
}
