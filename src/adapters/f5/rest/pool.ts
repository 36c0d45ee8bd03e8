import { z } from 'zod';
import { OperationError } from '../../../domain/errors.ts';
import { nodeAndPort } from '../names.ts';
import type { F5Configured, F5Counters } from '../parse.ts';

/*
 * Three replies about one pool. Lenient: unknown keys are passed over, what an old version does not say has the
 * value it would have there; only what a decision hangs on must be there.
 */

const count = z.number().nonnegative();

const member = z.object({
  fullPath: z.string().min(1),
  address: z.string().min(1),
  session: z.string(),
  state: z.string(),
  ratio: z.number().int().nonnegative().default(1),
  priorityGroup: z.number().int().nonnegative().default(0),
  // A text on some versions.
  ephemeral: z.union([z.string(), z.boolean()]).default('false'),
});

const collection = z.object({
  selfLink: z.string().catch(''),
  items: z.array(member).default([]),
});

/** A member as `/members` shows it, and what it is called among the counters. */
export interface Listed {
  readonly key: string;
  readonly configured: F5Configured;
}

export function parseMembers(
  data: unknown,
  doing: string,
): { readonly version: string; readonly members: readonly Listed[] } {
  const { selfLink, items } = read(collection, data, doing);
  const version = /[?&]ver=([\w.-]{1,40})/.exec(selfLink)?.[1] ?? '';
  const members = items.map(
    ({ fullPath, address, session, state, ratio, priorityGroup, ephemeral }) => {
      const { node, port } = nodeAndPort(fullPath);
      const isEphemeral = ephemeral === true || ephemeral === 'true';
      const set = { session, state, ratio, priorityGroup, ephemeral: isEphemeral };
      return { key: `${node} ${port}`, configured: { fullPath, address, port, ...set } };
    },
  );
  return { version, members };
}

const text = z.object({ description: z.string() });
const number = z.object({ value: count });

const figures = z.object({
  nodeName: text,
  port: number,
  'serverside.curConns': number,
  'serverside.totConns': number,
  'status.enabledState': text.optional(),
  'status.statusReason': text.optional(),
});

const statistics = z.object({
  entries: z
    .record(z.string(), z.object({ nestedStats: z.object({ entries: z.unknown() }) }))
    .default({}),
});

/** By node and port: the keys of the entries repeat names in ways that differ between versions. */
export function parseCounters(data: unknown, doing: string): ReadonlyMap<string, F5Counters> {
  const found = Object.values(read(statistics, data, doing).entries).map(({ nestedStats }) => {
    const entry = read(figures, nestedStats.entries, doing);
    const enabled = entry['status.enabledState']?.description ?? '';
    const counters: F5Counters = {
      byParent: enabled === 'disabled-by-parent',
      reason: entry['status.statusReason']?.description ?? '',
      sessions: entry['serverside.curConns'].value,
      sessionsTotal: entry['serverside.totConns'].value,
    };
    return [`${entry.nodeName.description} ${entry.port.value}`, counters] as const;
  });
  return new Map(found);
}

const pool = z.object({
  minActiveMembers: count.default(0),
  loadBalancingMode: z.string().optional().catch(undefined),
});

export interface PoolFacts {
  readonly minActiveMembers: number;
  readonly balancingMode?: string;
}

export function parsePoolFacts(data: unknown, doing: string): PoolFacts {
  const { minActiveMembers, loadBalancingMode } = read(pool, data, doing);
  return {
    minActiveMembers,
    ...(loadBalancingMode === undefined ? {} : { balancingMode: loadBalancingMode }),
  };
}

function read<Schema extends z.ZodType>(
  schema: Schema,
  data: unknown,
  doing: string,
): z.output<Schema> {
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.map(String).join('.') ?? '';
  throw new OperationError(
    'UNEXPECTED_REPLY',
    `${doing}: in the answer, ${where || 'the whole'} is not as a BIG-IP writes it.`,
  );
}
