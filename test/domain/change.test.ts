import { describe, expect, it } from 'vitest';
import { type ChangeState, isOpen } from '../../src/domain/change.ts';
import { type Health, sameSetting, settingOf, takesClients } from '../../src/domain/member.ts';
import { memberState } from '../fakes/samples.ts';

const STATES: Record<ChangeState, boolean> = {
  planning: true,
  waiting: true,
  approved: true,
  running: true,
  unknown: true,
  draining: true,
  holding: true,
  done: false,
  failed: false,
  refused: false,
  'half-done': false,
  denied: false,
  cancelled: false,
  expired: false,
};

describe('a change', () => {
  it.each(Object.entries(STATES))('in state %s is open: %s', (state, open) => {
    expect(isOpen(state as ChangeState)).toBe(open);
  });
});

const TAKES: Record<Health, boolean> = {
  up: true,
  failing: true,
  unchecked: true,
  recovering: false,
  down: false,
  stopping: false,
  suspended: false,
  unknown: false,
};

describe('a member', () => {
  it.each(Object.entries(TAKES))('whose health is %s takes new clients: %s', (health, takes) => {
    expect(takesClients(memberState('w1', { health: health as Health }))).toBe(takes);
  });

  it.each([{ admin: 'drained' as const }, { admin: 'disabled' as const }, { weight: 0 }])(
    'that is %o takes none however healthy it is',
    (over) => {
      expect(takesClients(memberState('w1', over))).toBe(false);
    },
  );

  it('is compared by state, weight and forwarding, and by nothing else', () => {
    const setting = settingOf(memberState('w1'));
    expect(setting).toEqual({ admin: 'enabled', weight: 10 });
    expect(sameSetting(setting, settingOf(memberState('w9', { health: 'down' })))).toBe(true);
    expect(sameSetting(setting, { ...setting, weight: 9 })).toBe(false);
    expect(sameSetting(setting, { ...setting, admin: 'drained' })).toBe(false);
    expect(sameSetting(setting, { ...setting, forwarding: 'Masq' })).toBe(false);
    expect(settingOf(memberState('w1', { forwarding: 'Route' }))).toHaveProperty('forwarding');
  });
});
