import { z } from 'zod';

/*
 * What can be read of an inventory file however wrong the rest of it is, so that references are checked
 * in the same run as the shape. What has the wrong type reads as absent: the schema has reported it.
 */

const text = z.string().optional().catch(undefined);
const texts = z.array(text).catch([]);
const guard = z
  .object({ min_available: z.union([z.string(), z.number()]).optional().catch(undefined) })
  .catch({});

const environment = z.object({
  roles: z.object({ approvers: z.unknown() }).catch({ approvers: undefined }),
  approval: z.object({ required: z.unknown() }).catch({ required: undefined }),
});
const balancer = z.object({
  kind: text,
  socket: text,
  insecure_socket: z.unknown().optional(),
  ssh: text,
  ssh_key: text,
  ssh_agent: text,
  host_key: text,
  known_hosts: text,
  jump: text,
  jump_host_key: text,
  via: text,
  master_socket: text,
  server_state_file: text,
  url: text,
  peer: text,
  fingerprint: text,
  peer_fingerprint: text,
  ca: text,
  traffic_group: text,
  sync: text,
  api: text,
  helper: text,
});
const pair = z.object({
  nodes: texts,
  vrrp: text,
  vips: z.array(text).optional().catch(undefined),
  probe: text,
  probe_at: text,
});
const service = z.object({
  environment: text,
  aliases: texts,
  members: z.array(text).optional().catch(undefined),
  guard,
  pools: z.array(z.object({ on: text, backend: text, pool: text, vip: text }).catch({})).catch([]),
});

export interface Outline {
  readonly environments: ReadonlyMap<string, z.output<typeof environment>>;
  readonly balancers: ReadonlyMap<string, z.output<typeof balancer>>;
  readonly pairs: ReadonlyMap<string, z.output<typeof pair>>;
  readonly services: ReadonlyMap<string, z.output<typeof service>>;
  readonly shell: ReadonlyMap<string, unknown>;
}

/** The named blocks of one section; what is no block at all counts as an empty one, so that its name is known. */
function section<Value>(
  data: unknown,
  key: string,
  schema: z.ZodType<Value>,
): ReadonlyMap<string, Value> {
  const given = entriesOf(data).find(([name]) => name === key)?.[1];
  return new Map(
    entriesOf(given).map(([name, value]) => {
      const read = schema.safeParse(value);
      return [name, read.success ? read.data : schema.parse({})];
    }),
  );
}

function entriesOf(data: unknown): readonly (readonly [string, unknown])[] {
  if (data === null || typeof data !== 'object' || Array.isArray(data)) return [];
  return Object.entries(data);
}

export function outlineOf(data: unknown): Outline {
  return {
    environments: section(data, 'environments', environment),
    balancers: section(data, 'balancers', balancer),
    pairs: section(data, 'pairs', pair),
    services: section(data, 'services', service),
    shell: section(data, 'shell', z.unknown()),
  };
}
