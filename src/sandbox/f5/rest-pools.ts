import {
  findPool,
  fullPath,
  type Metadata,
  POOL_ATTRIBUTES,
  type PoolConfig,
} from './config-model.ts';
import { LB_METHODS } from './load-balancing.ts';
import { givenName, refuseUnknownFolder, replaceMembers } from './member-writes.ts';
import { pathOfSegment } from './object-names.ts';
import { collection, single } from './odata.ts';
import {
  nothing,
  ORIGIN,
  objectOf,
  type RestCall,
  type RestHandler,
  selfLink,
} from './rest-call.ts';
import { badRequest, invalidValue, notAllowed, notFound, RestError } from './rest-errors.ts';
import { memberObject, poolUrl } from './rest-members.ts';
import { applyAttributes } from './rest-values.ts';
import type { Unit } from './unit.ts';

function poolObject(call: RestCall, pool: PoolConfig) {
  const { unit } = call;
  const expanded = call.query.get('expandSubcollections') === 'true';
  const items = pool.members.map((member) => memberObject(unit, pool, member));
  return {
    kind: 'tm:ltm:pool:poolstate',
    name: pool.name,
    partition: pool.partition,
    fullPath: fullPath(pool),
    generation: pool.generation,
    selfLink: expanded
      ? `${ORIGIN}${poolUrl(pool)}?expandSubcollections=true&ver=${unit.world.version}`
      : selfLink(unit, poolUrl(pool)),
    ...pool.attributes,
    ...(pool.monitor === undefined
      ? {}
      : { monitor: `${pool.monitor}${blankBehindMonitor(unit)}` }),
    ...(pool.metadata.length === 0 ? {} : { metadata: pool.metadata }),
    membersReference: {
      link: selfLink(unit, `${poolUrl(pool)}/members`),
      isSubcollection: true,
      ...(expanded && items.length > 0 ? { items } : {}),
    },
  };
}

/** Some versions have a blank there. */
const blankBehindMonitor = (unit: Unit): string => (/^1[12]\./.test(unit.world.version) ? ' ' : '');

const list: RestHandler = (call) =>
  collection(
    call,
    'tm:ltm:pool:poolcollectionstate',
    call.unit.running.pools.map((pool) => poolObject(call, pool)),
  );

const read: RestHandler = (call) => single(call, poolObject(call, wanted(call)));

function wanted(call: RestCall): PoolConfig {
  const path = pathOfSegment(call.names.pool ?? '');
  const pool = findPool(call.unit.running, path);
  if (pool === undefined) throw notFound('Pool', path);
  return pool;
}

function adminOnly(call: RestCall): void {
  if (call.account.role !== 'admin') throw notAllowed('pool');
}

const change: RestHandler = (call) => {
  adminOnly(call);
  const body = objectOf(call);
  if (Object.keys(body).length === 0) throw badRequest('one or more properties must be specified');
  const pool = wanted(call);
  wholeOrNot(call, () => write(call, pool, body));
  return single(call, poolObject(call, pool));
};

const create: RestHandler = (call) => {
  adminOnly(call);
  const body = objectOf(call);
  const [name, partition] = givenName(body);
  const path = `/${partition}/${name}`;
  refuseUnknownFolder(call.unit, partition);
  if (findPool(call.unit.running, path) !== undefined) {
    throw new RestError(
      409,
      `01020066:3: The requested Pool (${path}) already exists in partition ${partition}.`,
      3,
    );
  }
  const pool: PoolConfig = {
    name,
    partition,
    generation: 0,
    monitor: undefined,
    attributes: { ...POOL_ATTRIBUTES },
    metadata: [],
    members: [],
  };
  wholeOrNot(call, () => {
    call.unit.running.pools.push(pool);
    call.unit.running.pools.sort((one, other) => (fullPath(one) < fullPath(other) ? -1 : 1));
    write(call, pool, body);
  });
  return single(call, poolObject(call, pool));
};

const remove: RestHandler = (call) => {
  adminOnly(call);
  const pool = wanted(call);
  const { pools } = call.unit.running;
  pools.splice(pools.indexOf(pool), 1);
  call.unit.running.generation += 1;
  call.group.changed(call.unit);
  return nothing;
};

function write(call: RestCall, pool: PoolConfig, body: Readonly<Record<string, unknown>>): void {
  const { loadBalancingMode: method } = body;
  if (method !== undefined && !LB_METHODS.some(([rest]) => rest === method)) {
    throw invalidValue('loadBalancingMode', method);
  }
  pool.attributes = applyAttributes(pool.attributes, POOL_ATTRIBUTES, body);
  if (body.monitor !== undefined) pool.monitor = monitorOf(body.monitor);
  if (body.metadata !== undefined) pool.metadata = metadataOf(body.metadata);
  if (body.members !== undefined) replaceMembers(call.unit, pool, body.members);
  stamp(call, pool);
}

/** What throws in the middle has changed nothing. */
function wholeOrNot(call: RestCall, run: () => void): void {
  const before = structuredClone(call.unit.running);
  try {
    run();
  } catch (thrown) {
    call.unit.running = before;
    throw thrown;
  }
}

/** `/Common/http`, `http and tcp`, `min 1 of { http tcp }`: every name becomes a path. */
function monitorOf(value: unknown): string | undefined {
  if (typeof value !== 'string') throw invalidValue('monitor', value);
  const rule = value.trim();
  if (['', 'none', '/Common/none'].includes(rule)) return undefined;
  const named = (name: string) => {
    if (!/^[\w./-]*\w$/.test(name)) throw invalidValue('monitor', value);
    return name.startsWith('/') ? name : `/Common/${name}`;
  };
  const quorum = /^min\s+(\d+)\s+of(?:\s+\{?([^{}]*)\}?)?$/.exec(rule);
  if (quorum !== null) {
    const given = (quorum[2] ?? '').trim();
    // Without names it stands there and monitors nothing: what Ansible's module writes, and expects to read.
    const names = given === '' ? [] : given.split(/\s+/).map(named);
    return `min ${quorum[1]} of { ${names.join(' ')} }`;
  }
  return rule
    .split(/\s+and\s+/)
    .map(named)
    .join(' and ');
}

function metadataOf(value: unknown): readonly Metadata[] {
  if (!Array.isArray(value)) throw invalidValue('metadata', value);
  return value.map((item: unknown) => {
    const { name, persist = 'true', value: text } = (item ?? {}) as Record<string, unknown>;
    if (typeof name !== 'string' || name === '') throw invalidValue('metadata', item);
    return {
      name,
      persist: String(persist),
      ...(text === undefined ? {} : { value: String(text) }),
    };
  });
}

function stamp(call: RestCall, pool: PoolConfig): void {
  call.unit.running.generation += 1;
  pool.generation = call.unit.running.generation;
  call.group.changed(call.unit);
}

export const poolRoutes: Readonly<Record<string, RestHandler>> = {
  'GET /mgmt/tm/ltm/pool': list,
  'POST /mgmt/tm/ltm/pool': create,
  'GET /mgmt/tm/ltm/pool/:pool': read,
  'PATCH /mgmt/tm/ltm/pool/:pool': change,
  'PUT /mgmt/tm/ltm/pool/:pool': change,
  'DELETE /mgmt/tm/ltm/pool/:pool': remove,
};
