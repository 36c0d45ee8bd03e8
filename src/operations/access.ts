import { type Fault, faultOf, OperationError } from '../domain/errors.ts';
import type { Environment } from '../domain/inventory.ts';
import { admit, groupsNamed, type Role, rolesIn, type Verdict } from '../policy/access.ts';
import type { Directory } from '../ports/directory.ts';

/** The roles somebody holds, and the fault that kept a group from being read (its members then count as out). */
export interface Standing {
  readonly roles: ReadonlySet<Role>;
  readonly fault?: Fault;
}

/** Reads the groups an environment names, now, and says which roles the person holds. */
export async function standingIn(
  environment: Environment,
  userId: string,
  directory: Directory,
): Promise<Standing> {
  const named = [...new Set(groupsNamed(environment))];
  const answers = await Promise.allSettled(named.map((id) => directory.groupMembers(id)));
  const groups = new Set<string>();
  let fault: Fault | undefined;
  for (const [index, answer] of answers.entries()) {
    const id = named[index] ?? '';
    if (answer.status === 'rejected') fault = faultOf(answer.reason);
    else if (answer.value.includes(userId)) groups.add(id);
  }
  const roles = rolesIn(environment, userId, groups);
  return fault === undefined ? { roles } : { roles, fault };
}

/** Throws NOT_ALLOWED for bots, guests, strangers and leavers; DIRECTORY_UNAVAILABLE when Slack does not say. */
export async function assertAdmitted(userId: string, directory: Directory): Promise<void> {
  const [person, workspace] = await Promise.all([directory.person(userId), directory.workspace()]);
  const verdict = admit(person, workspace);
  if (!verdict.allowed) throw new OperationError('NOT_ALLOWED', verdict.reason);
}

/**
 * Throws when the verdict is no. Where a group could not be read, the reason is that, because the person
 * may well be in it: nobody is let in on a guess, and nobody is told something wrong.
 */
export function assertAllowed(verdict: Verdict, standing: Standing): void {
  if (verdict.allowed) return;
  if (standing.fault !== undefined) {
    throw new OperationError(standing.fault.code, standing.fault.message);
  }
  throw new OperationError('NOT_ALLOWED', verdict.reason);
}
