import { describe, expect, it } from 'vitest';
import type { Person } from '../../src/domain/actor.ts';
import type { Verb } from '../../src/domain/command.ts';
import type { Environment, Principals } from '../../src/domain/inventory.ts';
import {
  admit,
  groupsNamed,
  mayRun,
  type Role,
  roleFor,
  rolesIn,
} from '../../src/policy/access.ts';

function environment(roles: Partial<Record<'viewers' | 'operators' | 'approvers', Principals>>) {
  return {
    name: 'production',
    roles: { viewers: [], operators: [], approvers: [], breakGlass: [], ...roles },
    approval: { required: 1, expiresMs: 900_000 },
    minAvailable: { unit: 'percent', value: 50 },
  } satisfies Environment;
}

const ME = 'U0ME';
const rolesOf = (env: Environment, groups: readonly string[] = []) =>
  [...rolesIn(env, ME, new Set(groups))].sort();

describe('the roles somebody holds', () => {
  it.each<[string, Environment, readonly string[], readonly Role[]]>([
    ['nothing is set', environment({}), [], []],
    ['nothing is set, whatever groups they are in', environment({}), ['S0OPS'], []],
    ['somebody else is named', environment({ operators: ['U0YOU'], approvers: ['S0A'] }), [], []],
    ['they are named as viewer', environment({ viewers: [ME] }), [], ['viewer']],
    ['they are named as operator', environment({ operators: [ME] }), [], ['operator', 'viewer']],
    ['they are named as approver', environment({ approvers: [ME] }), [], ['approver', 'viewer']],
    [
      'their group is named',
      environment({ operators: ['S0OPS'] }),
      ['S0OPS'],
      ['operator', 'viewer'],
    ],
    ['a group of others is named', environment({ operators: ['S0OPS'] }), ['S0DB'], []],
    ['the workspace may look', environment({ viewers: 'workspace' }), [], ['viewer']],
    ['the workspace may act', environment({ operators: 'workspace' }), [], ['operator', 'viewer']],
    [
      'they are operator and approver',
      environment({ operators: [ME], approvers: ['S0A'] }),
      ['S0A'],
      ['approver', 'operator', 'viewer'],
    ],
    ['only a part of their id is named', environment({ operators: ['U0M', 'U0ME2'] }), [], []],
  ])('when %s', (_when, env, groups, expected) => {
    expect(rolesOf(env, groups)).toEqual(expected);
  });

  it('do not follow from each other: an operator does not approve, an approver does not operate', () => {
    expect(rolesOf(environment({ operators: [ME] }))).not.toContain('approver');
    expect(rolesOf(environment({ approvers: [ME] }))).not.toContain('operator');
  });

  it('need only the groups that the environment names', () => {
    const env = environment({ viewers: 'workspace', operators: ['S0OPS', ME], approvers: ['S0A'] });
    expect(groupsNamed(env)).toEqual(['S0OPS', 'S0A']);
  });
});

describe('who is let in at all', () => {
  const person: Person = {
    id: ME,
    teamId: 'T0US',
    isBot: false,
    isGuest: false,
    isDeleted: false,
    isStranger: false,
  };

  it('lets in a full member of this workspace', () => {
    expect(admit(person, 'T0US')).toEqual({ allowed: true });
  });

  it.each<[string, Partial<Person>, RegExp]>([
    ['a bot', { isBot: true }, /Bots/],
    ['a guest', { isGuest: true }, /Guests/],
    ['somebody who left', { isDeleted: true }, /deactivated/],
    ['somebody of a connected workspace', { isStranger: true }, /belong to another/],
    ['somebody with the id of another workspace', { teamId: 'T0THEM' }, /belong to another/],
    ['somebody without a workspace', { teamId: '' }, /belong to another/],
  ])('keeps out %s and says why', (_who, over, reason) => {
    expect(admit({ ...person, ...over }, 'T0US')).toEqual({
      allowed: false,
      reason: expect.stringMatching(reason),
    });
  });
});

const NEEDS: Partial<Record<Verb, Role | undefined>> = {
  status: 'viewer',
  pools: 'viewer',
  history: 'viewer',
  disable: 'operator',
  enable: 'operator',
  approve: 'approver',
  deny: 'approver',
  cancel: undefined,
  help: undefined,
  whoami: undefined,
};

describe('what a role may run', () => {
  const env = environment({});
  const all: readonly Role[] = ['viewer', 'operator', 'approver'];

  it.each(Object.entries(NEEDS))('%s needs %s', (verb, needed) => {
    expect(roleFor(verb as Verb)).toBe(needed);
    for (const role of all) {
      const allowed = needed === undefined || role === needed;
      expect(mayRun(verb as Verb, env, new Set([role])).allowed).toBe(allowed);
    }
    expect(mayRun(verb as Verb, env, new Set()).allowed).toBe(needed === undefined);
  });

  it('names the verb, the environment and the role that is missing', () => {
    expect(mayRun('disable', env, new Set(['viewer']))).toEqual({
      allowed: false,
      reason: '`disable` in production needs the role operator, which you do not hold.',
    });
  });
});
