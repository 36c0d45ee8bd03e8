import {
  ANY_ADDRESS,
  type Fqdn,
  findMember,
  fullPath,
  MEMBER_ATTRIBUTES,
  type MemberConfig,
  type PoolConfig,
  splitMemberName,
} from './config-model.ts';
import { badRequest, invalidValue, RestError } from './rest-errors.ts';
import { applyAttributes, readAdministered } from './rest-values.ts';
import { addMember, FQDN_DEFAULTS } from './seed.ts';
import type { Unit } from './unit.ts';

type Body = Readonly<Record<string, unknown>>;

/** Name and partition; the name may be a full path. */
export function givenName(body: Body): [string, string] {
  const { name, partition = 'Common' } = body;
  if (typeof name !== 'string' || name === '')
    throw badRequest('"name" property must be specified');
  if (typeof partition !== 'string') throw invalidValue('partition', partition);
  const [, folder, rest] = /^\/([^/]+)\/(.+)$/.exec(name) ?? [];
  return [rest ?? name, folder ?? partition];
}

/** Throws 400 for a partition that the unit does not have. */
export function refuseUnknownFolder(unit: Unit, partition: string): void {
  if (unit.running.partitions.some((known) => known.name === partition)) return;
  throw badRequest(`The requested folder (/${partition}) was not found.`);
}

export function createMember(unit: Unit, pool: PoolConfig, body: Body): MemberConfig {
  const [name, partition] = givenName(body);
  const parts = splitMemberName(name);
  if (parts === undefined) throw invalidValue('name', name);
  refuseUnknownFolder(unit, partition);
  const path = `/${partition}/${name}`;
  if (findMember(pool, path) !== undefined) {
    const spelled = `${fullPath(pool)} /${partition}/${parts.node} ${parts.port}`;
    throw new RestError(
      409,
      `01020066:3: The requested Pool Member (${spelled}) already exists in partition ${partition}.`,
      3,
    );
  }
  const place = placeOf(unit, partition, parts.node, body);
  unit.running.generation += 1;
  const member: MemberConfig = {
    name,
    partition,
    ...place,
    port: parts.port,
    ephemeral: false,
    generation: unit.running.generation,
    adminUp: true,
    sessionEnabled: true,
    ...readAdministered(body),
    attributes: applyAttributes(MEMBER_ATTRIBUTES, MEMBER_ATTRIBUTES, body),
  };
  addMember(unit.running, pool, member);
  return member;
}

/** Nothing is written before everything was read: a change is whole or not at all. */
export function changeMember(unit: Unit, member: MemberConfig, body: Body): void {
  const administered = readAdministered(body);
  const attributes = applyAttributes(member.attributes, MEMBER_ATTRIBUTES, body);
  Object.assign(member, administered, { attributes });
  unit.running.generation += 1;
  member.generation = unit.running.generation;
}

/**
 * `members` of a pool's body: names or objects. Who is not in the list is no member any more; who was one
 * keeps what the list does not say.
 */
export function replaceMembers(unit: Unit, pool: PoolConfig, list: unknown): void {
  if (!Array.isArray(list)) throw invalidValue('members', list);
  const bodies = list.map(memberBody);
  const wanted = new Set(bodies.map((body) => memberPath(body)));
  pool.members = pool.members.filter((member) => wanted.has(fullPath(member)));
  for (const body of bodies) {
    const known = findMember(pool, memberPath(body));
    if (known === undefined) createMember(unit, pool, body);
    else changeMember(unit, known, body);
  }
}

const memberPath = (body: Body): string => {
  const [name, partition] = givenName(body);
  return `/${partition}/${name}`;
};

function memberBody(item: unknown): Body {
  if (typeof item === 'string') return { name: item };
  if (typeof item === 'object' && item !== null && !Array.isArray(item)) return { ...item };
  throw invalidValue('members', item);
}

/** What `fqdn` of a body says; `undefined` where it names nothing. */
export function givenFqdn(given: unknown): Fqdn | undefined {
  if (typeof given !== 'object' || given === null) return undefined;
  const { tmName, name, autopopulate = FQDN_DEFAULTS.autopopulate } = given as Body;
  const text = tmName ?? name;
  if (text === undefined || text === '' || text === 'none') return undefined;
  if (typeof text !== 'string') throw invalidValue('fqdn', given);
  return { name: text, autopopulate: String(autopopulate) };
}

/** Where connections go: what the body says, else the node of that name, else the name itself. */
function placeOf(
  unit: Unit,
  partition: string,
  node: string,
  body: Body,
): { address: string; fqdn?: Fqdn } {
  const fqdn = givenFqdn(body.fqdn);
  if (fqdn !== undefined) return { address: ANY_ADDRESS, fqdn };
  const { address } = body;
  if (typeof address === 'string' && !['', 'any', ANY_ADDRESS].includes(address)) {
    return { address };
  }
  const known = unit.running.nodes.find(
    (candidate) => candidate.name === node && [partition, 'Common'].includes(candidate.partition),
  );
  return {
    address: known?.address ?? node,
    ...(known?.fqdn === undefined ? {} : { fqdn: known.fqdn }),
  };
}
