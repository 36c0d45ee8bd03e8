import { findPool, fullPath, POOL_ATTRIBUTES, type PoolConfig } from './config-model.ts';
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
import { givenName, memberObject, poolUrl } from './rest-members.ts';
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
  pool.attributes = applyAttributes(pool.attributes, POOL_ATTRIBUTES, body);
  if (body.monitor !== undefined) pool.monitor = monitorOf(body.monitor);
  stamp(call, pool);
  return single(call, poolObject(call, pool));
};

const create: RestHandler = (call) => {
  adminOnly(call);
  const body = objectOf(call);
  const [name, partition] = givenName(body);
  const path = `/${partition}/${name}`;
  const { running } = call.unit;
  if (!running.partitions.some((known) => known.name === partition)) {
    throw badRequest(`The requested folder (/${partition}) was not found.`);
  }
  if (findPool(running, path) !== undefined) {
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
    monitor: body.monitor === undefined ? undefined : monitorOf(body.monitor),
    attributes: applyAttributes(POOL_ATTRIBUTES, POOL_ATTRIBUTES, body),
    members: [],
  };
  running.pools.push(pool);
  stamp(call, pool);
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

function monitorOf(value: unknown): string | undefined {
  if (typeof value !== 'string') throw invalidValue('monitor', value);
  const name = value.trim();
  if (name === '' || name === 'none') return undefined;
  return name.startsWith('/') ? name : `/Common/${name}`;
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
