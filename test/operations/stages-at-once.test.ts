import { describe, expect, it } from 'vitest';
import type { ChangeCommand } from '../../src/domain/command.ts';
import { stagesFor } from '../../src/operations/stages.ts';
import { memberState, poolState } from '../fakes/samples.ts';
import { SERVICES } from './site.ts';

const [shop] = SERVICES;
const sticky = poolState('lvs-1', [memberState('w1')], { persistence: 'persistent 60' });
const lvs = { disablesAtOnce: true, totalsLagMs: 2_000 } as const;

function stages(command: Partial<ChangeCommand>, abilities: Parameters<typeof stagesFor>[3]) {
  if (shop === undefined) throw new Error('no service');
  const whole = {
    verb: 'disable',
    service: 'shop',
    members: ['w1'],
    ifPairFails: 'put back',
    ...command,
  } as const;
  return stagesFor(whole, shop, [sticky], abilities);
}

describe('the stages of a command where clients stick', () => {
  it('begin with a drain, unless disabling keeps them as a drain would', () => {
    expect(stages({}, [{}]).stages.map(({ kind }) => kind)).toEqual([
      'write',
      'wait for idle',
      'write',
    ]);
    expect(stages({}, [lvs]).stages).toEqual([{ kind: 'write', purpose: 'change' }]);
  });

  it('wait for two counts of a device that counts late', () => {
    const drain = { verb: 'drain', until: { afterwards: 'keep' } } as const;
    expect(stages(drain, [{}]).stages[1]).toMatchObject({ quietMs: 1_000 });
    expect(stages(drain, [lvs]).stages[1]).toMatchObject({ quietMs: 4_000 });
  });

  it('end with the member out of the table, where that is asked for', () => {
    const drain = { verb: 'drain', until: { afterwards: 'remove' } } as const;
    expect(stages(drain, [lvs]).writes).toEqual([
      { stage: 0, to: 'drained' },
      { stage: 2, to: 'removed' },
    ]);
  });
});
