import { describe, expect, it } from 'vitest';
import type { ChangeRecord } from '../../../src/domain/change.ts';
import { blockProblems } from '../../../src/sandbox/slack/block-limits.ts';
import { card } from '../../../src/slack/messages/card.ts';
import { headline } from '../../../src/slack/messages/headline.ts';
import { BOXED, changeAt, DRAIN_FIRST, staged, UNTIL_IDLE } from '../over-time.ts';
import { buttonsOf, shown } from '../reading.ts';
import { cardContext, noon, outcome, plan, record } from '../sample.ts';

const read = (of: ChangeRecord, over = {}) => {
  const message = card(cardContext(of, over));
  expect(blockProblems(message.blocks)).toEqual([]);
  return shown(message);
};
const buttonsIn = (of: ChangeRecord) =>
  buttonsOf(card(cardContext(of))).buttons.map((each) => [each.action_id, each.value]);

const wait = { since: noon, until: noon + 60_000, sessions: 3, arrived: 12, totals: {} };

describe('the card of a plan in several stages', () => {
  it('says what is sent now, what is waited for, and what follows', () => {
    const of = record('waiting', { over: { plan: staged(DRAIN_FIRST) } });
    const text = read(of);
    expect(text).toContain(
      [
        '*What will be sent, in this order*',
        '*1. Drain*',
        '```',
        '1. ha-2 · www78 · 192.168.100.78:80',
        '   to drained test.tianya.cn/www78',
        '2. ha-1 · www78 · 192.168.100.78:80',
        '   to drained test.tianya.cn/www78',
        '```',
        '*2. Wait until nobody uses it*: no session open and none begun for 30 s; at the latest after 1 min it goes on all the same',
        '*3. Disable*',
        '```',
        '3. ha-2 · www78 · 192.168.100.78:80',
        '   to disabled test.tianya.cn/www78',
      ].join('\n'),
    );
    expect(text).toContain(
      '1640 sessions so far came by cookie: those clients still arrive while it drains; who is left then is moved',
    );
  });

  it('says of a time box when it ends and what must be so then', () => {
    const text = read(record('waiting', { over: { plan: staged(BOXED) } }));
    expect(text).toContain('*2. Keep it for 30 min*: then our own check must reach it, else');
    expect(text).toContain('*3. Come back as before*\n```\n3. ha-2');
  });

  it('passes over a write that has nothing to do', () => {
    const drained = staged(DRAIN_FIRST);
    const steps = drained.steps.filter((step) => step.stage > 0);
    const text = read(record('waiting', { over: { plan: { ...drained, steps } } }));
    expect(text).toContain('*1. Wait until nobody uses it*');
    expect(text).toContain('*2. Disable*');
    expect(text).not.toContain('*1. Drain*');
  });

  it('says what a disable at once costs where clients stick', () => {
    const text = read(record('waiting', { command: { now: true } }));
    expect(text).toContain('⚑ Approval needed: Disable 192.168.100.78 in test.tianya.cn now');
    expect(text).toContain('24 sessions are open on it now');
    expect(text).toContain('those clients are moved to other members');
    expect(text).toContain('nobody is waited for: without `now` it would be drained first');
  });

  it('says of a drain who keeps arriving', () => {
    const of = record('waiting', {
      command: { verb: 'drain', until: Object.fromEntries([['afterwards', 'disable']]) as never },
      over: { plan: staged(UNTIL_IDLE, 'drain') },
    });
    const text = read(of);
    expect(text).toContain('Drain 192.168.100.78 in test.tianya.cn until idle, then disable');
    expect(text).toContain('keep arriving, everybody else goes elsewhere');
    expect(text).toContain('at the latest after 10 min it stays drained and says so');
    expect(text).toContain('*3. Disable*');
  });

  it('shows a weight before and after', () => {
    const weight = { unit: 'percent', value: 50 } as const;
    const of = record('waiting', {
      command: { verb: 'weight', weight, forMs: 1_800_000 },
      over: { plan: staged(BOXED, 'weight') },
    });
    const text = read(of);
    expect(text).toContain('Set weight 50% of 192.168.100.78 in test.tianya.cn for 30 min');
    expect(text).toContain('• Weight: www78 100 → 50 (ha-2 and ha-1)');
    expect(text).not.toContain('• Connections');
  });
});

describe('the card of a change at rest', () => {
  it('says who is still there, since when it is quiet, until when it waits, what comes next', () => {
    const quietSince = noon - 8000;
    const of = changeAt('draining', {
      stages: DRAIN_FIRST,
      stage: 1,
      over: { idleWait: { ...wait, quietSince }, updatedAt: noon + 4000 },
    });
    const text = read(of);
    expect(text).toContain('◷ Draining: Disable 192.168.100.78 in test.tianya.cn');
    expect(text).toContain(
      '*Waiting until nobody uses it:* 3 sessions open, 12 arrived since (clients that stick to it); quiet for 12 s of 30 s.',
    );
    expect(text).toMatch(
      /at the latest until <!date\^1795150860\^.*: then it goes on all the same/,
    );
    expect(text).toContain('*Next:* Disable.');
    expect(text).toContain('✓ *ha-2* `www78` verified: drained, weight 100');
    expect(text).not.toContain('not touched');
    expect(text).toContain('Approved by <@U0LEAD>');
    expect(buttonsIn(of)).toEqual([['change.cancel', 'q7k2m9xt']]);
    const [cancel] = buttonsOf(card(cardContext(of))).buttons;
    expect(cancel?.confirm?.text.text).toBe('www78 stays drained until somebody changes it.');
  });

  it.each<[object, string]>([
    [{}, 'not quiet yet'],
    [{ quietSince: 0 }, 'quiet for 30 s of 30 s'],
    [
      { obstacle: 'ha-1: no answer <!here>' },
      '⚠ Held up, tried again and again: ha-1: no answer &lt;!here&gt;',
    ],
  ])('says with %j: %s', (more, words) => {
    const idleWait = { ...wait, ...more };
    expect(
      read(changeAt('draining', { stages: DRAIN_FIRST, stage: 1, over: { idleWait } })),
    ).toContain(words);
  });

  it('says that a drain without an end stays so', () => {
    const of = changeAt('draining', {
      stages: UNTIL_IDLE.slice(0, 2),
      stage: 1,
      command: { verb: 'drain' },
      over: { idleWait: wait },
    });
    const text = read(of);
    expect(text).toContain('if somebody is there then, it stays drained and that is said here.');
    expect(text).toContain('Afterwards it stays drained.');
  });

  it('says of a time box when it comes back, and lets it be extended or ended', () => {
    const of = changeAt('holding', {
      stages: BOXED,
      stage: 1,
      command: { forMs: 1_800_000 },
      over: { hold: { until: noon + 1_800_000, remindAt: noon, reminded: false } },
    });
    const text = read(of);
    expect(text).toContain(
      '✓ 192.168.100.78 is disabled in test.tianya.cn (2 of 2 balancers verified), comes back by itself',
    );
    expect(text).toMatch(/\*Comes back by itself\* <!date\^1795152600\^.*, once our own check/);
    expect(text).toMatch(/^» {2}www78 .*enabled → disabled/m);
    expect(buttonsIn(of)).toEqual([
      ['change.extend', 'q7k2m9xt.1800000'],
      ['change.cancel', 'q7k2m9xt'],
    ]);
    expect(buttonsOf(card(cardContext(of))).buttons[0]?.text.text).toBe('Extend 30 min');
  });

  it('says what keeps a time box from coming back', () => {
    const hold = { until: noon, remindAt: noon, reminded: true, obstacle: 'Everything is frozen' };
    const text = read(changeAt('holding', { stages: BOXED, stage: 1, over: { hold } }));
    expect(text).toContain('⚠ Held up, tried again and again: Everything is frozen');
  });
});

describe('the headline of a change in stages', () => {
  const boxed = { forMs: 1_800_000 };
  it.each<[string, ChangeRecord]>([
    ['▶ Running: Disable', changeAt('running', { stages: BOXED, stage: 0, command: boxed })],
    ['▶ About to come back: Disable', changeAt('approved', { stages: BOXED, stage: 2 })],
    ['▶ Coming back: Disable', changeAt('running', { stages: BOXED, stage: 2 })],
    ['▶ About to go on: Disable', changeAt('approved', { stages: DRAIN_FIRST, stage: 2 })],
    ['is back as before in', changeAt('done', { stages: BOXED, stage: 2 })],
    ['is disabled in', changeAt('done', { stages: DRAIN_FIRST, stage: 2 })],
    ['is drained in', changeAt('done', { stages: DRAIN_FIRST, stage: 1 })],
    ['is disabled in', changeAt('done', { stages: BOXED, stage: 1 })],
    [
      'has weight 50% in test.tianya.cn (2 of 2',
      changeAt('done', {
        stages: BOXED,
        stage: 1,
        command: { verb: 'weight', weight: { unit: 'percent', value: 50 } },
      }),
    ],
  ])('says %s', (words, of) => {
    expect(headline(of)).toContain(words);
  });

  it('counts only what was due: a return to come is not unverified', () => {
    expect(headline(changeAt('done', { stages: BOXED, stage: 1 }))).toContain('(2 of 2 balancers');
    expect(headline(changeAt('done', { stages: BOXED, stage: 2 }))).toContain('(0 of 2 balancers');
  });

  it('says that a weight was so already', () => {
    const same = record('done', {
      command: { verb: 'weight', weight: { unit: 'absolute', value: 7 } },
      over: { plan: plan({ verb: 'weight' }), outcome: outcome(plan(), 'already so') },
    });
    expect(headline(same)).toBe(
      '✓ 192.168.100.78 had weight 7 in test.tianya.cn already, nothing was sent',
    );
  });
});
