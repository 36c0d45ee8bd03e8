import { describe, expect, it } from 'vitest';
import { OperationError } from '../../src/domain/errors.ts';
import { Secret } from '../../src/domain/secret.ts';
import type { Log } from '../../src/ports/log.ts';
import { createLog, type LogOptions } from '../../src/telemetry/log.ts';

function logTo(options: Partial<LogOptions> = {}) {
  const lines: string[] = [];
  const log: Log = createLog({
    level: 'debug',
    destination: { write: (line: string) => lines.push(line) },
    ...options,
  });
  return { log, lines, only: () => JSON.parse(lines.join('')) };
}

describe('the log', () => {
  it('writes one JSON line with level, time, message and data', () => {
    const { log, only } = logTo();
    log.info('Change applied', { change: 'q7k2m9xt', steps: 2 });
    expect(only()).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      data: { change: 'q7k2m9xt', steps: 2 },
      msg: 'Change applied',
    });
  });

  it('is silent below its level', () => {
    const { log, lines } = logTo({ level: 'warn' });
    log.debug('a');
    log.info('b');
    log.warn('c');
    log.error('d');
    expect(lines).toHaveLength(2);
  });

  it('keeps a percent sign and a line break inside one line', () => {
    const { log, lines, only } = logTo();
    log.info('50% %s %d\nfaked line', { text: 'a\nb' });
    expect(lines).toHaveLength(1);
    expect(lines[0]?.trimEnd()).not.toContain('\n');
    expect(only().msg).toBe('50% %s %d\nfaked line');
  });

  it('does not let data pass for the level or the message', () => {
    const { log, only } = logTo();
    log.info('real', { msg: 'faked', level: 'error', time: 'never' });
    expect(only()).toMatchObject({ msg: 'real', level: 'info' });
  });

  it('writes errors with code, stack and cause', () => {
    const { log, only } = logTo();
    const cause = Object.assign(new Error('connect ENOENT'), { code: 'ENOENT' });
    log.error('Reading failed', {
      error: new OperationError('UNREACHABLE', 'No socket.', { cause }),
    });
    expect(only().data.error).toMatchObject({
      name: 'OperationError',
      code: 'UNREACHABLE',
      message: 'No socket.',
      stack: expect.stringContaining('log.test.ts'),
      cause: { message: 'connect ENOENT', code: 'ENOENT' },
    });
  });

  it('survives cycles, getters that throw, big integers, maps, bytes and depth', () => {
    const { log, only } = logTo();
    const data: Record<string, unknown> = {
      big: 10n,
      map: new Map([['k', new Set([1])]]),
      bytes: Buffer.from('xoxb-hidden'),
      bad: Object.defineProperty({}, 'x', {
        enumerable: true,
        get: () => {
          throw new Error('no');
        },
      }),
      long: Array(1000).fill(1),
      when: new Date(0),
    };
    data.self = data;
    log.info('odd', data);
    expect(only().data).toMatchObject({
      big: '10',
      map: { k: [1] },
      bytes: '[11 bytes]',
      bad: { x: '[unreadable]' },
      self: '[circular]',
      when: '1970-01-01T00:00:00.000Z',
    });
    expect(only().data.long).toHaveLength(201);
  });
});

describe('the log leaks no secret', () => {
  const KEY = 'signing-key-0123456789abcdef0123456789';
  const secrets = [new Secret(KEY), new Secret('redis://bot:p%40ssw0rd-long@redis:6379')];
  const values = [
    'xoxb-123-456-AbCdEf',
    'xoxe.xoxp-1-MTIz',
    'xapp-1-A01-22-deadbeef',
    'token=xoxb-1-AbCdEf',
    'yyyxoxb-1-AbCdEf',
    'redis://user:hunter22@db:6379/0',
    'rediss://:hunter22@db',
    'https://hooks.slack.com/commands/T1/2/hunter22',
    'wss://wss.slack.com/link/?ticket=hunter22&app_id=x',
    'Authorization: Bearer hunter22hunter22',
    KEY,
    'ERR AUTH failed for p@ssw0rd-long',
    'ERR AUTH failed for p%40ssw0rd-long',
  ];
  const leaks = /AbCdEf|MTIz|deadbeef|hunter22|signing-key|ssw0rd-long/;

  const ways: readonly (readonly [string, (log: Log, value: string) => void])[] = [
    ['in the message', (log, value) => log.error(`Failed with ${value} here`)],
    ['in a text', (log, value) => log.error('x', { text: `a ${value} b` })],
    ['in a key', (log, value) => log.error('x', { [value]: 1 })],
    ['in an error', (log, value) => log.error('x', { error: new Error(value) })],
    [
      'in the cause of an error',
      (log, value) => log.error('x', { error: new Error('a', { cause: new Error(value) }) }),
    ],
    [
      'in an aggregate error',
      (log, value) => log.error('x', { error: new AggregateError([new Error(value)], 'a') }),
    ],
    [
      'in a field of an error, as client libraries do',
      (log, value) =>
        log.error('x', {
          error: Object.assign(new Error('a'), { command: { name: 'auth', args: [value] } }),
        }),
    ],
    ['deep in lists and maps', (log, value) => log.error('x', { a: [new Map([['b', [value]]])] })],
    [
      'as a Secret',
      (log, value) => log.error('x', { token: new Secret(value), list: [new Secret(value)] }),
    ],
    [
      'as a URL',
      (log, value) => log.error('x', { url: URL.canParse(value) ? new URL(value) : value }),
    ],
    [
      'at the place where a long text is cut',
      (log, value) => log.error('x', { text: 'y'.repeat(9995) + value }),
    ],
  ];

  it.each(ways)('%s', (_name, write) => {
    for (const value of values) {
      const { log, lines } = logTo({ secrets });
      write(log, value);
      expect(lines).toHaveLength(1);
      expect(lines[0]).not.toMatch(leaks);
    }
  });

  it('in a field whose name says what it holds', () => {
    const { log, lines, only } = logTo();
    log.info('x', { password: 'a', botToken: 'b', signing_key: 'c', response_url: 'd', keys: 3 });
    expect(only().data).toEqual({
      password: '[secret]',
      botToken: '[secret]',
      signing_key: '[secret]',
      response_url: '[secret]',
      keys: 3,
    });
    expect(lines).toHaveLength(1);
  });
});
