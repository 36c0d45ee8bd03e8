import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  AUDIT_START,
  type AuditEntry,
  chainEntry,
  firstBreak,
  signHead,
} from '../../src/domain/audit.ts';
import { KEY, NOW } from '../fakes/samples.ts';

function chain(length: number): AuditEntry[] {
  const entries: AuditEntry[] = [];
  for (let sequence = 1; sequence <= length; sequence += 1) {
    entries.push(
      chainEntry(
        {
          kind: 'about-to',
          changeId: 'abcd2345',
          actor: 'U0OPERATE',
          detail: { n: sequence, fault: undefined },
        },
        { sequence, at: NOW + sequence, previous: entries.at(-1)?.hash ?? AUDIT_START },
      ),
    );
  }
  return entries;
}

const whole = chain(5);
const altered = (at: number, over: Partial<AuditEntry>) =>
  whole.map((entry, index) => (index === at ? { ...entry, ...over } : entry));

/** The entry as a forger would write it, who can hash but does not know the key. */
function rehashed(at: number, over: Partial<AuditEntry>): AuditEntry[] {
  return whole.map((entry, index) => {
    if (index !== at) return entry;
    const { hash: _old, sequence, at: time, previous, ...fact } = { ...entry, ...over };
    return chainEntry(fact, { sequence, at: time, previous });
  });
}

describe('the audit chain', () => {
  it('is whole as written, also after a way through JSON', () => {
    expect(firstBreak([])).toBeUndefined();
    expect(firstBreak(whole)).toBeUndefined();
    expect(firstBreak(JSON.parse(JSON.stringify(whole)) as AuditEntry[])).toBeUndefined();
  });

  const breaks: readonly [string, AuditEntry[], number, RegExp][] = [
    ['an altered actor', altered(2, { actor: 'U0SOMEONE' }), 3, /entry 3 was altered/],
    ['an altered detail', altered(1, { detail: { n: 9 } }), 2, /entry 2 was altered/],
    ['an altered kind', altered(0, { kind: 'denied' }), 1, /entry 1 was altered/],
    ['an altered time', altered(4, { at: 1 }), 5, /entry 5 was altered/],
    ['an alteration with a hash that fits', rehashed(2, { actor: 'U0X' }), 4, /does not follow/],
    ['the first entry removed', whole.slice(1), 1, /entry 1 is missing; 2 stands/],
    ['one removed from the middle', whole.toSpliced(2, 1), 3, /entry 3 is missing; 4 stands/],
    ['two swapped', whole.toSpliced(1, 2, ...whole.slice(1, 3).reverse()), 2, /2 is missing/],
    ['one said twice', whole.toSpliced(2, 0, ...whole.slice(1, 2)), 3, /3 is missing; 2 stands/],
    [
      'swapped with their numbers exchanged',
      whole.toSpliced(
        1,
        2,
        ...whole
          .slice(1, 3)
          .reverse()
          .map((entry, at) => ({ ...entry, sequence: at + 2 })),
      ),
      2,
      /entry 2 does not follow/,
    ],
  ];

  it.each(breaks)('shows %s', (_what, entries, sequence, reason) => {
    expect(firstBreak(entries)).toEqual({ sequence, reason: expect.stringMatching(reason) });
  });

  it('shows whatever single field of whatever entry was altered', () => {
    const fields: readonly (keyof AuditEntry)[] = [
      'kind',
      'changeId',
      'actor',
      'detail',
      'sequence',
      'at',
      'previous',
      'hash',
    ];
    fc.assert(
      fc.property(fc.nat(4), fc.constantFrom(...fields), fc.string(), (at, field, value) => {
        expect(firstBreak(altered(at, { [field]: value }))?.sequence).toBe(at + 1);
      }),
    );
  });

  it('does not show a cut tail by itself; the signed head does', () => {
    const cut = whole.slice(0, 3);
    expect(firstBreak(cut)).toBeUndefined();
    const head = (entries: AuditEntry[]) => {
      const last = entries.at(-1);
      return signHead(last?.hash ?? '', last?.sequence ?? 0, KEY);
    };
    expect(head(cut)).not.toBe(head(whole));
    expect(head(whole)).toBe(head(chain(5)));
  });
});
