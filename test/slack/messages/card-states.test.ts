import { describe, expect, it } from 'vitest';
import type { ChangeState } from '../../../src/domain/change.ts';
import { blockProblems } from '../../../src/sandbox/slack/block-limits.ts';
import { charsOf } from '../../../src/slack/message-size.ts';
import { card } from '../../../src/slack/messages/card.ts';
import { buttonsOf, mrkdwnOf, shown } from '../reading.ts';
import { cardContext, member, outcome, plan, record } from '../sample.ts';

const STATES: readonly ChangeState[] = [
  'planning',
  'waiting',
  'approved',
  'running',
  'unknown',
  'draining',
  'holding',
  'done',
  'failed',
  'refused',
  'half-done',
  'denied',
  'cancelled',
  'expired',
];

describe('the card in every state', () => {
  const hostile = '<!channel> <@U0CEO> `code` ```fence``` *b* :ok: \u202e\u200b\u0000\n& "x"';
  const nasty = plan({
    pool: Array.from({ length: 100 }, (_, index) =>
      member(index === 78 ? hostile : `${index}${hostile}`, { sessions: index }),
    ),
    members: [hostile],
    balancers: Array.from({ length: 12 }, (_, index) => `${hostile}${index}`),
    over: {
      environment: hostile,
      service: hostile.repeat(20),
      stages: [
        { kind: 'write', purpose: 'change' },
        { kind: 'wait for idle', quietMs: 1, withinMs: 1, ifNotIdle: 'go on' },
        { kind: 'write', purpose: 'then' },
        { kind: 'hold', forMs: 1 },
        { kind: 'write', purpose: 'return' },
      ],
      orderNote: hostile.repeat(50),
      warnings: Array.from({ length: 40 }, () => ({ text: hostile.repeat(30), asks: true })),
    },
  });
  const nastyOutcome = outcome(nasty, ['verified', 'failed', 'unknown', 'put back'], {
    remarks: Array.from({ length: 40 }, () => hostile.repeat(30)),
    fault: { code: 'UNEXPECTED_REPLY', message: hostile.repeat(300) },
  });
  const resting = {
    stage: 1,
    idleWait: {
      since: 0,
      until: 1,
      sessions: 9,
      arrived: 9,
      totals: {},
      obstacle: hostile.repeat(100),
    },
    hold: { until: 1, remindAt: 1, reminded: false, obstacle: hostile.repeat(100) },
  };
  const command = {
    reason: hostile.repeat(100),
    members: [hostile, hostile.repeat(10)],
    on: hostile,
  };

  it.each(STATES)('%s has buttons only for what can be decided', (state) => {
    const message = card(
      cardContext(record(state, { over: { outcome: outcome(plan(), 'verified') } })),
    );
    const decidable = ['waiting', 'draining', 'holding'];
    expect(buttonsOf(message).buttons.length > 0).toBe(decidable.includes(state));
    expect(blockProblems(message.blocks)).toEqual([]);
  });

  it.each(STATES)('%s keeps the limits of Slack and lets nothing hostile out', (state) => {
    const planned = state === 'planning' ? {} : { plan: nasty, outcome: nastyOutcome, ...resting };
    const fault = { code: 'INTERNAL' as const, message: hostile.repeat(300) };
    const message = card(
      cardContext(record(state, { command, over: { ...planned, fault } }), {
        approvers: Array.from({ length: 60 }, (_, index) => `U0A${index}`),
        required: 5,
        byHand: Array.from({ length: 60 }, () => hostile.repeat(5)),
        maybeCopy: true,
      }),
    );
    expect(blockProblems(message.blocks)).toEqual([]);
    expect(message.blocks.length).toBeLessThan(50);
    expect(charsOf(message.blocks)).toBeLessThan(9600);
    expect(shown(message)).not.toContain('more parts of this card');
    expect(message.text.length).toBeLessThanOrEqual(4000);
    for (const block of message.blocks) {
      const mrkdwn = mrkdwnOf(block);
      expect(mrkdwn).not.toMatch(/<!channel|<@U0CEO/);
      expect(mrkdwn.split('```').length % 2).toBe(1);
      expect(JSON.stringify(block)).not.toMatch(/\\u0000|\u202e|\u200b/);
    }
    expect(message.text).not.toMatch(/<!channel|<@U0CEO|\u202e/);
  });

  it.each(STATES)('%s can be shown before there is a plan', (state) => {
    const { plan: _, ...rest } = record(state);
    expect(blockProblems(card(cardContext(rest)).blocks)).toEqual([]);
  });
});
