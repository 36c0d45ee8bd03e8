import type { Person } from '../domain/actor.ts';
import type { Verb } from '../domain/command.ts';
import type { Environment, Principals } from '../domain/inventory.ts';

export type Role = 'viewer' | 'operator' | 'approver' | 'break glass';

/** A yes, or a no with the sentence the person reads. */
export type Verdict =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly reason: string };

const YES: Verdict = { allowed: true };
const no = (reason: string): Verdict => ({ allowed: false, reason });

/** Which role each verb needs. `help` and `whoami` need none. */
const ROLE_FOR: Record<Verb, Role | undefined> = {
  status: 'viewer',
  pools: 'viewer',
  history: 'viewer',
  compare: 'viewer',
  disable: 'operator',
  offline: 'operator',
  enable: 'operator',
  drain: 'operator',
  weight: 'operator',
  failover: 'operator',
  failback: 'operator',
  freeze: 'operator',
  unfreeze: 'operator',
  extend: 'operator',
  acknowledge: 'operator',
  cancel: undefined,
  approve: 'approver',
  deny: 'approver',
  help: undefined,
  whoami: undefined,
};

export function roleFor(verb: Verb): Role | undefined {
  return ROLE_FOR[verb];
}

/** All user groups an environment names: what must be looked up before its roles can be told. */
export function groupsNamed(environment: Environment): readonly string[] {
  const { viewers, operators, approvers, breakGlass } = environment.roles;
  return [viewers, operators, approvers, breakGlass].flatMap((who) =>
    who === 'workspace' ? [] : who.filter((id) => id.startsWith('S')),
  );
}

function holds(principals: Principals, userId: string, groups: ReadonlySet<string>): boolean {
  if (principals === 'workspace') return true;
  return principals.some((id) => id === userId || groups.has(id));
}

/** The roles somebody holds in an environment. `groups` are the ids of the groups they are in now. */
export function rolesIn(
  environment: Environment,
  userId: string,
  groups: ReadonlySet<string>,
): ReadonlySet<Role> {
  const { viewers, operators, approvers, breakGlass } = environment.roles;
  const found = new Set<Role>();
  if (holds(approvers, userId, groups)) found.add('approver').add('viewer');
  if (holds(operators, userId, groups)) found.add('operator').add('viewer');
  if (holds(breakGlass, userId, groups)) found.add('break glass').add('viewer');
  if (holds(viewers, userId, groups)) found.add('viewer');
  return found;
}

/** Lets in only active, full members of this workspace: no bots, guests, strangers or leavers. */
export function admit(person: Person, teamId: string): Verdict {
  if (person.isStranger || person.teamId !== teamId) {
    return no('Only people of this workspace may use it; you belong to another one.');
  }
  if (person.isBot) return no('Bots may not use it.');
  if (person.isDeleted) return no('Your account is deactivated.');
  if (person.isGuest) return no('Guests may not use it.');
  return YES;
}

/** May somebody with these roles run this verb in this environment? */
export function mayRun(verb: Verb, environment: Environment, roles: ReadonlySet<Role>): Verdict {
  const needed = roleFor(verb);
  if (needed === undefined || roles.has(needed)) return YES;
  return no(`\`${verb}\` in ${environment.name} needs the role ${needed}, which you do not hold.`);
}

/** May somebody leave a member of this environment as a hand changed it, so that no change keeps it any more? */
export function mayAccept(environment: Environment, roles: ReadonlySet<Role>): Verdict {
  if (roles.has('operator')) return YES;
  return no(
    `Accepting what was changed by hand in ${environment.name} needs the role operator, which you do not hold.`,
  );
}

/** May somebody change this environment without waiting for approval? Only with the role, and with a reason. */
export function mayBreakGlass(
  environment: Environment,
  roles: ReadonlySet<Role>,
  reason: string | undefined,
): Verdict {
  if (!roles.has('break glass')) {
    return no(
      `Break-glass in ${environment.name} needs the role break_glass, which you do not hold.`,
    );
  }
  if (reason === undefined || reason.trim() === '') {
    return no('Break-glass needs a reason: add `because …`.');
  }
  return YES;
}
