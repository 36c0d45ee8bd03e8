import type { Severity } from './incident.ts';
import { vrrpPool } from './vrrp-pool.ts';

/** A Slack user id (U… or W…) or user group id (S…), or everybody in the workspace. */
export type Principals = 'workspace' | readonly string[];

export interface Roles {
  readonly viewers: Principals;
  readonly operators: Principals;
  readonly approvers: Principals;
  /** May change without waiting for approval, with a reason and a loud notice. */
  readonly breakGlass: Principals;
}

/** How many members must stay available: a count, or a share of the known members (rounded up). */
export type MinAvailable =
  | { readonly unit: 'members'; readonly value: number }
  | { readonly unit: 'percent'; readonly value: number };

export interface Environment {
  readonly name: string;
  readonly roles: Roles;
  /**
   * How many people must agree, beside whoever asked. `required: 0` means operators act without a second person; a
   * card is then posted all the same.
   */
  readonly approval: { readonly required: number; readonly expiresMs: number };
  readonly minAvailable: MinAvailable;
}

export type AdapterKind = Balancer['kind'];

/** A host that is logged in to by ssh. */
export interface SshHost {
  readonly user: string;
  readonly host: string;
  readonly port: number;
  /** How this side proves who it is; without one, by the key `~/.ssh/id_ed25519`. Paths. */
  readonly login?: { readonly keyFile: string } | { readonly agentSocket: string };
  /** How the host proves who it is; without one, as the files that ssh itself reads know it. */
  readonly proof?: { readonly fingerprint: string } | { readonly knownHostsFile: string };
  /** The host from which this one is reached. */
  readonly jump?: SshHost;
}

/** One device or process, or devices that stand in for each other. */
export type Balancer = HaproxyBalancer | F5Balancer | LvsBalancer;

export interface HaproxyBalancer {
  readonly name: string;
  readonly kind: 'haproxy';
  /** HAProxy's stats socket: a path, on the host of `ssh` when there is one, or `tcp://host:port`. */
  readonly socket: string;
  readonly ssh?: SshHost;
  /** How the socket is reached on that host; without it, by forwarding, else by socat. */
  readonly via?: 'forward' | 'socat';
  /** Path of the master CLI's socket, where the socket is: it knows of older processes that still serve somebody. */
  readonly masterSocket?: string;
  /** Path of the file, on the host of the socket, from which the balancer takes its state when it starts. */
  readonly stateFile?: string;
  readonly notify?: Notify;
}

/** The management address of one BIG-IP. */
export interface F5UnitPlace {
  readonly host: string;
  readonly port: number;
  /**
   * How it proves who it is: by the SHA-256 fingerprint of its certificate, or by a file of authorities (PEM); without
   * either, by the authorities that Node knows.
   */
  readonly proof?: { readonly fingerprint: string } | { readonly caFile: string };
}

/** Where a secret is kept: the name of a variable of the environment, or the path of a file. */
export type SecretPlace = { readonly env: string } | { readonly file: string };

/** How keepalived on a node tells us what it does, by a reader that posts: the token says who posts. */
export interface Notify {
  readonly token: SecretPlace;
}

/** A BIG-IP, or two of one device group: their configuration is one, and only the active one is written to. */
export interface F5Balancer {
  readonly name: string;
  readonly kind: 'f5';
  /** One or two. */
  readonly units: readonly F5UnitPlace[];
  readonly username: string;
  readonly password: SecretPlace;
  /** Full path of the traffic group, where each unit is active for one of its own. */
  readonly trafficGroup?: string;
  /** `warn` says when the units do not agree; `auto` copies our own change to the peer as well. */
  readonly sync: 'warn' | 'auto';
  readonly api: 'rest' | 'soap';
}

/** An LVS director. */
export interface LvsBalancer {
  readonly name: string;
  readonly kind: 'lvs';
  readonly ssh: SshHost;
  /** Path of the helper on the director; without it, ipvsadm is run by sudo, or by root as it is. */
  readonly helper?: string;
  /** How a member is taken out: by weight 0 (when absent), or by deleting it, which cuts who is connected to it. */
  readonly disableBy?: 'weight' | 'delete';
  /** From where our own check tries its members: the director itself (when absent), or the worker. */
  readonly checkFrom?: 'director' | 'worker';
  /** What is done where keepalived keeps the table and would undo it: looked after (when absent), or not begun. */
  readonly whenUndone?: 'restore' | 'refuse';
  readonly notify?: Notify;
}

/** Balancers that must be changed alike, in the order in which they are changed. */
export interface Pair {
  readonly name: string;
  readonly nodes: readonly string[];
  /** Name of the VRRP instance by which its nodes stand in for each other. */
  readonly vrrp?: string;
  /** Addresses that only its MASTER has, beside those of the services that stand on it. */
  readonly vips?: readonly string[];
  /** The watcher tries this often, in ms, whether the VIP answers; absent: never. */
  readonly probeEveryMs?: number;
  /** Where, if not at its first virtual service by TCP. */
  readonly probeAt?: { readonly address: string; readonly port: number };
  /** Slack channel id for what concerns it as a whole. */
  readonly channel?: string;
}

/** Where and how loudly is told what happens by itself. */
export interface AnnounceRules {
  /** Slack channel id where neither a service nor a pair has one. */
  readonly channel?: string;
  /** What is less severe is recorded, and not posted. */
  readonly from: Severity;
  /** Slack ids of people and groups that are mentioned, by severity. */
  readonly mention: Readonly<Record<Severity, readonly string[]>>;
}

/** One pool of a service: the name the device knows it by, on a balancer or on each node of a pair. */
export interface PoolTarget {
  /** Name of a pair or a balancer, as written in the inventory. */
  readonly on: string;
  /** Names of the balancers, in the order in which they are changed. */
  readonly balancers: readonly string[];
  /** Pair or balancer whose changes run one at a time. */
  readonly lane: string;
  /** The device's own name of the pool (HAProxy: backend). */
  readonly pool: string;
}

export interface Service {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly environment: Environment;
  /** Slack channel id the card goes to; without one, the channel the command was typed in. */
  readonly channel?: string;
  /** Names of the known members, when the inventory lists them: the base of the guard. */
  readonly members?: readonly string[];
  readonly minAvailable: MinAvailable;
  /** How long an enabled member may take until it serves, in ms, before the outcome says that it does not yet. */
  readonly servingWithinMs: number;
  /** How long nothing new may come before members count as idle, in ms. */
  readonly quietForMs: number;
  /** Port at which our own check tries the members, where it is not the one that clients come to. */
  readonly checkPort?: number;
  /** Longest drain before a `disable` where clients stick, in ms. */
  readonly drainForMs: number;
  readonly pools: readonly PoolTarget[];
}

/** Everything the product knows about the site. Frozen, checked as a whole, free of secrets. */
export interface Inventory {
  readonly environments: ReadonlyMap<string, Environment>;
  readonly balancers: ReadonlyMap<string, Balancer>;
  readonly pairs: ReadonlyMap<string, Pair>;
  /** By name; aliases are not keys here, see `findService`. */
  readonly services: ReadonlyMap<string, Service>;
  /** Operating system user to Slack user id, for `lb …` typed in a shell. */
  readonly shell: ReadonlyMap<string, string>;
  /** Absent: everything is posted where its service or pair has a channel, and nobody is mentioned. */
  readonly announce?: AnnounceRules;
}

/** The service of this name or alias (case-insensitive, as host names are). */
export function findService(inventory: Inventory, name: string): Service | undefined {
  const wanted = name.toLowerCase();
  for (const service of inventory.services.values()) {
    if (service.name.toLowerCase() === wanted) return service;
    if (service.aliases.some((alias) => alias.toLowerCase() === wanted)) return service;
  }
  return undefined;
}

/**
 * What a change may be of: a service, or a pair whose nodes stand in for each other, for changes of who is MASTER. Such
 * a pair belongs to the strictest environment, and to the channel, of the services on it; a pair without services, or
 * named as one, cannot be changed.
 */
export function findSubject(inventory: Inventory, name: string): Service | undefined {
  return findService(inventory, name) ?? pairAsService(inventory, name);
}

/** The services that live on a pair. */
export function servicesOnPair(inventory: Inventory, pair: string): readonly Service[] {
  return [...inventory.services.values()].filter(({ pools }) =>
    pools.some(({ lane }) => lane === pair),
  );
}

function pairAsService(inventory: Inventory, name: string): Service | undefined {
  const pair = inventory.pairs.get(name);
  if (pair?.vrrp === undefined) return undefined;
  const [strictest, ...others] = [...servicesOnPair(inventory, name)].sort(
    (a, b) => b.environment.approval.required - a.environment.approval.required,
  );
  if (strictest === undefined) return undefined;
  const channel = [strictest, ...others].find((service) => service.channel !== undefined)?.channel;
  const { environment, servingWithinMs, quietForMs, drainForMs } = strictest;
  return Object.freeze({
    name,
    aliases: [],
    environment,
    ...(channel === undefined ? {} : { channel }),
    minAvailable: { unit: 'members', value: 1 } as const,
    servingWithinMs,
    quietForMs,
    drainForMs,
    pools: Object.freeze([
      { on: name, balancers: pair.nodes, lane: name, pool: vrrpPool(pair.vrrp) },
    ]),
  });
}
