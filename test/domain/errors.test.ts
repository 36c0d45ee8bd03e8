import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ERRORS, faultOf, OperationError } from '../../src/domain/errors.ts';

const root = resolve(import.meta.dirname, '../../src');
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.ts'),
);
const CODE = /\b(?:OperationError|fail|unexpected)\(\s*'([A-Z_]+)'|\bcode: '([A-Z][A-Z_]+)'/g;

describe('the table of errors', () => {
  it.each(Object.entries(ERRORS))('tells a person what %s is and what to do', (code, entry) => {
    expect(code).toMatch(/^[A-Z]+(_[A-Z]+)*$/);
    expect(entry.title).toMatch(/^[A-Z].*[^.]$/);
    expect(entry.next).toMatch(/^[A-Z].*\.$/s);
    expect(entry.retryable).toBeTypeOf('boolean');
  });

  it('has every code that the sources use', () => {
    const used = files.flatMap((name) =>
      [...readFileSync(join(root, name), 'utf8').matchAll(CODE)].map(
        (match) => [match[1] ?? match[2] ?? '', name] as const,
      ),
    );
    expect(used.length).toBeGreaterThan(50);
    expect(used.filter(([code]) => !(code in ERRORS))).toEqual([]);
  });

  it('has no code that nothing uses', () => {
    const text = files
      .filter((name) => name !== 'domain/errors.ts')
      .map((name) => readFileSync(join(root, name), 'utf8'))
      .join('\n');
    expect(Object.keys(ERRORS).filter((code) => !text.includes(`'${code}'`))).toEqual([]);
  });

  it('calls no write retryable that may have been executed', () => {
    expect(new OperationError('OUTCOME_UNKNOWN', 'x').retryable).toBe(false);
    expect(new OperationError('STORE_UNAVAILABLE', 'x').retryable).toBe(true);
  });
});

describe('a fault', () => {
  it('keeps the code and message of ours, and calls everything else INTERNAL', () => {
    expect(faultOf(new OperationError('GUARD', 'no'))).toEqual({ code: 'GUARD', message: 'no' });
    expect(faultOf(new TypeError('x is undefined'))).toEqual({
      code: 'INTERNAL',
      message: 'x is undefined',
    });
    expect(faultOf('just text')).toEqual({ code: 'INTERNAL', message: 'just text' });
    expect(faultOf(undefined)).toEqual({ code: 'INTERNAL', message: 'undefined' });
    expect(faultOf({ code: 'GUARD', message: 'not ours' }).code).toBe('INTERNAL');
  });

  it('keeps when asking again makes sense, and what caused it', () => {
    const cause = new Error('socket');
    const error = new OperationError('SLACK_UNAVAILABLE', 'x', { cause, retryAfterMs: 300 });
    expect(error).toMatchObject({ retryAfterMs: 300, cause, name: 'OperationError' });
  });
});
