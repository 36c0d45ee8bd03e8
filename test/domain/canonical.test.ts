import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, digestOf } from '../../src/domain/canonical.ts';

/** The same value, its keys put in the opposite order at every depth. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, turned(inner)]),
  );
}

describe('canonical JSON', () => {
  it('does not depend on the order in which keys were set, at any depth', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(canonicalJson(turned(value))).toBe(canonicalJson(value));
        expect(digestOf(turned(value))).toBe(digestOf(value));
      }),
    );
  });

  it('keeps the order of lists, which means something', () => {
    expect(digestOf([1, 2])).not.toBe(digestOf([2, 1]));
  });

  it('is plain JSON that reads back as the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const once = JSON.stringify(value);
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(once));
      }),
    );
  });

  it('takes a field that is undefined for one that is not there', () => {
    expect(digestOf({ a: 1, b: undefined })).toBe(digestOf({ a: 1 }));
  });

  it('tells values apart that look alike', () => {
    const digests = [{ a: 1 }, { a: '1' }, { a: [1] }, { a: null }, {}, [], '', { 'a:1': '' }].map(
      digestOf,
    );
    expect(new Set(digests).size).toBe(digests.length);
  });

  it('gives 64 hex characters', () => {
    expect(digestOf('x')).toMatch(/^[0-9a-f]{64}$/);
  });
});
