import { OperationError } from '../../domain/errors.ts';
import type { AdminState, MemberSetting, MemberState } from '../../domain/member.ts';
import type { Step } from '../../domain/plan.ts';
import {
  endpointWord,
  parsePool,
  poolText,
  type RealServer,
  type VirtualService,
} from '../../domain/virtual-service.ts';
import type { LoadBalancerAdapter, MemberIntent } from '../../ports/adapter.ts';
import { memberName, parseMember, serviceWords } from './service-words.ts';

/** IPVS itself takes more; weights beyond this are typing errors. */
const WEIGHT_MAX = 65_535;
/** Status of a member that is known and not in the table. */
export const NOT_IN_TABLE = 'not in the table';

/**
 * How a member is taken out. `weight`: weight 0, open connections go on. `delete`: removed from the table, which
 * freezes or resets them.
 */
export type DisableBy = 'weight' | 'delete';

const FORWARDING_FLAGS: Readonly<Record<string, string>> = {
  Route: '-g',
  Masq: '-m',
  Tunnel: '-i',
};

export function serviceNamed(pool: string): VirtualService {
  const service = parsePool(pool);
  if (service !== undefined && poolText(service) === pool) return service;
  throw new OperationError(
    'UNSAFE_NAME',
    `Naming virtual service ${JSON.stringify(pool.slice(0, 80))}: it is written 192.168.100.11:80, [fd00::11]:80, udp://192.168.100.11:53, sctp://… or fwmark:7.`,
  );
}

export function serverNamed(name: string): RealServer {
  const server = parseMember(name);
  if (server !== undefined && memberName(server) === name) return server;
  throw new OperationError(
    'UNSAFE_NAME',
    `Naming real server ${JSON.stringify(name.slice(0, 80))}: it is an address and port, as 192.168.100.78:80 or [fd00::78]:80.`,
  );
}

/** One line that asks for the service and all that belongs to it. */
export function readLine(service: VirtualService): string {
  return ['read', ...serviceWords(service)].join(' ');
}

/**
 * The words for one member, see `LoadBalancerAdapter.commandsFor`. `-e` and `-a` always say forwarding and weight,
 * which ipvsadm would otherwise set to Route and 1, and the thresholds, which it would set to none.
 */
export function commandsFor(
  disableBy: DisableBy,
  pool: string,
  member: MemberState,
  intent: MemberIntent,
): ReturnType<LoadBalancerAdapter['commandsFor']> {
  const service = serviceNamed(pool);
  const server = serverNamed(member.name);
  const forwarding = member.forwarding ?? 'Route';
  const doing = `Changing ${member.name} in ${pool}`;
  assertPossible(doing, member, intent);
  const isOut = intent.admin !== 'enabled';
  const limits =
    member.connectionLimits === undefined ? {} : { connectionLimits: member.connectionLimits };
  const isInTable = !isGone(disableBy, member.admin);
  const place = [...serviceWords(service), '-r', endpointWord(server)];
  const setting = (weight: number): readonly string[] => [
    FORWARDING_FLAGS[forwarding] ?? '-g',
    ...['-w', String(weight)],
    ...thresholdWords(member),
  ];
  const line = (action: string, words: readonly string[] = []) =>
    ['ipvsadm', action, ...place, ...words].join(' ');

  if (isGone(disableBy, intent.admin)) {
    return {
      commands: isInTable ? [line('-d')] : [],
      after: { admin: goneAs(disableBy), weight: 0, forwarding, ...limits },
      ...(isInTable && intent.admin === 'disabled'
        ? {
            caution: `${member.name} leaves the table of ${pool} at once: connections open on it then stand still, or are reset.`,
          }
        : {}),
    };
  }
  const weight = isOut ? 0 : intent.weight;
  const admin = isOut ? outAs(disableBy) : 'enabled';
  const after: MemberSetting = { admin, weight, forwarding, ...limits };
  if (!isInTable) return { commands: [line('-a', setting(weight))], after };
  return { commands: member.weight === weight ? [] : [line('-e', setting(weight))], after };
}

/** True for a member of this state that is not in the table. */
export function isGone(disableBy: DisableBy, admin: AdminState): boolean {
  return admin === 'removed' || (disableBy === 'delete' && admin === 'disabled');
}

/** What it is called that a member is not in the table, by a command of ours. */
export function goneAs(disableBy: DisableBy): 'disabled' | 'removed' {
  return disableBy === 'delete' ? 'disabled' : 'removed';
}

/** What weight 0 is called. Where disabled members leave the table, one that stays in it with weight 0 only drains. */
export function outAs(disableBy: DisableBy): 'disabled' | 'drained' {
  return disableBy === 'delete' ? 'drained' : 'disabled';
}

function thresholdWords({
  connectionLimits: limits,
}: Pick<MemberState, 'connectionLimits'>): readonly string[] {
  if (limits === undefined) return [];
  return ['-x', String(limits.upper), '-y', String(limits.lower)];
}

function assertPossible(doing: string, member: MemberState, intent: MemberIntent): void {
  const { weight, admin } = intent;
  if (admin === 'offline') {
    throw new OperationError(
      'UNSUPPORTED',
      `${doing}: only F5 forces offline; LVS knows weight 0 and taking it out of the table: use disable.`,
    );
  }
  if (!Number.isInteger(weight) || weight < 0 || weight > WEIGHT_MAX) {
    throw new OperationError(
      'UNSUPPORTED',
      `${doing}: weight ${weight} is not a whole number from 0 to ${WEIGHT_MAX}.`,
    );
  }
  if (admin === 'enabled' && weight === 0) {
    throw new OperationError(
      'UNSUPPORTED',
      `${doing}: it has weight 0, which is how LVS says disabled, and nobody remembers which weight it had; say one with the verb weight.`,
    );
  }
  if (
    admin !== 'enabled' &&
    weight !== 0 &&
    member.admin !== 'enabled' &&
    weight !== member.weight
  ) {
    throw new OperationError(
      'UNSUPPORTED',
      `${doing}: LVS has no weight beside 0 for a member that is out; enable it with weight ${weight} instead.`,
    );
  }
  if (!Object.hasOwn(FORWARDING_FLAGS, member.forwarding ?? 'Route')) {
    throw new OperationError(
      'UNSUPPORTED',
      `${doing}: it is forwarded by ${member.forwarding}, whose settings ipvsadm does not show; changing it would lose them.`,
    );
  }
}

const NUMBER = '(?:0|[1-9]\\d{0,9})';
const SETTING = new RegExp(`^-[gmi] -w ${NUMBER}(?: -x ${NUMBER} -y ${NUMBER})?$`);

/**
 * Lets through only the words that `commandsFor` can make for this very step; throws UNSAFE_NAME. Steps
 * have been in a store on their way here.
 */
export function assertOwnCommand(step: Step, command: string): void {
  const place = [
    ...serviceWords(serviceNamed(step.pool)),
    ...['-r', endpointWord(serverNamed(step.member))],
  ].join(' ');
  if (command === `ipvsadm -d ${place}`) return;
  for (const action of ['-e', '-a']) {
    const prefix = `ipvsadm ${action} ${place} `;
    if (command.startsWith(prefix) && SETTING.test(command.slice(prefix.length))) return;
  }
  throw new OperationError(
    'UNSAFE_NAME',
    `Changing ${step.member} in ${step.pool}: ${JSON.stringify(command.slice(0, 120))} is not a command for this member; nothing was sent.`,
  );
}
