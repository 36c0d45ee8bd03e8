import { describe, expect, it } from 'vitest';
import { parseCommand } from '../../src/commands/parse.ts';
import { site } from './site.ts';

const inventory = site();

describe('failover and failback', () => {
  it.each(['failover', 'failback'] as const)(
    '%s is of a pair, with a reason and in a hurry',
    (verb) => {
      expect(parseCommand(`${verb} edge`, inventory)).toEqual({
        kind: 'command',
        command: { verb, service: 'edge', members: ['edge'], ifPairFails: 'put back' },
      });
      expect(
        parseCommand(`${verb} edge break glass because lvs-1 smokes`, inventory),
      ).toMatchObject({
        command: { verb, breakGlass: true, reason: 'lvs-1 smokes' },
      });
    },
  );

  it.each([
    ['failover', 'The pair is missing.'],
    ['failover edg', 'Did you mean edge?'],
    ['failover shop', '"shop" is a service; a fail-over is of a pair.'],
    ['failover web', 'Pair web has no vrrp: no node of it stands in for another.'],
    ['failover lvs-1', 'Pairs with vrrp: edge.'],
    ['failover edge for 30m', 'does not go with failover'],
    ['failover edge on lvs-1', 'does not go with failover'],
    ['failover edge break glass', '"break glass" needs a reason'],
    ['failover edge; reboot', 'Unknown pair'],
  ])('%s is not run', (text, words) => {
    const parsed = parseCommand(text, inventory);
    expect(parsed.kind).toBe('usage');
    expect(parsed).toMatchObject({ text: expect.stringContaining(words) });
  });
});
