import { describe, expect, it } from 'vitest';
import { isOwnPut, putByHand, wordsFor } from '../../../src/adapters/lvs/kept.ts';
import { TAKEN_OUT } from '../../../src/adapters/lvs/owned-table.ts';
import type { KeptIn, MemberState } from '../../../src/domain/member.ts';
import { memberState } from '../../fakes/samples.ts';

const POOL = '192.168.100.11:80';
const NAME = '192.168.100.78:80';
const FILE = '/etc/keepalived/lb-chatops/tcp-192.168.100.11-80-192.168.100.78-80.conf';
const PLACE = `-t ${POOL} -r ${NAME}`;
const keptIn: KeptIn = {
  file: FILE,
  was: 'absent',
  base: '0123456789abcdef',
  weight: 3,
  ownWeight: 3,
  staysWhenSick: false,
};
const member = (over: Partial<MemberState> = {}) =>
  memberState(NAME, { forwarding: 'Route', weight: 3, keptIn, ...over });
const words = (state: MemberState, admin: 'enabled' | 'disabled', weight = state.weight) =>
  wordsFor('weight', 'restore', POOL, state, { admin, weight });

describe('the words where keepalived reads the weight', () => {
  it('name the file, the line, the member and what both were', () => {
    const out = words(member(), 'disabled');
    expect(out).toMatchObject({
      commands: [`put ${FILE} weight 0 for ${PLACE} -w 0 was absent in 0123456789abcdef`],
      after: { admin: 'disabled', weight: 0, forwarding: 'Route' },
    });
    // The way back can be planned now: what the file will be is known. sha256 of "weight 0\n".
    const then = member({ admin: 'disabled', weight: 0, keptIn: out.keptIn ?? keptIn });
    const back = words(then, 'enabled', 3).commands;
    expect(back).toEqual([
      `put ${FILE} nothing for ${PLACE} -w 3 was 50c8d4c638f8cabf in 0123456789abcdef`,
    ]);
    expect(isOwnPut({ pool: POOL, member: NAME }, back[0] ?? '')).toBe(true);
  });

  it('set right in the table what somebody set there by hand', () => {
    const byHand = member({ admin: 'disabled', weight: 0 });
    expect(words(byHand, 'enabled', 3).commands).toEqual([`ipvsadm -e ${PLACE} -g -w 3`]);
    const inAgain = member({ keptIn: { ...keptIn, weight: 0 } });
    expect(words(inAgain, 'disabled').commands).toEqual([`ipvsadm -e ${PLACE} -g -w 0`]);
  });

  it('are the same for a member that its check took out', () => {
    const sick = member({ health: 'down', status: TAKEN_OUT });
    expect(words(sick, 'disabled').commands[0]).toContain(' weight 0 for ');
    expect(words(sick, 'enabled', 3).commands).toEqual([]);
  });

  it('are none where it cannot be changed, or would not last and that is not wanted', () => {
    const { keptIn: _keptIn, ...bare } = member();
    const undone = { ...bare, undoneBy: 'keepalived brings it back' };
    expect(words(undone, 'disabled').commands).toEqual([`ipvsadm -e ${PLACE} -g -w 0`]);
    expect(() =>
      wordsFor('weight', 'refuse', POOL, undone, { admin: 'disabled', weight: 3 }),
    ).toThrow(/it would not last: keepalived brings it back/);
    expect(() => words({ ...undone, status: TAKEN_OUT }, 'disabled')).toThrow(/no row to change/);
    expect(() => words(member({ heldBy: 'line 3 is broken.' }), 'disabled')).toThrow(
      /line 3 is broken/,
    );
  });

  it.each([
    ['another file', `put /etc/passwd weight 0 for ${PLACE} -w 0 was absent in 0123456789abcdef`],
    [
      'another member',
      `put ${FILE} weight 0 for -t ${POOL} -r 192.168.100.77:80 -w 0 was absent in 0123456789abcdef`,
    ],
    [
      'another content',
      `put ${FILE} weight 0; reboot for ${PLACE} -w 0 was absent in 0123456789abcdef`,
    ],
    [
      'more behind it',
      `put ${FILE} weight 0 for ${PLACE} -w 0 was absent in 0123456789abcdef; reboot`,
    ],
    [
      'a second place',
      `put ${FILE} weight 0 for ${PLACE} -w 0 for ${PLACE} -w 0 was absent in 0123456789abcdef`,
    ],
  ])('are not ours with %s', (_what, line) => {
    expect(isOwnPut({ pool: POOL, member: NAME }, line)).toBe(false);
  });

  it('can be typed by root', () => {
    const [line = ''] = words(member(), 'disabled').commands;
    expect(putByHand(line)).toBe(
      `echo 'weight 0' >${FILE} && keepalived -t && kill -HUP $(cat /run/keepalived.pid)`,
    );
  });
});
