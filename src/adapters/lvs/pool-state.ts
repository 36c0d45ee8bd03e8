import { OperationError } from '../../domain/errors.ts';
import type { MemberSetting, MemberState, PoolState } from '../../domain/member.ts';
import { nearestName } from '../../domain/names.ts';
import { endpointWord, poolText, type RealServer } from '../../domain/virtual-service.ts';
import type { TableOwner } from '../../ports/table-owner.ts';
import { type DisableBy, goneAs, isGone, NOT_IN_TABLE, outAs } from './commands.ts';
import { elsewhereOf } from './elsewhere.ts';
import { ownedMembers } from './owned-table.ts';
import { type OwnerReport, ownerReportOf } from './owner-report.ts';
import {
  type Counts,
  type Destination,
  parseIdentity,
  parseListing,
  parseRules,
  parseSettings,
  type Service,
} from './parse.ts';
import { assertDone } from './refusals.ts';
import { parseSections, type Section, sectionOf, unexpected } from './reply.ts';
import { memberName, parseMember } from './service-words.ts';

/** A member whose setting was changed, and what it was before: the table keeps nothing of that. */
export interface Remembered {
  readonly member: string;
  readonly restore: MemberSetting;
  readonly want: MemberSetting;
}

/** What an answer to `read` says. */
export interface Reading {
  readonly state: Omit<PoolState, 'readAt'>;
  /** The whole table, every service of it. */
  readonly services: readonly Service[];
  /** The keepalived that runs there; absent when none does. */
  readonly owner?: OwnerReport;
}

/** The table changed while it was listed; the next reading may be whole. */
export class TableMoved extends Error {}

interface Question {
  readonly balancer: string;
  readonly pool: string;
  readonly disableBy: DisableBy;
  readonly remembered: readonly Remembered[];
  readonly doing: string;
  /** Reads the configuration of the program that may keep the table. */
  readonly tableOwner?: TableOwner;
}

export function readingOf(reply: string, question: Question): Reading {
  const { balancer, pool, doing } = question;
  const sections = parseSections(reply, doing);
  const done = (name: string): Section => {
    const section = sectionOf(sections, name, doing);
    assertDone(section, doing);
    return section;
  };
  const services = parseRules(done('rules').text, doing);
  const own = services.find(({ service }) => poolText(service) === pool);
  if (own === undefined) throw noSuchService(pool, services, doing);
  const identity = parseIdentity(done('identity').text, doing);
  const settings = parseSettings(sectionOf(sections, 'settings', doing).text);
  const owner = ownerReportOf(sectionOf(sections, 'owner', doing).text, doing);

  const listing = (name: string, columns: readonly string[]) => {
    const section = sectionOf(sections, name, doing);
    // It went after `-Sn` had shown it.
    if (section.code !== 0 && section.text.includes('No such service')) throw new TableMoved();
    assertDone(section, doing);
    return parseListing(section.text, columns, doing);
  };
  const limits = listing('thresholds', ['Uthreshold', 'Lthreshold', 'ActiveConn', 'InActConn']);
  const sticking = listing('persistent', ['PersistConn']);
  const totals = listing('stats', ['Conns']);
  const known = new Map(question.remembered.map((each) => [each.member, each]));
  const hosts = [...own.destinations.map(({ server }) => server), ...hostsOf(question)];
  const alsoIn = elsewhereOf(new Set(hosts.map(({ address }) => address)), own, services);
  // Where the kernel is told to forget sticky clients of a member with weight 0, they do not come again.
  const releases = settings.get('expire_quiescent_template') === 1;

  const members = own.destinations.map((destination): MemberState => {
    const key = endpointWord(destination.server);
    const limit = limits.get(key);
    const stick = sticking.get(key);
    const total = totals.get(key);
    if (limit === undefined || stick === undefined || total === undefined) throw new TableMoved();
    const others = alsoIn.get(destination.server.address);
    const member = memberOf(destination, { limit, stick, total }, own, question.disableBy);
    const earlier = known.get(member.name)?.restore.weight ?? 0;
    const isReleased = releases && member.weight === 0 && member.stickyNow !== undefined;
    if (earlier === 0 && !isReleased && others === undefined) return member;
    return {
      ...member,
      ...(earlier > 0 ? { configuredWeight: earlier } : {}),
      ...(isReleased ? { stickyNow: 0 } : {}),
      ...(others === undefined ? {} : { alsoIn: others }),
    };
  });
  const names = new Set(members.map(({ name }) => name));
  if (names.size !== members.length) throw unexpected(doing, 'a real server twice');
  const absent = question.remembered
    .filter(({ member, want }) => !names.has(member) && isGone(question.disableBy, want.admin))
    .flatMap((each) => absentMember(each, question.disableBy, alsoIn));
  return {
    state: {
      device: {
        balancer,
        kind: 'lvs',
        version: `kernel ${identity.kernel}`,
        incarnation: [identity.bootId, ...(owner === undefined ? [] : [owner.pid])].join(':'),
        uptimeSeconds: identity.uptimeSeconds,
      },
      pool,
      members: ownedMembers([...members, ...absent], owner, question),
      ...persistenceOf(own, releases),
    },
    services,
    ...(owner === undefined ? {} : { owner }),
  };
}

function memberOf(
  { server, forwarding, weight, tunnelType }: Destination,
  counts: Readonly<Record<'limit' | 'stick' | 'total', Counts>>,
  { persistSeconds }: Service,
  disableBy: DisableBy,
): MemberState {
  const [upper = 0, lower = 0, active = 0, inactive = 0] = counts.limit;
  const [sticky = 0] = counts.stick;
  const [total = 0] = counts.total;
  const isPlainTunnel = tunnelType === undefined || tunnelType === 'ipip';
  const way = isPlainTunnel ? forwarding : `${forwarding} ${tunnelType}`;
  return {
    name: memberName(server),
    address: server.address,
    port: server.port,
    admin: weight > 0 ? 'enabled' : outAs(disableBy),
    // The kernel's table says nothing of it: who is sick is whoever keeps the table's business.
    health: 'unchecked',
    status: way,
    causes: weight > 0 ? [] : ['command'],
    weight,
    configuredWeight: weight,
    backup: false,
    forwarding: way,
    ...(upper === 0 && lower === 0 ? {} : { connectionLimits: { upper, lower } }),
    sessions: active,
    sessionsInactive: inactive,
    sessionsTotal: total,
    ...(persistSeconds === undefined ? {} : { stickyNow: sticky }),
  };
}

function hostsOf({ remembered }: Question): readonly RealServer[] {
  return remembered.flatMap(({ member }) => parseMember(member) ?? []);
}

function absentMember(
  { member, restore }: Remembered,
  disableBy: DisableBy,
  alsoIn: ReadonlyMap<string, readonly string[]>,
): readonly MemberState[] {
  const { weight, forwarding = 'Route', connectionLimits } = restore;
  const server = parseMember(member);
  if (server === undefined) return [];
  const others = alsoIn.get(server.address);
  return [
    {
      name: member,
      address: server.address,
      port: server.port,
      admin: goneAs(disableBy),
      health: 'unchecked',
      status: NOT_IN_TABLE,
      causes: ['command'],
      weight: 0,
      configuredWeight: weight,
      backup: false,
      forwarding,
      ...(connectionLimits === undefined ? {} : { connectionLimits }),
      sessions: 0,
      sessionsTotal: 0,
      ...(others === undefined ? {} : { alsoIn: others }),
    },
  ];
}

function persistenceOf({ persistSeconds }: Service, releases: boolean): { persistence?: string } {
  if (persistSeconds === undefined) return {};
  return { persistence: `persistent ${persistSeconds}${releases ? ', let go at weight 0' : ''}` };
}

function noSuchService(pool: string, services: readonly Service[], doing: string): OperationError {
  const names = services.map(({ service }) => poolText(service));
  const nearest = nearestName(pool, names);
  const there = names.length === 0 ? 'none' : names.slice(0, 8).join(', ');
  const hint = nearest === undefined ? `there are ${there}` : `nearest: ${nearest}`;
  return new OperationError('NO_SUCH_POOL', `${doing}: no such virtual service; ${hint}.`);
}
