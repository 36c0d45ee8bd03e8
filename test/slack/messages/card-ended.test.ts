import { describe, expect, it } from 'vitest';
import { card } from '../../../src/slack/messages/card.ts';
import { verdictOf } from '../../../src/slack/messages/outcome-part.ts';
import { shown } from '../reading.ts';
import { cardContext, outcome, plan, pool, record, requester, web } from '../sample.ts';

describe('the card of a change that ended', () => {
  it('says in the header how many balancers were verified', () => {
    const done = record('done', { over: { outcome: outcome(plan(), 'verified') } });
    expect(shown({ blocks: card(cardContext(done)).blocks.slice(0, 1) })).toBe(
      '✓ 192.168.100.78 is disabled in test.tianya.cn (2 of 2 balancers verified)',
    );
  });

  it('says of what expired whether nobody agreed, or its turn came too late after the approval', () => {
    const unwanted = shown(card(cardContext(record('expired'))));
    expect(unwanted).toContain('Nobody agreed in time. Nothing was changed');
    const message = 'It waited too long for its turn after the approval; nothing was changed.';
    const fault = { code: 'EXPIRED', message } as const;
    const late = shown(card(cardContext(record('expired', { over: { fault } }))));
    expect(late).toContain(message);
    expect(late).not.toContain('Nobody agreed');
  });

  it('counts a balancer as verified only when each of its members is', () => {
    const two = plan({ members: ['www78', 'www79'] });
    const results = outcome(two, ['verified', 'verified', 'verified', 'failed']);
    expect(verdictOf(two, results)).toMatchObject({ verified: 1, balancers: 2 });
  });

  it('shows before and after in one table per balancer', () => {
    const done = record('done', { over: { outcome: outcome(plan(), 'verified') } });
    const read = shown(card(cardContext(done)));
    expect(read.match(/^» {2}www78 .*enabled → disabled +100 +0 /gm)).toHaveLength(2);
    expect(read).toContain('✓ *ha-2* `www78` verified: disabled, weight 100');
    expect(read).toContain('Approved by <@U0LEAD>');
  });

  it('does not call a member served that does not serve yet', () => {
    const enable = plan({ verb: 'enable' });
    const late = outcome(enable, 'not serving yet');
    const done = record('done', {
      command: { verb: 'enable', members: ['www78', 'www79'] },
      over: { plan: enable, outcome: late },
    });
    expect(card(cardContext(done)).text).toContain(
      '◷ www78 and www79 are enabled in test.tianya.cn, but do not serve yet',
    );
  });

  it('says when nothing was sent because it was so already', () => {
    const same = record('done', { over: { outcome: outcome(plan(), 'already so') } });
    expect(card(cardContext(same)).text).toContain(
      '✓ 192.168.100.78 was disabled in test.tianya.cn already, nothing was sent',
    );
  });

  it('says of a half-done change what each device says', () => {
    const half = outcome(plan(), ['verified', 'failed'], {
      remarks: ['ha-2 was left changed: it could not be read again.'],
      after: [pool('ha-2', web)],
      fault: { code: 'TIMEOUT', message: 'Setting www78 on ha-1: no answer within 5 s.' },
    });
    const read = shown(card(cardContext(record('half-done', { over: { outcome: half } }))));
    expect(read).toContain('⚠ Half done: Disable 192.168.100.78 in test.tianya.cn');
    expect(read).toContain('✓ *ha-2* `www78` verified');
    expect(read).toContain('✗ *ha-1* `www78` failed');
    expect(read).toContain('*ha-1* · pool `test.tianya.cn`\nCould not be read afterwards.');
    expect(read).toContain('ha-2 was left changed: it could not be read again.');
    expect(read).toContain('no answer within 5 s.');
  });

  it('says of an unknown outcome what was sent to whom, and that the lane is closed', () => {
    const of = outcome(plan(), ['verified', 'unknown']);
    const read = shown(card(cardContext(record('unknown', { over: { outcome: of } }))));
    expect(read).toContain(
      '? *ha-1* `www78` unknown: sent, and the device does not say what it did',
    );
    expect(read).toContain('No other change starts on web.');
    expect(read).toContain('set server test.tianya.cn/www78 state maint');
    expect(read).toContain('read again and again');
  });

  it('says why it was refused, with the figures of the guard', () => {
    const refused = record('refused', {
      over: { fault: { code: 'GUARD', message: '2 of 5 would stay available; 3 are needed.' } },
    });
    const read = shown(card(cardContext(refused)));
    expect(read).toContain('Nothing was changed.');
    expect(read).toContain('*The guard refused.* 2 of 5 would stay available; 3 are needed.');
    expect(read).toContain('_Bring another member back first, or pick fewer members._');
  });

  it('says who denied and who cancelled', () => {
    const by = { over: { decidedBy: 'U0LEAD' } };
    expect(shown(card(cardContext(record('denied', by))))).toContain(
      'Denied by <@U0LEAD>. Nothing',
    );
    expect(shown(card(cardContext(record('cancelled', by))))).toContain('Cancelled by <@U0LEAD>.');
  });

  it('says of a shell user who asked, through whom', () => {
    const base = record('done');
    const typed = {
      ...base,
      request: {
        ...base.request,
        actor: { id: requester, via: 'shell' as const, shellUser: 'root<!here>' },
      },
    };
    expect(shown(card(cardContext(typed)))).toContain(
      'asked by <@U0OPS> from a shell (`root&lt;!here&gt;`)',
    );
  });
});
