import { OperationError } from '../../domain/errors.ts';
import type { MemberSetting, MemberState, PoolState } from '../../domain/member.ts';
import type { Step } from '../../domain/plan.ts';
import { vrrpInstanceOf } from '../../domain/vrrp-pool.ts';
import type { MemberIntent } from '../../ports/adapter.ts';
import { quoted, type Section, sectionOf, unexpected } from './reply.ts';
import { testimonyOf } from './witness.ts';

const STATES: Readonly<Record<number, string>> = {
  0: 'starting',
  1: 'BACKUP',
  2: 'MASTER',
  3: 'FAULT',
};
const TAKES_PART: readonly number[] = [1, 2];

/** Where keepalived reads whether an instance gives way; as in the script. */
const fileOf = (instance: string) => `/run/lb-yield.${instance}`;

const NOT_PREPARED =
  'keepalived there is not prepared for a planned fail-over: a track_file for it is missing, see docs/failover.md';

export function instanceNamed(pool: string): string {
  const instance = vrrpInstanceOf(pool);
  if (instance !== undefined) return instance;
  throw new OperationError(
    'UNSAFE_NAME',
    `Naming VRRP instance ${quoted(pool)}: it is of letters, digits and . _ -`,
  );
}

export function switchLine(pool: string, what: 'show' | 'yield' | 'resume'): string {
  return `switch ${instanceNamed(pool)} ${what}`;
}

/** The director as the one member of its instance: drained while it gives way to the other node. */
export function vrrpPoolOf(
  sections: ReadonlyMap<string, Section>,
  {
    balancer,
    pool,
    doing,
  }: { readonly balancer: string; readonly pool: string; readonly doing: string },
): Omit<PoolState, 'readAt'> {
  const instance = instanceNamed(pool);
  const { vrrp } = testimonyOf(sections, doing);
  if (vrrp === undefined) {
    throw new OperationError(
      'UNSUPPORTED',
      `${doing}: keepalived does not run there, or this user may not ask it; log in as root or use the helper.`,
    );
  }
  const found = vrrp.find(({ name }) => name === instance);
  if (found === undefined) {
    throw new OperationError('NO_SUCH_POOL', `${doing}: keepalived there has no ${instance}.`);
  }
  const yielding = sectionOf(sections, 'yielding', doing);
  const value = yielding.text.trim();
  if (yielding.code !== 0) {
    throw new OperationError('UNSUPPORTED', `${doing}: ${NOT_PREPARED} (${fileOf(instance)}).`);
  }
  if (!/^[01]$/.test(value)) throw unexpected(doing, `${fileOf(instance)} with ${value}`);
  const isYielding = value === '1';
  const role = STATES[found.state] ?? `state ${found.state}`;
  const [bootId = '', uptime = '', release = ''] = sectionOf(
    sections,
    'identity',
    doing,
  ).text.split('\n');
  const daemon = sectionOf(sections, 'daemon', doing);
  return {
    device: {
      balancer,
      kind: 'lvs',
      version: release,
      incarnation: bootId,
      uptimeSeconds: Math.floor(Number(uptime.split(' ')[0])),
    },
    pool,
    members: [
      {
        name: balancer,
        address: balancer,
        port: 0,
        admin: isYielding ? 'drained' : 'enabled',
        health: TAKES_PART.includes(found.state) ? 'up' : 'down',
        status: `${role}, priority ${found.priority}`,
        causes: isYielding ? ['command'] : [],
        weight: 1,
        configuredWeight: 1,
        backup: false,
        sessions: 0,
        sessionsTotal: 0,
      },
    ],
    connectionsSynced: daemon.code === 0 && /sync daemon/.test(daemon.text),
  };
}

/** See `LoadBalancerAdapter.commandsFor`. A node gives way or does not; there is nothing between. */
export function switchCommands(
  pool: string,
  member: MemberState,
  { admin }: MemberIntent,
): { readonly commands: readonly string[]; readonly after: MemberSetting } {
  if (admin === 'disabled') {
    throw new OperationError('UNSUPPORTED', `${member.name} can give way in ${pool}, and no more.`);
  }
  const line = switchLine(pool, admin === 'drained' ? 'yield' : 'resume');
  return { commands: member.admin === admin ? [] : [line], after: { admin, weight: 1 } };
}

/** Lets through only the words that `switchCommands` can make for this very step. */
export function assertOwnSwitch(step: Step, command: string): void {
  const own = [switchLine(step.pool, 'yield'), switchLine(step.pool, 'resume')];
  if (step.member === step.balancer && own.includes(command)) return;
  throw new OperationError(
    'UNSAFE_NAME',
    `Changing ${step.pool}: ${quoted(command)} is not a command for it; nothing was sent.`,
  );
}

/** Throws unless the file was written; what keepalived made of it is read back. */
export function assertSwitched(sections: ReadonlyMap<string, Section>, doing: string): void {
  const { code, text } = sectionOf(sections, 'switch', doing);
  if (code === 0) return;
  if (code === 66) throw new OperationError('UNSUPPORTED', `${doing}: ${NOT_PREPARED}.`);
  if (code === 77)
    throw new OperationError('PERMISSION', `${doing}: only root may; use the helper.`);
  throw unexpected(doing, text);
}
