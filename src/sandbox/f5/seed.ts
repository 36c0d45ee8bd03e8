import { z } from 'zod';
import {
  fullPath,
  MEMBER_ATTRIBUTES,
  type MemberConfig,
  memberName,
  NODE_ATTRIBUTES,
  POOL_ATTRIBUTES,
  type PoolConfig,
  splitMemberName,
  type UnitConfig,
} from './config-model.ts';

const path = z.string().regex(/^\/[\w.-]+(\/[\w.%:-]+)+$/, 'expected /Partition/name');
const connections = z.number().int().min(0).max(1_000_000);

const memberText = z.string().refine((name) => splitMemberName(name) !== undefined, {
  error: 'expected address:port, or address.port for IPv6',
});

const memberSeed = z.strictObject({
  /** `10.0.0.11:80` or, for IPv6, `2001:db8::10.443`. */
  member: memberText,
  /** Of a member that is named by a node, such as `web-1:80`. */
  address: z.string().optional(),
  /** Partition of the node; that of the pool when absent. */
  partition: z
    .string()
    .regex(/^[\w.-]+$/)
    .optional(),
  ratio: z.number().int().min(1).max(65_535).default(1),
  priority_group: z.number().int().min(0).max(65_535).default(0),
  monitor: z.string().default('default'),
  state: z.enum(['enabled', 'disabled', 'forced_offline']).default('enabled'),
  health: z.enum(['up', 'down', 'checking']).default('up'),
  /** Connections at the start, and what the traffic model leads back to. */
  connections: connections.optional(),
  /** Of these, how many stay with the member by a persistence record. */
  sticky: connections.optional(),
  ephemeral: z.boolean().default(false),
});

const poolSeed = z.strictObject({
  pool: path,
  monitor: z.string().optional(),
  load_balancing: z.string().optional(),
  min_active_members: z.number().int().min(0).max(65_535).default(0),
  connections: connections.default(24),
  sticky: connections.default(0),
  members: z.array(z.union([memberText, memberSeed])).max(2_000),
});

/** What a pool file holds. */
export const seedSchema = z.strictObject({
  pools: z.array(poolSeed).max(2_000),
  /** Partitions beside Common and those of the pools. */
  partitions: z.array(z.string().regex(/^[\w.-]+$/)).default([]),
});

export type Seed = z.input<typeof seedSchema>;

export const DEFAULT_SEED: Seed = {
  pools: [
    {
      pool: '/Common/raw_pool',
      members: ['10.0.1.11:8080'],
    },
    {
      pool: '/Common/test.tianya.cn',
      monitor: '/Common/http',
      members: [42, 43, 44, 45, 46].map((last) => `192.168.100.${last}:80`),
    },
    { pool: '/Common/v6_pool', monitor: '/Common/tcp', members: ['2001:db8::10.443'] },
    { pool: '/Tenant_A/app_pool', monitor: '/Common/tcp', members: ['10.9.0.5%1:443'] },
  ],
};

/** A start for what is not configuration, by pool and member. */
export interface InitialLoad {
  readonly pool: string;
  readonly member: string;
  readonly health: 'up' | 'down' | 'checking';
  readonly connections: number;
  readonly sticky: number;
}

/** Configuration and first load of a seed. Throws ZodError for one that breaks the schema. */
export function plant(seed: Seed): { config: UnitConfig; load: InitialLoad[] } {
  const { pools, partitions } = seedSchema.parse(seed);
  const load: InitialLoad[] = [];
  const config: UnitConfig = {
    generation: 1,
    partitions: [],
    routeDomains: [{ id: 0, partition: 'Common', attributes: {} }],
    pools: [],
    nodes: [],
    monitors: [],
  };
  const names = new Set(['Common', ...partitions]);
  for (const wanted of pools) {
    const [, partition = '', ...rest] = wanted.pool.split('/');
    names.add(partition);
    const pool: PoolConfig = {
      name: rest.join('/'),
      partition,
      generation: 1,
      monitor: wanted.monitor,
      attributes: {
        ...POOL_ATTRIBUTES,
        minActiveMembers: wanted.min_active_members,
        ...(wanted.load_balancing === undefined
          ? {}
          : { loadBalancingMode: wanted.load_balancing }),
      },
      metadata: [],
      members: [],
    };
    config.pools.push(pool);
    for (const item of wanted.members) {
      const given = typeof item === 'string' ? memberSeed.parse({ member: item }) : item;
      const parts = splitMemberName(given.member);
      if (parts === undefined) continue;
      const member: MemberConfig = {
        name: given.member,
        partition: given.partition ?? partition,
        address: given.address ?? parts.node,
        port: parts.port,
        ephemeral: given.ephemeral,
        generation: 1,
        adminUp: given.state !== 'forced_offline',
        sessionEnabled: given.state === 'enabled',
        attributes: {
          ...MEMBER_ATTRIBUTES,
          ratio: given.ratio,
          priorityGroup: given.priority_group,
          monitor: given.monitor,
        },
      };
      addMember(config, pool, member);
      load.push({
        pool: fullPath(pool),
        member: fullPath(member),
        health: given.health,
        connections: given.connections ?? wanted.connections,
        sticky: given.sticky ?? wanted.sticky,
      });
    }
  }
  config.partitions = [...names].sort().map((name) => ({ name, defaultRouteDomain: 0 }));
  return { config, load };
}

/** Adds a member, and its node and route domain where the device has none yet. */
export function addMember(config: UnitConfig, pool: PoolConfig, member: MemberConfig): void {
  pool.members.push(member);
  pool.members.sort((one, other) => (fullPath(one) < fullPath(other) ? -1 : 1));
  const { address, partition } = member;
  const known = config.nodes.some(
    (node) =>
      node.address === address &&
      node.fqdn?.name === member.fqdn?.name &&
      node.partition === partition,
  );
  if (!known) {
    config.nodes.push({
      name: nodeName(member),
      partition,
      address,
      ...(member.fqdn === undefined ? {} : { fqdn: { ...FQDN_DEFAULTS, ...member.fqdn } }),
      generation: member.generation,
      adminUp: true,
      sessionEnabled: true,
      attributes: { ...NODE_ATTRIBUTES },
    });
  }
  const id = Number(address.split('%')[1] ?? '0');
  if (!config.routeDomains.some((domain) => domain.id === id)) {
    config.routeDomains.push({ id, partition, attributes: {} });
  }
}

/** What the device fills in where nothing is said. */
export const FQDN_DEFAULTS = {
  addressFamily: 'ipv4',
  autopopulate: 'disabled',
  downInterval: 5,
  interval: '3600',
} as const;

const nodeName = (member: MemberConfig): string => {
  const node = splitMemberName(member.name)?.node ?? member.address;
  return memberName(node, member.port) === member.name ? node : member.address;
};
