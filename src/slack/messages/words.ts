import type { MemberSetting, MemberState } from '../../domain/member.ts';
import type { Plan } from '../../domain/plan.ts';
import { membersNamedMax } from '../limits.ts';

/** `a`, `a and b`, `a, b and 3 more`. */
export function listed(names: readonly string[], max = membersNamedMax): string {
  if (names.length > max) {
    return `${names.slice(0, max).join(', ')} and ${names.length - max} more`;
  }
  const last = names.at(-1) ?? '';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}

export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** The state of a member in one or two words, the administrative one first. */
export function stateWords(member: MemberState): string {
  const backup = member.backup ? ', backup' : '';
  if (member.admin !== 'enabled') {
    const why = member.causes.includes('configuration')
      ? ' (configuration)'
      : member.causes.includes('tracking')
        ? ' (tracking)'
        : '';
    return `${member.admin}${why}${backup}`;
  }
  return `${healthWords(member)}${backup}`;
}

function healthWords(member: MemberState): string {
  switch (member.health) {
    case 'up':
    case 'unchecked':
      return 'enabled';
    case 'suspended':
      return 'enabled, unchecked';
    case 'failing':
      return 'enabled, failing';
    case 'recovering':
      return 'recovering';
    case 'stopping':
      return 'stopping';
    case 'down':
      return member.causes.includes('resolution') ? 'down, no address' : 'down';
    case 'unknown':
      return 'health unknown';
  }
}

export function settingWords(setting: MemberSetting): string {
  return `${setting.admin}, weight ${setting.weight}`;
}

export function endpoint(address: string, port: number): string {
  return `${address.includes(':') ? `[${address}]` : address}:${port}`;
}

/** The balancers of a plan in the order in which they are changed, each once. */
export function balancersOf(plan: Plan): readonly string[] {
  return [...new Set(plan.steps.map((step) => step.balancer))];
}
