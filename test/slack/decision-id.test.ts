import { describe, expect, it } from 'vitest';
import {
  decisionAction,
  decisionBlockId,
  readDecisionAction,
  readDecisionBlockId,
} from '../../src/slack/decision-id.ts';

const digest = 'f5d9c1c95501'.padEnd(64, '0');

describe('the id under the buttons', () => {
  it('says which change, plan and revision they belong to', () => {
    const id = decisionBlockId('q7k2m9xt', digest, 12);
    expect(id).toBe('change.q7k2m9xt.f5d9c1c95501.12');
    expect(readDecisionBlockId(id)).toEqual({
      changeId: 'q7k2m9xt',
      digestPrefix: 'f5d9c1c95501',
      revision: 12,
    });
  });

  it.each([
    '',
    'change',
    'change.a.b.c',
    'change.a.f5d9.1.2',
    'change.a b.f5d9.1',
    'other.a.f5d9.1',
  ])('is not read from %j', (text) => {
    expect(readDecisionBlockId(text)).toBeUndefined();
  });

  it('has a verb of its own for each button', () => {
    for (const verb of ['approve', 'deny', 'cancel'] as const) {
      expect(readDecisionAction(decisionAction(verb))).toBe(verb);
    }
    expect(readDecisionAction('change.explode')).toBeUndefined();
  });
});
