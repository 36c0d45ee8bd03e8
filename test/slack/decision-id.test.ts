import { describe, expect, it } from 'vitest';
import {
  decisionAction,
  decisionBlockId,
  decisionValue,
  readDecisionAction,
  readDecisionBlockId,
  readDecisionValue,
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
    for (const verb of ['approve', 'deny', 'cancel', 'extend', 'acknowledge'] as const) {
      expect(readDecisionAction(decisionAction(verb))).toBe(verb);
    }
    expect(readDecisionAction('change.explode')).toBeUndefined();
  });

  it('carries the change, and with extend for how much longer', () => {
    expect(readDecisionValue('deny', decisionValue('deny', 'q7k2m9xt'))).toEqual({
      changeId: 'q7k2m9xt',
    });
    expect(readDecisionValue('extend', decisionValue('extend', 'q7k2m9xt'))).toEqual({
      changeId: 'q7k2m9xt',
      forMs: 30 * 60_000,
    });
  });

  it.each([
    ['extend', 'q7k2m9xt'],
    ['deny', 'q7k2m9xt.1800000'],
    ['extend', 'q7k2m9xt.1e9'],
    ['extend', 'q7k2m9xt.-1'],
    ['extend', 'q7k2m9xt.9999999999'],
    ['deny', 'a b'],
    ['deny', ''],
  ] as const)('is not read by %s from the value %j', (verb, value) => {
    expect(readDecisionValue(verb, value)).toBeUndefined();
  });
});
