import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parseRedisUrl } from '../../src/domain/redis-url.ts';

describe('the address of Redis', () => {
  it.each([
    ['redis://localhost', { host: 'localhost', port: 6379 }],
    ['redis://10.0.0.5:6380', { host: '10.0.0.5', port: 6380 }],
    ['redis://10.0.0.5/3', { host: '10.0.0.5', port: 6379, db: 3 }],
    ['redis://10.0.0.5/', { host: '10.0.0.5', port: 6379 }],
    ['redis://[2001:db8::1]:6380', { host: '2001:db8::1', port: 6380 }],
    ['redis://:pass@h', { host: 'h', port: 6379, password: 'pass' }],
    ['redis://user:p%40ss%3A@h', { host: 'h', port: 6379, username: 'user', password: 'p@ss:' }],
    ['rediss://h:6390', { host: 'h', port: 6390, tls: {} }],
    ['unix:///run/redis/redis.sock', { path: '/run/redis/redis.sock' }],
  ])('%s', (url, expected) => {
    expect(parseRedisUrl(url)).toEqual(expected);
  });

  it.each([
    '',
    'localhost:6379',
    'http://localhost',
    'redis://',
    'redis:///3',
    'redis://h:port',
    'redis://h/three',
    'redis://h/-1',
    'redis://h/1/2',
    'redis://u:%zz@h',
    'unix://relative.sock',
    'unix:///',
  ])('refuses %j', (url) => {
    expect(() => parseRedisUrl(url)).toThrow(TypeError);
  });

  it.each([
    'redis://u:hunter2@h:port',
    'http://u:hunter2@h',
    'redis://u:hunter2%zz@h',
    'redis://u:hunter2@h/x',
  ])('does not print the password of %j when it refuses it', (url) => {
    let printed = '';
    try {
      parseRedisUrl(url);
    } catch (thrown) {
      printed = inspect(thrown, { showHidden: true });
    }
    expect(printed).toContain('TypeError');
    expect(printed).not.toContain('hunter2');
  });
});
