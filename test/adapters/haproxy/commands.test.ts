import { describe, expect, it } from 'vitest';
import { commandsFor } from '../../../src/adapters/haproxy/commands.ts';
import type { AdminState, Cause, MemberState } from '../../../src/domain/member.ts';

const SERVING: MemberState = {
  name: '192.168.100.78',
  address: '192.168.100.78',
  port: 80,
  admin: 'enabled',
  health: 'up',
  status: 'UP',
  causes: [],
  weight: 10,
  configuredWeight: 10,
  backup: false,
  sessions: 0,
  sessionsTotal: 0,
};

function member(admin: AdminState, causes: readonly Cause[] = []): MemberState {
  return { ...SERVING, admin, causes };
}

function words(from: MemberState, admin: AdminState, weight = 10): readonly string[] {
  return commandsFor('test.tianya.cn', from, { admin, weight }).commands;
}

const TARGET = 'test.tianya.cn/192.168.100.78';

describe('the words for a member', () => {
  it.each<[AdminState, AdminState, string[]]>([
    ['enabled', 'disabled', [`disable server ${TARGET}`]],
    ['enabled', 'drained', [`set server ${TARGET} state drain`]],
    ['enabled', 'enabled', []],
    ['drained', 'disabled', [`disable server ${TARGET}`]],
    ['drained', 'enabled', [`set server ${TARGET} state ready`]],
    ['drained', 'drained', []],
    ['disabled', 'enabled', [`enable server ${TARGET}`]],
    ['disabled', 'drained', [`set server ${TARGET} state drain`]],
    ['disabled', 'disabled', []],
  ])('from %s to %s', (from, to, expected) => {
    expect(words(member(from), to)).toEqual(expected);
  });

  it('set the weight before the member returns', () => {
    expect(words(member('disabled'), 'enabled', 3)).toEqual([
      `set weight ${TARGET} 3`,
      `enable server ${TARGET}`,
    ]);
  });

  it('take the member out before they change its weight', () => {
    expect(words(member('enabled'), 'disabled', 3)).toEqual([
      `disable server ${TARGET}`,
      `set weight ${TARGET} 3`,
    ]);
  });

  it('name the setting they lead to', () => {
    expect(commandsFor('web', member('enabled'), { admin: 'disabled', weight: 3 }).after).toEqual({
      admin: 'disabled',
      weight: 3,
    });
  });

  it('take under a static algorithm the configured weight, the one it has, and 0', () => {
    const fixed = { ...member('enabled'), weight: 0, weightFixedBy: 'balance static-rr' };
    expect(words(fixed, 'enabled', 10)).toEqual([`set weight ${TARGET} 10`]);
    expect(words({ ...fixed, weight: 10 }, 'enabled', 0)).toEqual([`set weight ${TARGET} 0`]);
    expect(words({ ...fixed, weight: 7 }, 'disabled', 7)).toEqual([`disable server ${TARGET}`]);
    expect(() => words(fixed, 'enabled', 5)).toThrow(
      expect.objectContaining({
        code: 'UNSUPPORTED',
        message:
          'Changing 192.168.100.78 in backend test.tianya.cn: "balance static-rr" takes only weight 10 (the configured one) or 0 while HAProxy runs, not 5.',
      }),
    );
  });

  it('hold a member out that would return when its name resolves', () => {
    expect(words(member('disabled', ['resolution']), 'disabled')).toEqual([
      `disable server ${TARGET}`,
    ]);
    expect(words(member('disabled', ['command', 'resolution']), 'disabled')).toEqual([]);
  });

  it('do not exist for a member that follows another one, which is named', () => {
    const follower = { ...member('disabled', ['tracking']), status: 'MAINT (via web/c)' };
    expect(() => words(follower, 'enabled')).toThrow(
      expect.objectContaining({
        code: 'UNSUPPORTED',
        message: expect.stringContaining('it follows web/c'),
      }),
    );
  });

  it('do not exist for bringing back a member whose name has no address', () => {
    expect(() => words(member('disabled', ['resolution']), 'enabled')).toThrow(
      expect.objectContaining({ code: 'UNSUPPORTED' }),
    );
  });

  it.each([-1, 257, 1.5, Number.NaN])('do not exist for weight %s', (weight) => {
    expect(() => words(member('enabled'), 'disabled', weight)).toThrow(
      expect.objectContaining({ code: 'UNSUPPORTED' }),
    );
  });
});
