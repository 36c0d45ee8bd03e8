import { describe, expect, it } from 'vitest';
import { isDeviceName, isOwnName, nearestName } from '../../src/domain/names.ts';

describe('names', () => {
  it.each(['web-1', '192.168.100.78', 'a', 'srv_1:80', 'test.tianya.cn'])(
    'lets %s reach a device',
    (name) => {
      expect(isDeviceName(name)).toBe(true);
    },
  );

  it.each([
    '',
    'a b',
    'a;b',
    'a\nb',
    'web-1\n',
    '<<',
    'a/b',
    '-a',
    '.a',
    'é',
    'a\u0000',
    'a\u200Bb',
    'a'.repeat(201),
  ])('lets %j reach no device', (name) => {
    expect(isDeviceName(name)).toBe(false);
  });

  it('allows no colon in our own names, because queue names cannot hold one', () => {
    expect(isOwnName('ha-1')).toBe(true);
    expect(isOwnName('ha:1')).toBe(false);
    expect(isOwnName('__proto__')).toBe(false);
  });
});

describe('nearestName', () => {
  const names = ['disable', 'enable', 'status', 'pools'];

  it('finds a name two errors away, whatever the case', () => {
    expect(nearestName('DISALBE', names)).toBe('disable');
    expect(nearestName('enabel', names)).toBe('enable');
  });

  it('finds the only name that begins so', () => {
    expect(nearestName('stat', names)).toBe('status');
  });

  it('says nothing when several begin so, or none is near', () => {
    expect(nearestName('te', ['test-a', 'test-b'])).toBeUndefined();
    expect(nearestName('reboot', names)).toBeUndefined();
    expect(nearestName('', names)).toBeUndefined();
    expect(nearestName('x'.repeat(5000), names)).toBeUndefined();
  });
});
