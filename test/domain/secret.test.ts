import { format, inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { faultOf } from '../../src/domain/errors.ts';
import { Secret } from '../../src/domain/secret.ts';

const WORD = 'hunter2-hunter2';
const secret = new Secret(WORD);

describe('a secret', () => {
  it('is given back by reveal alone', () => {
    expect(secret.reveal()).toBe(WORD);
  });

  const ways: readonly [string, () => string][] = [
    ['inspect', () => inspect(secret)],
    ['inspect inside an object', () => inspect({ deep: { secret } }, { depth: 9 })],
    ['inspect of hidden fields', () => inspect(secret, { showHidden: true, customInspect: false })],
    ['format %s', () => format('%s', secret)],
    ['format %o', () => format('%o', secret)],
    ['format %j', () => format('%j', secret)],
    ['JSON', () => JSON.stringify({ secret, list: [secret] })],
    ['a template', () => `${secret}`],
    ['concatenation', () => `key=${String(secret)}`],
    ['joining', () => [secret].join()],
    ['its own fields', () => Object.entries(secret).flat().join() + Reflect.ownKeys(secret).join()],
    ['the message of an error', () => String(new Error(`bad key ${secret}`))],
    ['an error’s cause', () => inspect(new Error('bad key', { cause: secret }))],
    ['a fault', () => JSON.stringify(faultOf(secret))],
    ['a copy', () => JSON.stringify({ ...secret })],
    ['a clone', () => inspect(structuredClone(secret), { showHidden: true })],
  ];

  it.each(ways)('does not show in %s', (_way, print) => {
    expect(print()).not.toContain(WORD);
  });

  it('says that something was hidden', () => {
    expect(`${secret} ${inspect(secret)} ${JSON.stringify(secret)}`).toBe(
      '[secret] [secret] "[secret]"',
    );
  });
});
