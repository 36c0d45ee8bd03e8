import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parseRedisUrl, redisPasswords, redisPlaceName } from '../../src/domain/redis-url.ts';

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
    ['redis://user:p@ss@h', { host: 'h', port: 6379, username: 'user', password: 'p@ss' }],
    ['unix:///run/redis/redis.sock', { path: '/run/redis/redis.sock' }],
    [
      'redis+sentinel://a:26380,b,[2001:db8::1]:5/main',
      {
        sentinels: [
          { host: 'a', port: 26380 },
          { host: 'b', port: 26379 },
          { host: '2001:db8::1', port: 5 },
        ],
        name: 'main',
      },
    ],
    [
      'rediss+sentinel://lb:p%2Fw@a/main/2?sentinel_user=s&sentinel_password=%26q',
      {
        sentinels: [{ host: 'a', port: 26379 }],
        name: 'main',
        db: 2,
        username: 'lb',
        password: 'p/w',
        sentinelUsername: 's',
        sentinelPassword: '&q',
        tls: {},
      },
    ],
    [
      'redis+cluster://lb:pw@a:7000,b/',
      {
        cluster: [
          { host: 'a', port: 7000 },
          { host: 'b', port: 6379 },
        ],
        username: 'lb',
        password: 'pw',
      },
    ],
    ['rediss+cluster://a', { cluster: [{ host: 'a', port: 6379 }], tls: {} }],
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
    'redis://a,b',
    'redis://h:0',
    'redis://h:65536',
    'redis://h?password=x',
    'redis+sentinel://a',
    'redis+sentinel://a/',
    'redis+sentinel://a/main/x',
    'redis+sentinel://a/main/1/2',
    'redis+sentinel://a/ma in',
    'redis+sentinel://a,/main',
    'redis+sentinel://a/main?password=x',
    'redis+cluster://a/3',
    'redis+cluster://a,b?x=y',
    'redis+other://a',
  ])('refuses %j', (url) => {
    expect(() => parseRedisUrl(url)).toThrow(TypeError);
  });

  it.each([
    'redis://u:hunter2@h:port',
    'http://u:hunter2@h',
    'redis://u:hunter2%zz@h',
    'redis://u:hunter2@h/x',
    'redis+sentinel://u:hunter2@h',
    'redis+sentinel://h/m?sentinel_password=hunter2&x=y',
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

describe('the authority that vouches for Redis', () => {
  it('goes with every encrypted form, and with no other', () => {
    const tls = { ca: 'PEM' };
    for (const url of ['rediss://h', 'rediss+sentinel://h/m', 'rediss+cluster://h']) {
      expect(parseRedisUrl({ url, ca: 'PEM' })).toMatchObject({ tls });
    }
    expect(parseRedisUrl({ url: 'redis://h', ca: 'PEM' })).toEqual({ host: 'h', port: 6379 });
  });
});

describe('the address for a person', () => {
  it.each([
    ['redis://u:hunter2@h:1', 'h:1'],
    ['unix:///run/redis.sock', '/run/redis.sock'],
    ['redis+sentinel://u:hunter2@a,b:2/main', 'master main of Sentinel a:26379, b:2'],
    ['rediss+cluster://u:hunter2@a,b', 'cluster a:6379, b:6379'],
  ])('of %s has neither user nor password', (url, name) => {
    expect(redisPlaceName(url)).toBe(name);
  });

  it('leaves the passwords for whoever hides them', () => {
    const url = 'redis+sentinel://u:one%21@a/m?sentinel_password=two';
    expect(redisPasswords(url)).toEqual(['one!', 'two']);
    expect(redisPasswords('redis://h')).toEqual([]);
  });
});
