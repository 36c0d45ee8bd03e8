import { mayWriteKeys } from './accounts.ts';
import {
  findMember,
  findPool,
  fullPath,
  MEMBER_ATTRIBUTES,
  type MemberConfig,
  type PoolConfig,
  splitMemberName,
} from './config-model.ts';
import { pathOfSegment, segmentOf } from './object-names.ts';
import { collection, single } from './odata.ts';
import { nothing, objectOf, type RestCall, type RestHandler, selfLink } from './rest-call.ts';
import {
  badRequest,
  invalidValue,
  notAllowed,
  notFound,
  objectNotFound,
  RestError,
} from './rest-errors.ts';
import { applyAttributes, readAdministered } from './rest-values.ts';
import { addMember } from './seed.ts';
import type { Unit } from './unit.ts';

export const poolUrl = (pool: PoolConfig): string =>
  `/mgmt/tm/ltm/pool/${segmentOf(fullPath(pool))}`;

export const memberUrl = (pool: PoolConfig, member: MemberConfig): string =>
  `${poolUrl(pool)}/members/${segmentOf(fullPath(member))}`;

export function memberObject(unit: Unit, pool: PoolConfig, member: MemberConfig) {
  const { session, state } = unit.statusOf(pool, member);
  const { description, ...attributes } = member.attributes;
  return {
    kind: 'tm:ltm:pool:members:membersstate',
    name: member.name,
    partition: member.partition,
    fullPath: fullPath(member),
    generation: member.generation,
    selfLink: selfLink(unit, memberUrl(pool, member)),
    address: member.address,
    ...attributes,
    ...(description === undefined ? {} : { description }),
    // Not known before 11.6.
    ...(unit.world.version.startsWith('11.5.')
      ? {}
      : { ephemeral: String(member.ephemeral), fqdn: { autopopulate: 'disabled' } }),
    session,
    state,
  };
}

const poolPath = (call: RestCall) => pathOfSegment(call.names.pool ?? '');
const memberPath = (call: RestCall) => pathOfSegment(call.names.member ?? '');

export function poolToRead(call: RestCall): PoolConfig {
  const pool = findPool(call.unit.running, poolPath(call));
  if (pool === undefined) throw notFound('Pool', poolPath(call));
  return pool;
}

export function memberToRead(call: RestCall): { pool: PoolConfig; member: MemberConfig } {
  const pool = poolToRead(call);
  const member = findMember(pool, memberPath(call));
  if (member === undefined) throw objectNotFound(memberPath(call));
  return { pool, member };
}

/** A write names pool and member in one sentence, whichever of them is not there. */
function memberToWrite(call: RestCall): { pool: PoolConfig; member: MemberConfig } {
  const pool = findPool(call.unit.running, poolPath(call));
  const member = pool === undefined ? undefined : findMember(pool, memberPath(call));
  if (pool !== undefined && member !== undefined) return { pool, member };
  const path = memberPath(call);
  const cut = path.lastIndexOf('/') + 1;
  const parts = splitMemberName(path.slice(cut)) ?? { node: path.slice(cut), port: 0 };
  throw notFound(
    'Pool Member',
    `${poolPath(call)} ${path.slice(0, cut)}${parts.node} ${parts.port}`,
  );
}

const list: RestHandler = (call) => {
  const pool = poolToRead(call);
  const items = pool.members.map((member) => memberObject(call.unit, pool, member));
  return collection(call, 'tm:ltm:pool:members:memberscollectionstate', items);
};

const read: RestHandler = (call) => {
  const { pool, member } = memberToRead(call);
  return single(call, memberObject(call.unit, pool, member));
};

const change: RestHandler = (call) => {
  const body = objectOf(call);
  const keys = Object.keys(body);
  if (keys.length === 0) throw badRequest('one or more properties must be specified');
  if (!mayWriteKeys(call.account.role, keys)) throw notAllowed('pool members');
  const { pool, member } = memberToWrite(call);
  const administered = readAdministered(body);
  const attributes = applyAttributes(member.attributes, MEMBER_ATTRIBUTES, body);
  // Nothing is written before everything was read: a change is whole or not at all.
  Object.assign(member, administered, { attributes });
  call.unit.running.generation += 1;
  member.generation = call.unit.running.generation;
  call.group.changed(call.unit);
  return single(call, memberObject(call.unit, pool, member));
};

const create: RestHandler = (call) => {
  const body = objectOf(call);
  if (call.account.role !== 'admin') throw notAllowed('pool members');
  const { running } = call.unit;
  const pool = findPool(running, poolPath(call));
  if (pool === undefined) throw notFound('pool', poolPath(call));
  const [name, partition] = givenName(body);
  const parts = splitMemberName(name);
  if (parts === undefined) throw invalidValue('name', name);
  if (!running.partitions.some((known) => known.name === partition)) {
    throw badRequest(`The requested folder (/${partition}) was not found.`);
  }
  const path = `/${partition}/${name}`;
  if (findMember(pool, path) !== undefined) {
    const spelled = `${fullPath(pool)} /${partition}/${parts.node} ${parts.port}`;
    throw new RestError(
      409,
      `01020066:3: The requested Pool Member (${spelled}) already exists in partition ${partition}.`,
      3,
    );
  }
  const member: MemberConfig = {
    name,
    partition,
    address: addressOf(call.unit, partition, parts.node, body.address),
    port: parts.port,
    ephemeral: false,
    generation: running.generation + 1,
    adminUp: true,
    sessionEnabled: true,
    ...readAdministered(body),
    attributes: applyAttributes(MEMBER_ATTRIBUTES, MEMBER_ATTRIBUTES, body),
  };
  running.generation += 1;
  addMember(running, pool, member);
  call.group.changed(call.unit);
  return single(call, memberObject(call.unit, pool, member));
};

const remove: RestHandler = (call) => {
  if (call.account.role !== 'admin') throw notAllowed('pool members');
  const { pool, member } = memberToWrite(call);
  pool.members.splice(pool.members.indexOf(member), 1);
  call.unit.running.generation += 1;
  call.group.changed(call.unit);
  return nothing;
};

/** Name and partition; the name may be a full path. */
export function givenName(body: Readonly<Record<string, unknown>>): [string, string] {
  const { name, partition = 'Common' } = body;
  if (typeof name !== 'string' || name === '')
    throw badRequest('"name" property must be specified');
  if (typeof partition !== 'string') throw invalidValue('partition', partition);
  const [, folder, rest] = /^\/([^/]+)\/(.+)$/.exec(name) ?? [];
  return [rest ?? name, folder ?? partition];
}

function addressOf(unit: Unit, partition: string, node: string, given: unknown): string {
  if (typeof given === 'string' && given !== '' && given !== 'any') return given;
  const known = unit.running.nodes.find(
    (candidate) => candidate.name === node && [partition, 'Common'].includes(candidate.partition),
  );
  return known?.address ?? node;
}

export const MEMBERS_URL = '/mgmt/tm/ltm/pool/:pool/members';

export const memberRoutes: Readonly<Record<string, RestHandler>> = {
  [`GET ${MEMBERS_URL}`]: list,
  [`POST ${MEMBERS_URL}`]: create,
  [`GET ${MEMBERS_URL}/:member`]: read,
  [`PATCH ${MEMBERS_URL}/:member`]: change,
  [`PUT ${MEMBERS_URL}/:member`]: change,
  [`DELETE ${MEMBERS_URL}/:member`]: remove,
};
