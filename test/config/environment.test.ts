import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deliverySecret } from '../../src/config/delivery-secret.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import { ENVIRONMENT } from '../../src/config/environment-table.ts';
import { faultReport } from '../../src/config/report.ts';

const SIGNING_KEY = 'correct-horse-battery-staple-0123456789';
const COMPLETE = {
  REDIS_URL: 'redis://:pass-word@127.0.0.1:6379/0',
  LB_INVENTORY: '/etc/lb/inventory.yml',
  LB_SIGNING_KEY: SIGNING_KEY,
  SLACK_BOT_TOKEN: 'xoxb-1-bot',
  SLACK_APP_TOKEN: 'xapp-1-app',
};

const NEEDS = ENVIRONMENT.filter(({ required }) => required).map(({ name }) => name);

function faultsOf(env: Record<string, string>, needs: typeof NEEDS = []): string {
  const result = readEnvironment(env, needs);
  return result.ok ? '' : faultReport(result.faults);
}

describe('what lets deliveries in', () => {
  it('is the app token by socket, and the signing secret by HTTP', () => {
    expect(deliverySecret({})).toBe('SLACK_APP_TOKEN');
    expect(deliverySecret({ LB_SLACK_MODE: 'socket' })).toBe('SLACK_APP_TOKEN');
    expect(deliverySecret({ LB_SLACK_MODE: 'http' })).toBe('SLACK_SIGNING_SECRET');
  });
});

describe('readEnvironment', () => {
  it('reads a complete environment and fills in the defaults', () => {
    const result = readEnvironment(COMPLETE, ['REDIS_URL', 'LB_SIGNING_KEY']);
    if (!result.ok) throw new Error(faultReport(result.faults));
    expect(result.config.REDIS_URL.reveal()).toBe(COMPLETE.REDIS_URL);
    expect(result.config).toMatchObject({
      LB_HTTP_HOST: '127.0.0.1',
      LB_HTTP_PORT: 8080,
      LB_LOG_LEVEL: 'info',
      SLACK_API_URL: 'https://slack.com/api/',
    });
    expect(Object.isFrozen(result.config)).toBe(true);
  });

  it('prints no secret of a config, whichever way it is printed', () => {
    const result = readEnvironment(COMPLETE, NEEDS);
    const printed = `${JSON.stringify(result)}${inspect(result, { depth: 9 })}`;
    for (const value of ['pass-word', SIGNING_KEY, 'xoxb-1-bot', 'xapp-1-app'])
      expect(printed).not.toContain(value);
  });

  it('reports everything that is missing at once, an empty value being none', () => {
    const report = faultsOf({ REDIS_URL: '' }, NEEDS);
    for (const name of NEEDS) expect(report).toContain(`${name}:`);
    expect(report.split('\n')).toHaveLength(NEEDS.length);
    expect(report).toContain('SLACK_BOT_TOKEN_FILE');
  });

  it('asks for nothing that this process does not need', () => {
    expect(faultsOf({})).toBe('');
  });

  it.each([
    ['LB_HTTP_PORT', '80a', /a port number from 0 .* got "80a"/],
    ['LB_HTTP_PORT', '65536', /got "65536"/],
    ['LB_HTTP_PORT', '-1', /got "-1"/],
    ['LB_HTTP_PORT', '8e3', /got "8e3"/],
    ['LB_HTTP_PORT', 'tcp://10.0.0.1:80', /a port number/],
    ['LB_HTTP_HOST', 'a b', /an address or host name/],
    ['LB_SLACK_MODE', 'https', /one of socket, http, got "https"/],
    ['LB_SLACK_HTTP_PORT', '70000', /a port number from 0/],
    ['LB_SLACK_HTTP_HOST', 'a;b', /an address or host name/],
    ['SLACK_SIGNING_SECRET', 'short', /got a value of 5 characters/],
    ['LB_LOG_LEVEL', 'verbose', /one of trace, debug, .* got "verbose"/],
    ['SLACK_API_URL', 'http://slack.example/api/', /https:\/\/ address/],
    ['SLACK_API_URL', 'slack', /https:\/\/ address/],
    ['REDIS_URL', 'localhost:6379', /redis:\/\/…/],
    ['REDIS_URL', 'http://localhost', /redis:\/\/…/],
    ['REDIS_URL', 'unix://', /unix:\/\/\/path/],
    ['REDIS_URL', 'redis+sentinel://h', /redis\+sentinel:\/\/…\/<master name>/],
    ['REDIS_CA', '/nowhere/ca.pem', /a readable PEM file with a certificate, got "\/nowhere/],
    ['REDIS_CA', import.meta.filename, /a readable PEM file with a certificate/],
    ['LB_AUDIT_KEEP', '-1', /a whole number of entries, got "-1"/],
    ['LB_AUDIT_KEEP', 'all', /a whole number of entries/],
    ['LB_SIGNING_KEY', 'short-key', /at least 32 characters, got a value of 9 characters/],
    ['SLACK_BOT_TOKEN', 'xapp-swapped-secret', /xoxb-, got a value of 19 characters/],
    ['SLACK_APP_TOKEN', 'xoxb-swapped-secret', /xapp-, got a value of 19 characters/],
  ])('refuses %s=%s', (name, value, expected) => {
    expect(faultsOf({ [name]: value })).toMatch(expected);
  });

  it.each([
    'redis://h',
    'rediss://u:p@h:6380/1',
    'unix:///run/redis.sock',
    'redis+sentinel://u:p@a,b:26380/main/1',
    'rediss+cluster://a,b',
  ])('takes %s', (url) => {
    expect(faultsOf({ REDIS_URL: url })).toBe('');
  });

  it('shows a wrong secret in no fault', () => {
    const report = faultsOf({
      SLACK_BOT_TOKEN: 'xapp-hidden-one',
      LB_SIGNING_KEY: 'hidden-two',
      REDIS_URL: 'http://:hidden-three@h',
    });
    expect(report.split('\n')).toHaveLength(3);
    expect(report).not.toContain('hidden');
  });

  it('adds the slash that the Slack client needs behind the address', () => {
    const result = readEnvironment({ SLACK_API_URL: 'http://127.0.0.1:9/api' }, []);
    expect(result).toMatchObject({ config: { SLACK_API_URL: 'http://127.0.0.1:9/api/' } });
  });
});

describe('a secret from a file', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'lb-env-'));
    writeFileSync(join(folder, 'key'), `${SIGNING_KEY}\n`);
    writeFileSync(join(folder, 'two-lines'), `${SIGNING_KEY}\nmore\n`);
    writeFileSync(join(folder, 'empty'), '\n');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is read without its last line break', () => {
    const env = { LB_SIGNING_KEY_FILE: join(folder, 'key') };
    const result = readEnvironment(env, ['LB_SIGNING_KEY']);
    expect(result.ok && result.config.LB_SIGNING_KEY.reveal()).toBe(SIGNING_KEY);
  });

  it('must not be given twice', () => {
    const env = { LB_SIGNING_KEY: SIGNING_KEY, LB_SIGNING_KEY_FILE: join(folder, 'key') };
    expect(faultsOf(env)).toMatch(/either LB_SIGNING_KEY or LB_SIGNING_KEY_FILE, got both/);
  });

  it('must be there, and one line', () => {
    const file = (name: string) => faultsOf({ LB_SIGNING_KEY_FILE: join(folder, name) });
    expect(file('absent')).toMatch(/LB_SIGNING_KEY_FILE: expected a readable file .*ENOENT/);
    expect(file('two-lines')).toMatch(/got .*two-lines with 45 bytes in it/);
    expect(file('empty')).toMatch(/got .*empty with nothing in it/);
    expect(file('two-lines')).not.toContain(SIGNING_KEY);
  });

  it('is no way to give what is no secret', () => {
    expect(faultsOf({ LB_INVENTORY_FILE: '/x' }, ['LB_INVENTORY'])).toContain('LB_INVENTORY:');
  });
});

describe('faultReport', () => {
  it('aligns what was expected, with the line of the file where it is known', () => {
    const faults = [
      { path: 'a', expected: 'x', got: 'y', line: 3 },
      { path: 'long.path', expected: 'x', got: 'nothing' },
    ];
    expect(faultReport(faults, 'i.yml')).toBe(
      'i.yml:3  a:         expected x, got y\ni.yml    long.path: expected x, got nothing',
    );
  });
});
