/** What a unit keeps as configuration: what `config-sync` copies and `save` writes. */
export interface UnitConfig {
  /** Rises with every change; objects carry the value of their last one. */
  generation: number;
  partitions: PartitionConfig[];
  routeDomains: RouteDomainConfig[];
  pools: PoolConfig[];
  nodes: NodeConfig[];
  /** Those that people made. */
  monitors: MonitorConfig[];
}

export interface MonitorConfig {
  readonly type: string;
  readonly name: string;
  readonly partition: string;
  generation: number;
  /** As written. */
  attributes: Readonly<Record<string, unknown>>;
}

export interface PartitionConfig {
  name: string;
  defaultRouteDomain: number;
  description?: string;
}

export interface RouteDomainConfig {
  id: number;
  partition: string;
  /** The number where people gave none. */
  name?: string;
  /** As written. */
  attributes: Readonly<Record<string, unknown>>;
}

/** What members and nodes share. Read values are never stored: see `member-status.ts`. */
export interface Administered {
  /** False: forced offline (`user-down`). */
  adminUp: boolean;
  /** False: disabled (`user-disabled`). */
  sessionEnabled: boolean;
}

/** A member or node that stands for whatever a name resolves to. Nothing is resolved here. */
export interface Fqdn {
  readonly name: string;
  readonly autopopulate: string;
}

export interface NodeFqdn extends Fqdn {
  readonly addressFamily: string;
  readonly downInterval: number | string;
  readonly interval: number | string;
}

/** Address of what has a name in DNS instead. */
export const ANY_ADDRESS = 'any6';

export interface MemberConfig extends Administered {
  /** `10.0.0.11:80`, `2001:db8::10.443`, `10.9.0.5%1:443`. */
  name: string;
  partition: string;
  address: string;
  port: number;
  fqdn?: Fqdn;
  ephemeral: boolean;
  generation: number;
  attributes: MemberAttributes;
}

/** Written as they are read. */
export interface MemberAttributes {
  connectionLimit: number;
  dynamicRatio: number;
  inheritProfile: string;
  logging: string;
  monitor: string;
  priorityGroup: number;
  rateLimit: string;
  ratio: number;
  description?: string;
}

export interface Metadata {
  readonly name: string;
  readonly persist: string;
  readonly value?: string;
}

export interface PoolConfig {
  name: string;
  partition: string;
  generation: number;
  /** `/Common/http`; absent without one. */
  monitor: string | undefined;
  attributes: Record<string, string | number>;
  /** Name and value pairs that people attach. */
  metadata: readonly Metadata[];
  members: MemberConfig[];
}

export interface NodeConfig extends Administered {
  name: string;
  partition: string;
  address: string;
  fqdn?: NodeFqdn;
  generation: number;
  attributes: NodeAttributes;
}

export interface NodeAttributes {
  connectionLimit: number;
  dynamicRatio: number;
  logging: string;
  monitor: string;
  rateLimit: string;
  ratio: number;
  description?: string;
}

export const MEMBER_ATTRIBUTES: Readonly<MemberAttributes> = {
  connectionLimit: 0,
  dynamicRatio: 1,
  inheritProfile: 'enabled',
  logging: 'disabled',
  monitor: 'default',
  priorityGroup: 0,
  rateLimit: 'disabled',
  ratio: 1,
};

export const NODE_ATTRIBUTES: Readonly<NodeAttributes> = {
  connectionLimit: 0,
  dynamicRatio: 1,
  logging: 'disabled',
  monitor: 'default',
  rateLimit: 'disabled',
  ratio: 1,
};

export const POOL_ATTRIBUTES: Readonly<Record<string, string | number>> = {
  allowNat: 'yes',
  allowSnat: 'yes',
  ignorePersistedWeight: 'disabled',
  ipTosToClient: 'pass-through',
  ipTosToServer: 'pass-through',
  linkQosToClient: 'pass-through',
  linkQosToServer: 'pass-through',
  loadBalancingMode: 'round-robin',
  minActiveMembers: 0,
  minUpMembers: 0,
  minUpMembersAction: 'failover',
  minUpMembersChecking: 'disabled',
  queueDepthLimit: 0,
  queueOnConnectionLimit: 'disabled',
  queueTimeLimit: 0,
  reselectTries: 0,
  serviceDownAction: 'none',
  slowRampTime: 10,
};

export const fullPath = (object: { name: string; partition: string }): string =>
  `/${object.partition}/${object.name}`;

export const findPool = (config: UnitConfig, path: string): PoolConfig | undefined =>
  config.pools.find((pool) => fullPath(pool) === path);

export const findMember = (pool: PoolConfig, path: string): MemberConfig | undefined =>
  pool.members.find((member) => fullPath(member) === path);

/** The node behind a member: same address and a partition that the member can see. */
export const nodeOf = (config: UnitConfig, member: MemberConfig): NodeConfig | undefined =>
  config.nodes.find(
    (node) =>
      node.address === member.address &&
      node.fqdn?.name === member.fqdn?.name &&
      (node.partition === member.partition || node.partition === 'Common'),
  );

/** The name a member gets on the device: IPv6 addresses are joined to the port by a dot. */
export const memberName = (node: string, port: number): string =>
  node.includes(':') ? `${node}.${port}` : `${node}:${port}`;

/** Takes a member's name apart; `undefined` for a name without a port. */
export function splitMemberName(name: string): { node: string; port: number } | undefined {
  const isV6 = name.split(':').length > 2;
  const cut = name.lastIndexOf(isV6 ? '.' : ':');
  const port = Number(name.slice(cut + 1));
  if (cut <= 0 || !/^\d{1,5}$/.test(name.slice(cut + 1)) || port > 65_535) return undefined;
  return { node: name.slice(0, cut), port };
}
