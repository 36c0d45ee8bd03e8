import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  endpointText,
  isLoopback,
  isPlainSocketPath,
  parseSshTarget,
  parseTcpSocket,
  sshText,
} from '../../src/domain/endpoint.ts';

describe('tcp://', () => {
  it.each([
    ['tcp://10.0.0.4:9999', '10.0.0.4:9999'],
    ['tcp://ha-2.example.org:1', 'ha-2.example.org:1'],
    ['tcp://[FD00::4]:9999', '[fd00::4]:9999'],
  ])('%s is %s', (text, endpoint) => {
    const parsed = parseTcpSocket(text);
    expect(parsed === undefined ? '' : endpointText(parsed)).toBe(endpoint);
  });

  it.each([
    '10.0.0.4:9999',
    'tcp://10.0.0.4',
    'tcp://:9999',
    'tcp://h:0',
    'tcp://h:65536',
    'tcp://fd00::4:9999',
    'tcp://u@h:1',
    'tcp://h:1/x',
    'tcp://-h:1',
    'TCP://h:1',
    'tcp://a b:1',
  ])('%s is refused', (text) => {
    expect(parseTcpSocket(text)).toBeUndefined();
  });
});

describe('user@host', () => {
  it.each([
    ['ops@10.0.0.4', 'ops@10.0.0.4'],
    ['ops@10.0.0.4:22', 'ops@10.0.0.4'],
    ['svc_lb.1@ha-2:2222', 'svc_lb.1@ha-2:2222'],
    ['ops@fd00::4', 'ops@fd00::4'],
    ['ops@[fd00::4]:2222', 'ops@[fd00::4]:2222'],
  ])('%s is %s', (text, shown) => {
    const parsed = parseSshTarget(text);
    expect(parsed === undefined ? '' : sshText(parsed)).toBe(shown);
  });

  it('is what any accepted text says when it is read again', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.domain(),
        fc.integer({ min: -1, max: 70_000 }),
        (user, host, port) => {
          const parsed = parseSshTarget(`${user}@${host}:${port}`);
          if (parsed !== undefined) expect(parseSshTarget(sshText(parsed))).toEqual(parsed);
        },
      ),
    );
  });
});

it.each([
  ['127.0.0.1', true],
  ['127.8.8.8', true],
  ['::1', true],
  ['localhost', true],
  ['LocalHost', true],
  ['10.0.0.4', false],
  ['127.0.0.1.example.org', false],
  ['localhost.example.org', false],
  ['fd00::1', false],
  ['0.0.0.0', false],
])('loopback: %s is %s', (host, expected) => {
  expect(isLoopback(host)).toBe(expected);
});

it('a path that may stand in a command has no letter that a shell or socat reads otherwise', () => {
  expect(isPlainSocketPath('/run/haproxy/admin.sock')).toBe(true);
  expect(isPlainSocketPath(`/${'x'.repeat(107)}`)).toBe(false);
  fc.assert(
    fc.property(
      fc.string(),
      fc.constantFrom(...' \t\n;|&$`"\'\\<>(){}[]*?!#~,:=%^'),
      (text, letter) => {
        expect(isPlainSocketPath(`/run/${text}${letter}`)).toBe(false);
      },
    ),
  );
});
