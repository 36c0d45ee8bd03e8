import { describe, expect, it } from 'vitest';
import type { ChangeRecord } from '../../../src/domain/change.ts';
import { blockProblems } from '../../../src/sandbox/slack/block-limits.ts';
import { card } from '../../../src/slack/messages/card.ts';
import { ending } from '../../../src/slack/messages/ending.ts';
import { decisionWords, freezeReceipt } from '../../../src/slack/messages/receipt.ts';
import { BOXED, changeAt } from '../over-time.ts';
import { buttonsOf, shown } from '../reading.ts';
import { approver, cardContext, noon, outcome, plan, record } from '../sample.ts';

const read = (of: ChangeRecord, over = {}) => {
  const message = card(cardContext(of, over));
  expect(blockProblems(message.blocks)).toEqual([]);
  return shown(message);
};

const vote = (by: string) => ({
  changeId: 'q7k2m9xt',
  digest: plan().digest,
  by,
  at: noon,
  mac: 'ef',
});

describe('a change that several people must approve', () => {
  it('says how many there are so far, and who', () => {
    const none = read(record('waiting'), { required: 2 });
    expect(none).toContain('*Waits for 2 approvals* by');
    expect(none).toContain('\n0 of 2 so far.');
    const one = read(record('waiting', { over: { votes: [vote('U0LEAD')] } }), { required: 2 });
    expect(one).toContain('\n1 of 2 so far: <@U0LEAD>.');
  });

  it('says nothing of the kind where one is enough', () => {
    expect(read(record('waiting'), { required: 1 })).not.toMatch(/of \d so far/);
  });

  it('names everybody who approved, and tells them all how it ended', () => {
    const base = record('done', { over: { outcome: outcome(plan(), 'verified') } });
    const { approval } = base;
    if (approval === undefined) throw new Error('The sample is not approved.');
    const done = { ...base, approval: { ...approval, votes: ['U0ONE', approver] } };
    expect(read(done)).toContain('Approved by <@U0ONE> and <@U0LEAD>,');
    expect(ending(cardContext(done)).text).toContain('<@U0OPS> <@U0ONE> <@U0LEAD> ✓');
  });

  it('answers a yes that is not the last one', () => {
    const reply = { kind: 'taken', changeId: 'q7k2m9xt', state: 'waiting' } as const;
    expect(decisionWords(reply, 'approve')).toContain('✓ Your approval counts, more are needed');
  });
});

describe('a change that broke the glass', () => {
  const base = record('done', {
    command: { breakGlass: true, reason: 'site is down' },
    over: { outcome: outcome(plan(), 'verified') },
  });
  const { approval } = base;
  if (approval === undefined) throw new Error('The sample is not approved.');
  const broken: ChangeRecord = {
    ...base,
    approval: { ...approval, kind: 'break glass', by: 'U0OPS', votes: [] },
  };
  const seen = { ...broken, acknowledged: { by: 'U0LEAD', at: noon } };

  it('says so in the header and to everybody, until somebody else has acknowledged it', () => {
    const text = read(broken);
    expect(text).toContain('⚠ BREAK GLASS · ✓ 192.168.100.78 is disabled');
    expect(text).toContain('⚠ *Break glass:* <@U0OPS> changed this without an approval.');
    expect(text).toContain('*Somebody else must acknowledge it.* <!subteam^S0LBAPPR> <@U0LEAD>');
    expect(text).toContain('Nobody approved it: <@U0OPS> broke the glass');
    const { buttons, blockId } = buttonsOf(card(cardContext(broken)));
    expect(buttons.map((each) => [each.action_id, each.value, each.style])).toEqual([
      ['change.acknowledge', 'q7k2m9xt', 'primary'],
    ]);
    expect(blockId).toMatch(/^change\.q7k2m9xt\./);
    expect(ending(cardContext(broken)).broadcast).toBe(true);
  });

  it('has no button any more when somebody has', () => {
    const text = read(seen);
    expect(text).toContain('Acknowledged by <@U0LEAD>');
    expect(text).not.toContain('must acknowledge');
    expect(text).toContain('BREAK GLASS');
    expect(buttonsOf(card(cardContext(seen))).buttons).toEqual([]);
    expect(ending(cardContext(seen)).broadcast).toBe(false);
  });

  it('can be acknowledged beside whatever else can be decided', () => {
    const hold = { until: noon, remindAt: noon, reminded: true };
    const holding = changeAt('holding', { stages: BOXED, stage: 1, over: { hold } });
    const both = { ...holding, approval: broken.approval } as ChangeRecord;
    expect(buttonsOf(card(cardContext(both))).buttons.map((each) => each.action_id)).toEqual([
      'change.extend',
      'change.cancel',
      'change.acknowledge',
    ]);
  });
});

describe('what to type by hand', () => {
  const byHand = ['echo "disable server b/s" | socat stdio /run/a.sock', '# wait', 'echo <&>'];

  it.each(['waiting', 'approved', 'running', 'unknown', 'failed', 'half-done'] as const)(
    'stands on the card of a change that is %s',
    (state) => {
      const text = read(record(state, { over: { outcome: outcome(plan(), 'failed') } }), {
        byHand,
      });
      expect(text).toContain(
        '*By hand, if the queue is away:*\n```\necho "disable server b/s" | socat stdio /run/a.sock\n# wait\necho &lt;&amp;&gt;\n```',
      );
    },
  );

  it('says where the rest is when it is too long', () => {
    const many = Array.from({ length: 100 }, () => byHand[0] ?? '');
    const text = read(record('waiting'), { byHand: many });
    expect(text).toMatch(/… and \d\d more lines; `lb plan --offline` prints them all\./);
  });

  it('is not mentioned where there is nothing to type', () => {
    expect(read(record('waiting'), { byHand: [] })).not.toContain('By hand');
  });
});

describe('the answer to freeze, extend and the like', () => {
  it('says what was taken, and lets nothing typed out', () => {
    expect(freezeReceipt({ kind: 'taken', text: 'Everything is frozen: <!here>' })).toBe(
      '✓ Everything is frozen: &lt;!here&gt;',
    );
    const fault = { code: 'NOT_ALLOWED', message: 'No role.' } as const;
    expect(freezeReceipt({ kind: 'refused', fault })).toContain('⊘ Not taken. *You may not');
  });

  it.each([
    ['extend', 'holding', '✓ Extended: change `a1b2`'],
    ['acknowledge', 'done', '✓ Acknowledged: change `a1b2`'],
    ['cancel', 'cancelled', '○ Cancelled: change `a1b2`'],
    ['cancel', 'done', '○ Ended as it is: change `a1b2`'],
  ] as const)('%s that leaves it %s: %s', (verb, state, words) => {
    expect(decisionWords({ kind: 'taken', changeId: 'a1b2', state }, verb)).toContain(words);
  });
});
