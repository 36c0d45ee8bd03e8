import { mayWriteKeys } from './accounts.ts';
import {
  findMember,
  findPool,
  fullPath,
  type MemberConfig,
  type PoolConfig,
  splitMemberName,
} from './config-model.ts';
import { changeMember, createMember } from './member-writes.ts';
import { pathOfSegment, segmentOf } from './object-names.ts';
import { collection, single } from './odata.ts';
import { nothing, objectOf, type RestCall, type RestHandler, selfLink } from './rest-call.ts';
import { badRequest, notAllowed, notFound, objectNotFound } from './rest-errors.ts';
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
      : {
          ephemeral: String(member.ephemeral),
          fqdn:
            member.fqdn === undefined
              ? { autopopulate: 'disabled' }
              : { autopopulate: member.fqdn.autopopulate, tmName: member.fqdn.name },
        }),
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
  changeMember(call.unit, member, body);
  call.group.changed(call.unit);
  return single(call, memberObject(call.unit, pool, member));
};

const create: RestHandler = (call) => {
  const body = objectOf(call);
  if (call.account.role !== 'admin') throw notAllowed('pool members');
  const pool = findPool(call.unit.running, poolPath(call));
  if (pool === undefined) throw notFound('pool', poolPath(call));
  const member = createMember(call.unit, pool, body);
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

export const MEMBERS_URL = '/mgmt/tm/ltm/pool/:pool/members';

export const memberRoutes: Readonly<Record<string, RestHandler>> = {
  [`GET ${MEMBERS_URL}`]: list,
  [`POST ${MEMBERS_URL}`]: create,
  [`GET ${MEMBERS_URL}/:member`]: read,
  [`PATCH ${MEMBERS_URL}/:member`]: change,
  [`PUT ${MEMBERS_URL}/:member`]: change,
  [`DELETE ${MEMBERS_URL}/:member`]: remove,
};
