import { OperationError } from '../../domain/errors.ts';
import type { AdminState, MemberSetting, MemberState } from '../../domain/member.ts';
import type { Step } from '../../domain/plan.ts';
import type { MemberIntent } from '../../ports/adapter.ts';

/**
 * The characters HAProxy itself allows in names of backends and servers. Everything else would be read
 * as syntax: `;` starts another command, `#4` means "the one with id 4", `/` divides.
 */
const NAME = /^[A-Za-z0-9_.:-]{1,200}$/;
const WEIGHT_MAX = 256;

export function assertSafeName(what: 'backend' | 'server', name: string): void {
  if (NAME.test(name)) return;
  throw new OperationError(
    'UNSAFE_NAME',
    `Naming ${what} ${JSON.stringify(name.slice(0, 80))}: only letters, digits, "_", ".", ":" and "-" may reach HAProxy.`,
  );
}

/** What is asked; process ids and numbers of backends are HAProxy's own. */
export const READ = {
  info: () => 'show info',
  servers: (backend: string) => `show servers state ${backend}`,
  everyServer: () => 'show servers state',
  /** Servers (4) and the backend itself (2). By number: a name would find a frontend of the same name first. */
  statistics: (backendId: number) => `show stat ${backendId} 6 -1`,
  /** Of the master. */
  processes: () => 'show proc',
  /** To the master, for one of its workers. */
  ofWorker: (pid: string, command: string) => `@!${pid} ${command}`,
} as const;

/** The words for one member, see `LoadBalancerAdapter.commandsFor`. */
export function commandsFor(
  pool: string,
  member: MemberState,
  intent: MemberIntent,
): { readonly commands: readonly string[]; readonly after: MemberSetting } {
  assertSafeName('backend', pool);
  assertSafeName('server', member.name);
  assertPossible(pool, member, intent);
  const target = `${pool}/${member.name}`;
  const admin = isAlready(member, intent.admin) ? [] : [adminCommand(target, member.admin, intent)];
  const weight = member.weight === intent.weight ? [] : [`set weight ${target} ${intent.weight}`];
  // A member comes back with the right weight from its first client on, and leaves before it changes.
  const commands = intent.admin === 'enabled' ? [...weight, ...admin] : [...admin, ...weight];
  return { commands, after: { admin: intent.admin, weight: intent.weight } };
}

function assertPossible(pool: string, member: MemberState, intent: MemberIntent): void {
  const doing = `Changing ${member.name} in backend ${pool}`;
  if (member.causes.includes('tracking')) {
    const tracked = /\(via ([^)]+)\)/.exec(member.status)?.[1] ?? 'another server';
    throw new OperationError(
      'UNSUPPORTED',
      `${doing}: it follows ${tracked} (keyword "track"); change that one.`,
    );
  }
  if (intent.admin === 'offline') {
    throw new OperationError(
      'UNSUPPORTED',
      `${doing}: only F5 forces offline. In HAProxy a disabled server (maintenance) takes nobody either, also not by cookie: use disable … now.`,
    );
  }
  if (intent.admin !== 'disabled' && member.causes.includes('resolution')) {
    throw new OperationError(
      'UNSUPPORTED',
      `${doing}: it is out because its name has no address; HAProxy brings it back when the name resolves.`,
    );
  }
  if (!Number.isInteger(intent.weight) || intent.weight < 0 || intent.weight > WEIGHT_MAX) {
    throw new OperationError(
      'UNSUPPORTED',
      `${doing}: weight ${intent.weight} is not a whole number from 0 to ${WEIGHT_MAX}.`,
    );
  }
  const { weightFixedBy, configuredWeight } = member;
  const isFree = [member.weight, configuredWeight, 0].includes(intent.weight);
  if (weightFixedBy !== undefined && !isFree) {
    throw new OperationError(
      'UNSUPPORTED',
      `${doing}: "${weightFixedBy}" takes only weight ${configuredWeight} (the configured one) or 0 while HAProxy runs, not ${intent.weight}.`,
    );
  }
}

/** A server that only waits for its name would come back by itself: that is not disabled for good. */
function isAlready(member: MemberState, wanted: AdminState): boolean {
  if (member.admin !== wanted) return false;
  if (wanted !== 'disabled' || !member.causes.includes('resolution')) return true;
  return member.causes.includes('command') || member.causes.includes('configuration');
}

function adminCommand(target: string, now: AdminState, intent: MemberIntent): string {
  switch (intent.admin) {
    case 'removed':
      throw new OperationError(
        'UNSUPPORTED',
        `Changing ${target}: HAProxy keeps its servers; say "then disable" instead of "then remove".`,
      );
    case 'disabled':
      return `disable server ${target}`;
    case 'drained':
      return `set server ${target} state drain`;
    case 'offline':
      throw new OperationError('INTERNAL', `${target}: HAProxy has no word for offline.`);
    case 'enabled':
      return now === 'disabled' ? `enable server ${target}` : `set server ${target} state ready`;
  }
}

/**
 * Lets through only the words that `commandsFor` can make for this very step; throws UNSAFE_NAME. Steps
 * have been in a store on their way here.
 */
export function assertOwnCommand(step: Step, command: string): void {
  assertSafeName('backend', step.pool);
  assertSafeName('server', step.member);
  const target = `${step.pool}/${step.member}`;
  const own =
    command === `disable server ${target}` ||
    command === `enable server ${target}` ||
    command === `set server ${target} state drain` ||
    command === `set server ${target} state ready` ||
    isWeightCommand(command, target);
  if (own) return;
  throw new OperationError(
    'UNSAFE_NAME',
    `Changing ${target}: ${JSON.stringify(command.slice(0, 120))} is not a command for this member; nothing was sent.`,
  );
}

function isWeightCommand(command: string, target: string): boolean {
  const prefix = `set weight ${target} `;
  if (!command.startsWith(prefix)) return false;
  const value = command.slice(prefix.length);
  return /^\d{1,3}$/.test(value) && Number(value) <= WEIGHT_MAX;
}
