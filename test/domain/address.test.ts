import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalAddress, memberText, parseMemberName } from '../../src/domain/address.ts';

describe('canonicalAddress', () => {
  it.each([
    ['192.168.100.78', '192.168.100.78'],
    ['0.0.0.0', '0.0.0.0'],
    ['255.255.255.255', '255.255.255.255'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:db8::1', '2001:db8::1'],
    ['::', '::'],
    ['::ffff:192.168.0.1', '::ffff:c0a8:1'],
  ])('spells %s as %s', (typed, canonical) => {
    expect(canonicalAddress(typed)).toBe(canonical);
  });

  it.each([
    '',
    'web-1',
    '1.2.3',
    '1.2.3.4.',
    '1.2.3.4.5',
    '256.1.1.1',
    '010.0.0.1',
    '0x7f.1',
    '2130706433',
    '1::2::3',
    'fe80::1%eth0',
    ':::',
    '10.0.0.1:80',
    '::1]/x[',
  ])('does not take %j for an address', (typed) => {
    expect(canonicalAddress(typed)).toBeUndefined();
  });

  it('leaves what it made as it is', () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        const once = canonicalAddress(address);
        expect(once).toBeDefined();
        expect(canonicalAddress(once ?? '')).toBe(once);
      }),
    );
  });
});

describe('parseMemberName', () => {
  it.each([
    ['web-1', { host: 'web-1' }],
    ['web-1:8080', { host: 'web-1', port: 8080 }],
    ['10.0.0.1', { host: '10.0.0.1' }],
    ['10.0.0.1:80', { host: '10.0.0.1', port: 80 }],
    ['2001:DB8::1', { host: '2001:db8::1' }],
    ['[2001:DB8::1]', { host: '2001:db8::1' }],
    ['[2001:DB8::1]:443', { host: '2001:db8::1', port: 443 }],
    ['2001:db8::1:80', { host: '2001:db8::1:80' }],
  ])('reads %s', (typed, expected) => {
    expect(parseMemberName(typed)).toEqual(expected);
  });

  it.each([
    '',
    ':80',
    'web-1:',
    'web-1:0',
    'web-1:65536',
    'web-1:080',
    'web-1:+80',
    'web-1:8e1',
    '[web-1]:80',
    '[10.0.0.1]:80',
    '[::1]x',
    '[::1]:',
    '[]',
  ])('refuses %j', (typed) => {
    expect(parseMemberName(typed)).toBeUndefined();
  });

  it.each(['web-1', 'web-1:80', '10.0.0.1:80', '2001:db8::1', '[2001:db8::1]:80'])(
    'is undone by memberText for %s',
    (typed) => {
      const name = parseMemberName(typed);
      expect(name && memberText(name)).toBe(typed);
    },
  );
});
