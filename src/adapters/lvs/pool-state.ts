import { OperationError } from '../../domain/errors.ts';
import type { DeviceIdentity, MemberSetting, MemberState, PoolState } from '../../domain/member.ts';
import { nearestName } from '../../domain/names.ts';
import { endpointWord } from '../../domain/virtual-service.ts';
import type { TableOwner } from '../../ports/table-owner.ts';
import { type Answer, TableMoved } from './answer.ts';
import { type DisableBy, goneAs, isGone, NOT_IN_TABLE, outAs } from './commands.ts';
import { elsewhereOf } from './elsewhere.ts';
import type { Counts } from './listing.ts';
import { ownedMembers } from './owned-table.ts';
import type { Destination, Service } from './parse.ts';
import { unexpected } from './reply.ts';
import { memberName, parseMember, serviceWords } from './service-words.ts';

/** A member whose setting was changed, and what it was before: the table keeps nothing of that. */
export interface Remembered {
  readonly member: string;
  readonly restore: MemberSetting;
  readonly want: MemberSetting;
}

interface Question {
  readonly balancer: string;
  readonly pool: string;
  readonly disableBy: DisableBy;
  readonly remembered: readonly Remembered[];
  readonly doing: string;
  /** Reads the configuration of the program that may keep the table. */
  readonly tableOwner?: TableOwner;
}

/** One service, out of an answer about it or about everything. Throws NO_SUCH_POOL, UNEXPECTED_REPLY or TableMoved. */
export function poolStateOf(answer: Answer, question: Question): Omit<PoolState, 'readAt'> {
  const { balancer, pool, doing, disableBy } = question;
  const own = answer.services().get(pool);
  if (own === undefined) throw noSuchService(pool, [...answer.services().keys()], doing);
  const place = serviceWords(own.service).join(' ');
  const limits = answer.limits().get(place);
  const totals = answer.totals().get(place);
  // Nobody sticks where nothing is persistent, and it is not listed then.
  const sticking = own.persistSeconds === undefined ? undefined : answer.sticking().get(place);
  const senders = answer.senders();
  const known = new Map(question.remembered.map((each) => [each.member, each]));
  // Where the kernel is told to forget sticky clients of a member with weight 0, they do not come again.
  const releases = answer.settings().get('expire_quiescent_template') === 1;

  const members = own.destinations.map((destination): MemberState => {
    const key = endpointWord(destination.server);
    const limit = limits?.get(key);
    const total = totals?.get(key);
    const stick = own.persistSeconds === undefined ? [] : sticking?.get(key);
    if (limit === undefined || stick === undefined || total === undefined) throw new TableMoved();
    const others = elsewhereOf(destination.server.address, own, senders);
    const member = memberOf(destination, { limit, stick, total }, own, disableBy);
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
    .filter(({ member, want }) => !names.has(member) && isGone(disableBy, want.admin))
    .flatMap((each) =>
      absentMember(each, disableBy, (address) => elsewhereOf(address, own, senders)),
    );
  return {
    device: deviceOf(answer, balancer),
    pool,
    members: ownedMembers([...members, ...absent], answer.owner(), question),
    ...persistenceOf(own, releases),
  };
}

/** Another one after a boot, and after a start of the keepalived that may keep the table. */
export function deviceOf(answer: Answer, balancer: string): DeviceIdentity {
  const { bootId, kernel, uptimeSeconds } = answer.identity();
  const owner = answer.owner();
  return {
    balancer,
    kind: 'lvs',
    version: `kernel ${kernel}`,
    incarnation: [bootId, ...(owner === undefined ? [] : [owner.pid])].join(':'),
    uptimeSeconds,
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

function absentMember(
  { member, restore }: Remembered,
  disableBy: DisableBy,
  alsoIn: (address: string) => readonly string[] | undefined,
): readonly MemberState[] {
  const { weight, forwarding = 'Route', connectionLimits } = restore;
  const server = parseMember(member);
  if (server === undefined) return [];
  const others = alsoIn(server.address);
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

function noSuchService(pool: string, names: readonly string[], doing: string): OperationError {
  const nearest = nearestName(pool, names);
  const there = names.length === 0 ? 'none' : names.slice(0, 8).join(', ');
  const hint = nearest === undefined ? `there are ${there}` : `nearest: ${nearest}`;
  return new OperationError('NO_SUCH_POOL', `${doing}: no such virtual service; ${hint}.`);
}
