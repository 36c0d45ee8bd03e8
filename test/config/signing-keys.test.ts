import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { readEnvironment, signingKeysOf } from '../../src/config/environment.ts';
import { faultReport } from '../../src/config/report.ts';
import { acceptedKeys } from '../../src/domain/signing-keys.ts';

const NEWEST = 'correct-horse-battery-staple-0123456789';
const OLDER = 'older-key-older-key-older-key-0123456789';
const OLDEST = 'oldest-key-oldest-key-oldest-key-01234567';

function keysOf(previous?: string) {
  const given = previous === undefined ? {} : { LB_SIGNING_KEY_PREVIOUS: previous };
  const result = readEnvironment({ LB_SIGNING_KEY: NEWEST, ...given }, ['LB_SIGNING_KEY']);
  if (!result.ok) throw new Error(faultReport(result.faults));
  return signingKeysOf(result.config);
}

describe('the signing keys', () => {
  it.each([
    [undefined, [NEWEST]],
    ['', [NEWEST]],
    [OLDER, [NEWEST, OLDER]],
    [`${OLDER}, ${OLDEST}`, [NEWEST, OLDER, OLDEST]],
  ])(
    'with %j before it, sign with the newest and accept those that it replaced',
    (previous, all) => {
      const keys = keysOf(previous);
      expect(keys.reveal()).toBe(NEWEST);
      expect(acceptedKeys(keys).map((key) => key.reveal())).toEqual(all);
    },
  );

  it.each(['short', `${OLDER},`, `${OLDER},short`])('refuse %j, and do not show it', (previous) => {
    const result = readEnvironment({ LB_SIGNING_KEY_PREVIOUS: previous }, []);
    const report = result.ok ? '' : faultReport(result.faults);
    expect(report).toContain(
      'LB_SIGNING_KEY_PREVIOUS: expected keys of at least 32 characters each',
    );
    expect(report).not.toContain(OLDER);
  });

  it('print none of them', () => {
    const keys = keysOf(OLDER);
    const printed = `${JSON.stringify(keys)}${inspect(keys, { depth: 9 })}${keys}`;
    expect(printed).not.toMatch(/horse|older/);
  });
});
