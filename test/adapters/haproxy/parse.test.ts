import { describe, expect, it } from 'vitest';
import {
  assertNoRefusal,
  isWholeReply,
  parseInfo,
  parseServersState,
  parseStat,
  type Row,
} from '../../../src/adapters/haproxy/parse.ts';
import { memberOf } from '../../../src/adapters/haproxy/server-state.ts';
import { OperationError } from '../../../src/domain/errors.ts';
import type { MemberState } from '../../../src/domain/member.ts';
import { fixture } from './fixture.ts';

const fault = (what: string) => new OperationError('UNEXPECTED_REPLY', what);

function findRow(rows: readonly Row[], pool: string, name: string, columns: [string, string]): Row {
  const row = rows.find(
    (entry) => entry.get(columns[0]) === pool && entry.get(columns[1]) === name,
  );
  if (row === undefined) throw new Error(`${pool}/${name} is not in the fixture`);
  return row;
}

function memberFrom(stateFile: string, statFile: string, pool: string, name: string): MemberState {
  const states = parseServersState(fixture(stateFile), 'Reading');
  const stats = parseStat(fixture(statFile), 'Reading');
  return memberOf(
    findRow(states, pool, name, ['be_name', 'srv_name']),
    findRow(stats, pool, name, ['pxname', 'svname']),
    fault,
  );
}

/** A member from invented values in the columns that matter. */
function memberWith(state: Record<string, string>, stat: Record<string, string>): MemberState {
  return memberOf(
    new Map(
      Object.entries({
        srv_name: 's',
        srv_addr: '10.0.0.1',
        srv_port: '80',
        srv_admin_state: '0',
        srv_uweight: '10',
        srv_iweight: '10',
        ...state,
      }),
    ),
    new Map(Object.entries({ scur: '0', stot: '0', status: 'UP', check_status: 'L7OK', ...stat })),
    fault,
  );
}

describe('a whole reply', () => {
  it.each([
    'show-info',
    'show-stat',
    'show-servers-state',
    'success',
    'no-such-server',
    'permission-denied',
    'weight-too-big',
    'weight-not-a-number',
    'unknown-command',
  ])('is each true one: %s', (name) => {
    expect(isWholeReply(fixture(name))).toBe(true);
  });

  it.each(['show-info', 'show-stat', 'show-servers-state', 'no-such-server', 'permission-denied'])(
    'is no beginning of a true one: %s',
    (name) => {
      const whole = fixture(name);
      for (let length = 0; length < whole.length; length += 1) {
        expect(isWholeReply(whole.slice(0, length)), `${length} bytes`).toBe(false);
      }
    },
  );
});

describe('refusals', () => {
  it.each([
    ['no-such-backend', 'NO_SUCH_POOL'],
    ['disable-no-such-backend', 'NO_SUCH_POOL'],
    ['no-such-proxy', 'NO_SUCH_POOL'],
    ['no-such-server', 'NO_SUCH_MEMBER'],
    ['permission-denied', 'PERMISSION'],
    ['missing-slash', 'UNSAFE_NAME'],
    ['weight-not-a-number', 'UNSUPPORTED'],
    ['weight-too-big', 'UNSUPPORTED'],
    ['bad-state', 'UNSUPPORTED'],
    ['unknown-command', 'UNSUPPORTED'],
  ])('%s is %s, with the exact words', (name, code) => {
    const reply = fixture(name);
    const [words = ''] = reply.split('\n');
    expect(() => assertNoRefusal(reply, 'Doing it')).toThrow(
      expect.objectContaining({
        code,
        message: expect.stringContaining(JSON.stringify(words).slice(1, -1)),
      }),
    );
  });

  it('are not seen in a success', () => {
    expect(() => assertNoRefusal(fixture('success'), 'Doing it')).not.toThrow();
  });
});

describe('show info', () => {
  it('gives version, process and age', () => {
    expect(parseInfo(fixture('show-info'), 'Reading')).toEqual({
      version: '2.6.12-1+deb12u4',
      pid: '28484',
      incarnation: '28484@1795147033',
      uptimeSeconds: 4,
      stopping: false,
    });
  });

  it('tells an old worker that is stopping', () => {
    const old = fixture('show-info').replace('Stopping: 0', 'Stopping: 1');
    expect(parseInfo(old, 'Reading').stopping).toBe(true);
  });

  it.each([
    ['something else', 'HTTP/1.1 400 Bad Request\n\n'],
    ['without the number of a process', fixture('show-info').replace('Pid: 28484', 'Pid: ')],
  ])('that is %s is UNEXPECTED_REPLY', (_, reply) => {
    expect(() => parseInfo(reply, 'Reading')).toThrow(
      expect.objectContaining({ code: 'UNEXPECTED_REPLY' }),
    );
  });
});

describe('tables', () => {
  it('are read by column name: another order and more columns change nothing', () => {
    const [header = '', ...rows] = fixture('show-stat').trim().split('\n');
    const turned = [`# new,${header.slice(2)}`, ...rows.map((row) => `x,${row}`)];
    const columns = (reply: string) =>
      parseStat(reply, 'Reading').map((row) => [row.get('svname'), row.get('status')]);
    expect(columns(`${turned.join('\n')}\n\n`)).toEqual(columns(fixture('show-stat')));
    expect(columns(fixture('show-stat'))).toHaveLength(5);
  });

  it('may hold quoted commas and quotes', () => {
    const reply =
      '# pxname,svname,scur,stot,status,bck,last_chk,\nweb,a,1,2,UP,0,"a, ""b"", c",\n\n';
    expect(parseStat(reply, 'Reading')[0]?.get('last_chk')).toBe('a, "b", c');
  });

  it.each([
    ['a column is missing', '# pxname,svname\nweb,a\n\n'],
    ['a row is short', '# pxname,svname,scur,stot,status,bck,\nweb,a,1\n\n'],
    ['there is no header', 'web,a,1\n\n'],
    ['there is nothing', '\n'],
  ])('are UNEXPECTED_REPLY when %s', (_name, reply) => {
    expect(() => parseStat(reply, 'Reading')).toThrow(
      expect.objectContaining({ code: 'UNEXPECTED_REPLY' }),
    );
  });
});

describe('a member', () => {
  it('that serves is complete', () => {
    expect(
      memberFrom('show-servers-state', 'show-stat', 'test.tianya.cn', '192.168.100.78'),
    ).toEqual({
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
      stickyTotal: 0,
    });
  });

  it('that was disabled is out by command and not checked', () => {
    expect(
      memberFrom(
        'show-servers-state-after-disable',
        'show-stat-after-disable',
        'test.tianya.cn',
        '192.168.100.78',
      ),
    ).toMatchObject({
      admin: 'disabled',
      causes: ['command'],
      status: 'MAINT',
      health: 'suspended',
      weight: 10,
    });
  });

  it.each([
    ['test.tianya.cn', '192.168.100.74', { health: 'down', causes: ['health-check'] }],
    ['test.tianya.cn', '192.168.100.78', { weight: 5, configuredWeight: 10, health: 'up' }],
    ['app.tianya.cn', '192.168.100.75', { health: 'stopping', causes: ['health-check'] }],
    ['app.tianya.cn', '192.168.100.76', { backup: true, health: 'up' }],
    ['plain', '192.168.100.78', { admin: 'disabled', causes: ['configuration'] }],
  ])('%s/%s in a pool with trouble', (pool, name, expected) => {
    const state = 'show-servers-state-down-and-nolb';
    expect(memberFrom(state, 'show-stat-down-and-nolb', pool, name)).toMatchObject(expected);
  });

  it('has no sticky count where there is no cookie', () => {
    const state = 'show-servers-state-down-and-nolb';
    expect(
      memberFrom(state, 'show-stat-down-and-nolb', 'app.tianya.cn', '192.168.100.76'),
    ).not.toHaveProperty('stickyTotal');
  });

  it.each([
    ['show-stat-transitional', '192.168.100.74', 'failing', []],
    ['show-stat-going-up', '192.168.100.74', 'recovering', ['health-check']],
    ['show-stat-drain', '192.168.100.78', 'failing', []],
  ])('%s: %s is %s', (file, name, health, causes) => {
    expect(memberFrom('show-servers-state', file, 'test.tianya.cn', name)).toMatchObject({
      health,
      causes,
    });
  });

  it.each([
    ['0', 'enabled', []],
    ['1', 'disabled', ['command']],
    ['2', 'disabled', ['tracking']],
    ['3', 'disabled', ['command', 'tracking']],
    // `disabled` in the file, enabled at run time: the bit stays and means nothing.
    ['4', 'enabled', []],
    ['5', 'disabled', ['configuration']],
    ['8', 'drained', ['command']],
    ['9', 'disabled', ['command']],
    ['16', 'drained', ['tracking']],
    ['32', 'disabled', ['resolution']],
    ['64', 'enabled', []],
    ['65', 'disabled', ['command']],
  ])('with admin bits %s is %s', (bits, admin, causes) => {
    expect(memberWith({ srv_admin_state: bits }, {})).toMatchObject({
      admin,
      causes,
    });
  });

  it.each([
    ['UP', 'up'],
    ['UP 1/2', 'failing'],
    ['DOWN', 'down'],
    ['DOWN 1/2', 'recovering'],
    ['DOWN (agent)', 'down'],
    ['DRAIN', 'up'],
    ['DRAIN 1/2', 'failing'],
    ['NOLB', 'stopping'],
    ['NOLB 1/2', 'stopping'],
    ['MAINT', 'suspended'],
    ['MAINT (via web/c)', 'suspended'],
    ['MAINT (resolution)', 'suspended'],
    ['no check', 'unchecked'],
    ['SOMETHING NEW', 'unknown'],
    ['', 'unknown'],
  ])('with status "%s" is %s', (status, health) => {
    expect(memberWith({}, { status })).toMatchObject({ health, status });
  });

  it('in DRAIN without a check is unchecked', () => {
    expect(memberWith({}, { status: 'DRAIN', check_status: '' }).health).toBe('unchecked');
  });

  it('counts what came by cookie', () => {
    const counted = { stot: '12', lbtot: '5', cookie: 'a', scur: '3' };
    expect(memberWith({}, counted)).toMatchObject({
      sessions: 3,
      sessionsTotal: 12,
      stickyTotal: 7,
    });
  });

  it('without an address yet goes by its host name', () => {
    expect(memberWith({ srv_addr: '-', srv_fqdn: 'web-1.example' }, {}).address).toBe(
      'web-1.example',
    );
  });

  it('with a number that is none is UNEXPECTED_REPLY', () => {
    expect(() => memberWith({ srv_admin_state: '-' }, {})).toThrow(
      expect.objectContaining({ code: 'UNEXPECTED_REPLY' }),
    );
  });
});
