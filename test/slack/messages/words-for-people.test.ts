import { describe, expect, it } from 'vitest';
import type { ChangeCommand } from '../../../src/domain/command.ts';
import { ending } from '../../../src/slack/messages/ending.ts';
import { faultWords } from '../../../src/slack/messages/fault.ts';
import {
  changeReceipt,
  decisionWords,
  plainLines,
  plainWords,
  questionReceipt,
  usageWords,
} from '../../../src/slack/messages/receipt.ts';
import { cardContext, outcome, plan, record } from '../sample.ts';

const command: ChangeCommand = {
  verb: 'disable',
  service: 'test.tianya.cn',
  members: ['192.168.100.78'],
  ifPairFails: 'put back',
};

describe('a receipt', () => {
  it('says what is planned, under which id, and where the card appears', () => {
    expect(
      changeReceipt({ kind: 'accepted', id: 'q7k2m9xt', channel: 'C0OPS', again: false }, command),
    ).toBe(
      '◷ Planning: disable 192.168.100.78 in test.tianya.cn. Change `q7k2m9xt`; the card appears in <#C0OPS>.',
    );
  });

  it('says that a repeated delivery is the same change', () => {
    expect(changeReceipt({ kind: 'accepted', id: 'a', again: true }, command)).toContain(
      'This command was taken before; it is one change.',
    );
  });

  it('says of a refusal that nothing was changed, why, and what to do', () => {
    const fault = { code: 'STORE_UNAVAILABLE', message: 'Queueing: Redis is away.' } as const;
    expect(changeReceipt({ kind: 'refused', fault }, command)).toBe(
      '⊘ Nothing was changed. *Redis did not answer.* Queueing: Redis is away.\n_Nothing is written without it; try again when it is back._',
    );
  });

  it('does not claim to know what it does not know', () => {
    const words = changeReceipt({ kind: 'unknown', id: 'q7k2m9xt' }, command);
    expect(words).toContain('not known yet');
    expect(words).toContain('`q7k2m9xt`; you will be told');
    expect(words).not.toContain('Nothing was changed');
    expect(questionReceipt({ kind: 'unknown', id: 'x' }, { verb: 'pools' })).toContain(
      'not known yet',
    );
  });

  it('lets nothing typed out as a mention', () => {
    const typed = { ...command, members: ['<!channel>'], service: '<@U0CEO>' };
    const words = changeReceipt({ kind: 'accepted', id: '<!here>', again: false }, typed);
    expect(words).not.toMatch(/<[!@]/);
  });
});

describe('usage and help', () => {
  it('say the fault as a sentence and keep the usage in columns', () => {
    expect(usageWords('Unknown verb "disabel".\nUsage: /lb <verb>\n  a  b')).toBe(
      '⊘ Nothing was changed. Unknown verb "disabel".\n```\nUsage: /lb &lt;verb&gt;\n  a  b\n```',
    );
    expect(usageWords('One line <!here>')).toBe('⊘ Nothing was changed. One line &lt;!here&gt;');
  });

  it('stay below what Slack takes, and say what is missing', () => {
    const words = plainLines('x'.repeat(80).concat('\n').repeat(200));
    expect(words.length).toBeLessThanOrEqual(4000);
    expect(words).toMatch(/```\n… and \d+ more lines$/);
    expect(plainWords('<@U1>\nsecond')).toBe('&lt;@U1&gt;\nsecond');
  });
});

describe('the answer to a decision', () => {
  it('says what was taken', () => {
    expect(
      decisionWords({ kind: 'taken', changeId: 'q7k2m9xt', state: 'approved' }, 'approve'),
    ).toBe('✓ Approved: change `q7k2m9xt`. The card shows how it goes on.');
    expect(
      decisionWords({ kind: 'taken', changeId: 'q7k2m9xt', state: 'denied' }, 'deny'),
    ).toContain('⊘ Denied');
  });

  it('says why it was not taken', () => {
    const fault = { code: 'NOT_ALLOWED', message: 'You asked for it yourself.' } as const;
    expect(decisionWords({ kind: 'refused', fault }, 'approve')).toContain(
      'not taken. *You may not do this.* You asked for it yourself.',
    );
  });
});

describe('the closing word', () => {
  const done = record('done', { over: { outcome: outcome(plan(), 'verified') } });

  it('mentions who asked and who approved, each once', () => {
    expect(ending(cardContext(done)).text).toBe(
      '<@U0OPS> <@U0LEAD> ✓ 192.168.100.78 is disabled in test.tianya.cn (2 of 2 balancers verified)',
    );
    const own = { ...done, approval: { ...done.approval, by: 'U0OPS' } } as typeof done;
    expect(ending(cardContext(own)).text.split('<@U0OPS>')).toHaveLength(2);
    const nobody = {
      ...done,
      approval: { ...done.approval, by: 'nobody needed', votes: [] },
    } as typeof done;
    expect(ending(cardContext(nobody)).text).toMatch(/^<@U0OPS> ✓/);
  });

  it('is for the whole channel only when the balancers are not as they should be', () => {
    expect(ending(cardContext(done)).broadcast).toBe(false);
    expect(ending(cardContext(record('denied'))).broadcast).toBe(false);
    expect(ending(cardContext(record('failed'))).broadcast).toBe(true);
    expect(ending(cardContext(record('half-done'))).broadcast).toBe(true);
  });

  it('carries the fault, and the id by which it is found again', () => {
    const fault = { code: 'STALE', message: 'www78 is no longer enabled.' } as const;
    const message = ending(cardContext(record('refused', { over: { fault } })));
    expect(message.text).toContain(faultWords(fault));
    expect(message.metadata).toEqual({
      event_type: 'lb_change_ending',
      event_payload: { id: 'q7k2m9xt' },
    });
  });
});
