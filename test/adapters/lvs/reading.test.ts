import { describe, expect, it } from 'vitest';
import { answerOf } from '../../../src/adapters/lvs/answer.ts';
import type { DisableBy } from '../../../src/adapters/lvs/commands.ts';
import { poolStateOf, type Remembered } from '../../../src/adapters/lvs/pool-state.ts';
import { answerText, type Row } from './answer-text.ts';

const POOL = '192.168.100.11:80';
const rows: readonly Row[] = [
  { server: '192.168.100.77:80', weight: 3 },
  { server: '192.168.100.78:80', weight: 0, active: 2, inactive: 5, sticky: 4 },
];
const persist = ' -p 60';
const out = (want: 'disabled' | 'removed', weight = 0): Remembered => ({
  member: '192.168.100.79:80',
  restore: {
    admin: 'enabled',
    weight: 3,
    forwarding: 'Masq',
    connectionLimits: { upper: 9, lower: 5 },
  },
  want: { admin: want, weight, forwarding: 'Masq' },
});

function read(
  reply: string,
  remembered: readonly Remembered[] = [],
  disableBy: DisableBy = 'weight',
) {
  return poolStateOf(answerOf(reply, 'Reading'), {
    balancer: 'lvs-1',
    pool: POOL,
    disableBy,
    remembered,
    doing: 'Reading',
  });
}

describe('a member at weight 0', () => {
  it('has its connections, and the sticky clients that come again', () => {
    const [, member] = read(answerText(POOL, rows, { persist })).members;
    expect(member).toMatchObject({ sessions: 2, sessionsInactive: 5, stickyNow: 4 });
  });

  it('has no sticky clients where the kernel lets them go at weight 0', () => {
    const state = read(answerText(POOL, rows, { persist, releases: 1 }));
    expect(state.members[1]).toMatchObject({ sessions: 2, stickyNow: 0 });
    expect(state.persistence).toContain('let go at weight 0');
  });

  it('counts with the weight it had, where that is remembered', () => {
    const known = { ...out('disabled'), member: '192.168.100.78:80' };
    const reply = answerText(POOL, rows);
    expect(read(reply, [known]).members[1]).toMatchObject({ weight: 0, configuredWeight: 3 });
    expect(read(reply).members[1]).toMatchObject({ weight: 0, configuredWeight: 0 });
  });
});

describe('a member that is not in the table', () => {
  it.each<[string, DisableBy, 'disabled' | 'removed']>([
    ['removed', 'weight', 'removed'],
    ['deleted to disable it', 'delete', 'disabled'],
  ])('is shown when it was %s, with all that brings it back', (_how, disableBy, want) => {
    const { members } = read(answerText(POOL, rows), [out(want)], disableBy);
    expect(members.at(-1)).toMatchObject({
      name: '192.168.100.79:80',
      admin: want,
      weight: 0,
      configuredWeight: 3,
      forwarding: 'Masq',
      connectionLimits: { upper: 9, lower: 5 },
    });
  });

  it('is not shown when it was only given weight 0: then somebody else took it', () => {
    expect(read(answerText(POOL, rows), [out('disabled')]).members).toHaveLength(2);
  });
});

describe('a host that serves more than this service', () => {
  const others = [
    '-A -t 192.168.100.11:7000 -s rr',
    '-a -t 192.168.100.11:7000 -r 192.168.100.78:7000 -g -w 3',
    '-a -t 192.168.100.11:7000 -r 192.168.100.77:7000 -g -w 0',
    '-A -u 192.168.100.11:53 -s rr',
    '-a -u 192.168.100.11:53 -r 192.168.100.78:53 -g -w 1',
  ];

  it('has the names of the services that send it new clients, and of no others', () => {
    const [first, second] = read(answerText(POOL, rows, { others })).members;
    expect(second?.alsoIn).toEqual(['192.168.100.11:7000', 'udp://192.168.100.11:53']);
    expect(first?.alsoIn).toBeUndefined();
  });

  it('also when the member itself left the table', () => {
    const elsewhere = [...others, '-a -u 192.168.100.11:53 -r 192.168.100.79:53 -g -w 1'];
    const { members } = read(answerText(POOL, rows, { others: elsewhere }), [out('removed')]);
    expect(members.at(-1)?.alsoIn).toEqual(['udp://192.168.100.11:53']);
  });
});
