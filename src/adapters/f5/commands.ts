import { OperationError } from '../../domain/errors.ts';
import type { AdminState, MemberSetting, MemberState } from '../../domain/member.ts';
import type { Step } from '../../domain/plan.ts';
import type { MemberIntent } from '../../ports/adapter.ts';
import {
  assertMemberName,
  assertPoolName,
  fullPool,
  memberUrl,
  type NodeAndPort,
  nodeAndPort,
} from './names.ts';

export type F5Api = 'rest' | 'soap';

/** Where a member can be, in F5's own three positions. */
export type F5Position = 'enabled' | 'disabled' | 'offline';

/** Both keys, always: the session alone would not bring back a member that was forced offline. */
export const KEYS: Readonly<
  Record<F5Position, { session: `user-${string}`; state: `user-${string}` }>
> = {
  enabled: { session: 'user-enabled', state: 'user-up' },
  disabled: { session: 'user-disabled', state: 'user-up' },
  offline: { session: 'user-disabled', state: 'user-down' },
};

/** Marks in the status what cannot be changed by itself. */
export const EPHEMERAL = 'ephemeral';

const RATIO_MAX = 65_535;
/** A unit has no position of its own for "drained": it is disabled, and the connections are watched. */
const POSITION: Readonly<Record<Exclude<AdminState, 'removed'>, F5Position>> = {
  enabled: 'enabled',
  drained: 'disabled',
  disabled: 'disabled',
  offline: 'offline',
};

type Words = { readonly commands: readonly string[]; readonly after: MemberSetting };

/** The words for one member, see `LoadBalancerAdapter.commandsFor`. */
export function commandsFor(
  api: F5Api,
  pool: string,
  member: MemberState,
  intent: MemberIntent,
): Words {
  assertPoolName(pool);
  assertMemberName(member.name);
  assertPossible(pool, member, intent);
  if (intent.admin === 'removed') {
    throw new OperationError(
      'UNSUPPORTED',
      `Changing ${member.name} in pool ${pool}: members of a BIG-IP are not removed; say "then disable" instead of "then remove".`,
    );
  }
  const admin = POSITION[intent.admin];
  const words = {
    position: member.admin === admin ? undefined : admin,
    ratio: member.weight === intent.weight ? undefined : intent.weight,
  };
  const commands = api === 'rest' ? restWords(pool, member, words) : soapWords(pool, member, words);
  return { commands, after: { admin, weight: intent.weight } };
}

function assertPossible(pool: string, member: MemberState, intent: MemberIntent): void {
  const doing = `Changing ${member.name} in pool ${pool}`;
  if (member.status.includes(EPHEMERAL)) {
    throw new OperationError(
      'UNSUPPORTED',
      `${doing}: the unit made it from a host name and makes it anew when the name changes; change the member of that name.`,
    );
  }
  if (member.weight === intent.weight) return;
  if (!Number.isInteger(intent.weight) || intent.weight < 1 || intent.weight > RATIO_MAX) {
    throw new OperationError(
      'UNSUPPORTED',
      `${doing}: ratio ${intent.weight} is not a whole number from 1 to ${RATIO_MAX}.`,
    );
  }
}

interface Wanted {
  readonly position: F5Position | undefined;
  readonly ratio: number | undefined;
}

/** One request for all of it: it is taken as a whole or not at all. */
function restWords(
  pool: string,
  member: Pick<MemberState, 'name'>,
  wanted: Wanted,
): readonly string[] {
  if (wanted.position === undefined && wanted.ratio === undefined) return [];
  return [`PATCH ${memberUrl(pool, member.name)} ${patchBody(wanted)}`];
}

function patchBody({ position, ratio }: Wanted): string {
  return JSON.stringify({
    ...(position === undefined ? {} : KEYS[position]),
    ...(ratio === undefined ? {} : { ratio }),
  });
}

const INTERFACE = 'LocalLB.PoolMember';

/** The member comes back with the right ratio from its first client on, and leaves before it changes. */
function soapWords(
  pool: string,
  member: Pick<MemberState, 'name' | 'admin'>,
  { position, ratio }: Wanted,
): readonly string[] {
  const target = `${fullPool(pool)} ${member.name}`;
  const monitor = (state: string) => `${INTERFACE}.set_monitor_state ${target} ${state}`;
  const session = (state: string) => `${INTERFACE}.set_session_enabled_state ${target} ${state}`;
  const weight = ratio === undefined ? [] : [`${INTERFACE}.set_ratio ${target} ${ratio}`];
  switch (position) {
    case undefined:
      return weight;
    case 'enabled':
      return [...weight, monitor('STATE_ENABLED'), session('STATE_ENABLED')];
    case 'disabled': {
      const revived = member.admin === 'offline' ? [monitor('STATE_ENABLED')] : [];
      return [session('STATE_DISABLED'), ...revived, ...weight];
    }
    case 'offline':
      return [session('STATE_DISABLED'), monitor('STATE_DISABLED'), ...weight];
  }
}

export type F5Command =
  | { readonly api: 'rest'; readonly path: string; readonly body: string }
  | {
      readonly api: 'soap';
      readonly operation: 'set_session_enabled_state' | 'set_monitor_state' | 'set_ratio';
      readonly pool: string;
      readonly member: NodeAndPort;
      readonly value: string;
    };

/**
 * Lets through only the words that `commandsFor` can make for this very step; throws UNSAFE_NAME. Steps
 * have been in a store on their way here.
 */
export function ownCommand(api: F5Api, step: Step, command: string): F5Command {
  assertPoolName(step.pool);
  assertMemberName(step.member);
  const own = api === 'rest' ? ownPatch(step, command) : ownCall(step, command);
  if (own !== undefined) return own;
  throw new OperationError(
    'UNSAFE_NAME',
    `Changing ${step.member} in pool ${step.pool}: ${JSON.stringify(command.slice(0, 120))} is not a command for this member; nothing was sent.`,
  );
}

const POSITIONS: readonly F5Position[] = ['enabled', 'disabled', 'offline'];
const RATIO = /"ratio":([1-9]\d{0,4})\}$/;

function ownPatch(step: Step, command: string): F5Command | undefined {
  const path = memberUrl(step.pool, step.member);
  const head = `PATCH ${path} `;
  if (!command.startsWith(head)) return undefined;
  const body = command.slice(head.length);
  const digits = RATIO.exec(body)?.[1];
  const ratio = digits === undefined ? undefined : Number(digits);
  if (ratio !== undefined && ratio > RATIO_MAX) return undefined;
  const isOwn =
    POSITIONS.some((position) => patchBody({ position, ratio }) === body) ||
    (ratio !== undefined && patchBody({ position: undefined, ratio }) === body);
  return isOwn ? { api: 'rest', path, body } : undefined;
}

const CALLS = {
  set_session_enabled_state: /^STATE_(?:EN|DIS)ABLED$/,
  set_monitor_state: /^STATE_(?:EN|DIS)ABLED$/,
  set_ratio: /^[1-9]\d{0,4}$/,
} as const;

function ownCall(step: Step, command: string): F5Command | undefined {
  const [called = '', pool, member, value = '', ...rest] = command.split(' ');
  const operation = (Object.keys(CALLS) as (keyof typeof CALLS)[]).find(
    (name) => called === `${INTERFACE}.${name}`,
  );
  if (operation === undefined || rest.length > 0 || !CALLS[operation].test(value)) return undefined;
  if (pool !== fullPool(step.pool) || member !== step.member) return undefined;
  if (operation === 'set_ratio' && Number(value) > RATIO_MAX) return undefined;
  return { api: 'soap', operation, pool, member: nodeAndPort(member), value };
}
