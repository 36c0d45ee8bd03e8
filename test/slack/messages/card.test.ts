import type { KnownBlock } from '@slack/types';
import { describe, expect, it } from 'vitest';
import type { ChangeState } from '../../../src/domain/change.ts';
import { blockProblems } from '../../../src/sandbox/slack/block-limits.ts';
import { type CardMessage, card } from '../../../src/slack/messages/card.ts';
import { cardContext, member, outcome, plan, pool, record, requester, web } from '../sample.ts';

const STATES: readonly ChangeState[] = [
  'planning',
  'waiting',
  'approved',
  'running',
  'unknown',
  'done',
  'failed',
  'refused',
  'half-done',
  'denied',
  'cancelled',
  'expired',
];

/** All that a reader sees, one block per line group. */
function shown(message: Pick<CardMessage, 'blocks'>): string {
  return message.blocks.map(textOf).join('\n');
}

function textOf(block: KnownBlock): string {
  if (block.type === 'header') return block.text.text;
  if (block.type === 'section') return block.text?.text ?? '';
  if (block.type === 'context') {
    return block.elements.map((each) => ('text' in each ? each.text : '')).join('\n');
  }
  return '';
}

function buttonsOf(message: CardMessage) {
  const block = message.blocks.find((each) => each.type === 'actions');
  const elements = block?.elements.filter((each) => each.type === 'button') ?? [];
  return { blockId: block?.block_id, buttons: elements };
}

describe('the card of a change that waits', () => {
  const waiting = card(cardContext(record('waiting', { command: { reason: 'kernel update' } })));
  const text = shown(waiting);

  it('says in the header what is asked for', () => {
    expect(waiting.blocks[0]).toMatchObject({
      type: 'header',
      text: { text: '✋ Approval needed: Disable 192.168.100.78 in test.tianya.cn' },
    });
  });

  it('names who asked, where, why, and who must agree until when', () => {
    expect(text).toContain('*production* · asked by <@U0OPS>');
    expect(text).toContain('Reason: kernel update');
    expect(text).toContain(
      '*Waits for approval* by <!subteam^S0LBAPPR> or <@U0LEAD> until <!date^1795151700^',
    );
    expect(text).toContain('Whoever asked cannot approve it.');
  });

  it('mentions each approver once', () => {
    expect(text.split('<!subteam^S0LBAPPR>')).toHaveLength(2);
    expect(waiting.text).not.toContain('S0LBAPPR');
  });

  it('shows the exact device words in order, each with its balancer', () => {
    expect(text).toContain(
      [
        '1. ha-2 · www78 · 192.168.100.78:80',
        '   set server test.tianya.cn/www78 state maint',
        '2. ha-1 · www78 · 192.168.100.78:80',
        '   set server test.tianya.cn/www78 state maint',
      ].join('\n'),
    );
  });

  it('shows the pool on every balancer as it is now, the target marked', () => {
    expect(text).toContain(
      [
        '*ha-1* · pool `test.tianya.cn` · port 80',
        '```',
        '   member  address         state    weight  sessions  by cookie',
        '   www75   192.168.100.75  enabled     100        12       82 %',
      ].join('\n'),
    );
    expect(text.match(/^» {2}www78/gm)).toHaveLength(2);
  });

  it('says what becomes of capacity, connections and the pair', () => {
    expect(text).toContain(
      '• Capacity: 4 of 5 stay available, at least 3 needed, 80% of the weight stays (ha-2 and ha-1)',
    );
    expect(text).toContain('• Connections: 24 sessions are open on it now');
    expect(text).toContain(
      '• Connections: 1640 sessions so far came by cookie: those clients are moved to other members',
    );
    expect(text).toContain(
      '• If the pair fails: put back. ha-2 gets its old state again when ha-1',
    );
  });

  it('carries id, digest and revision with its buttons', () => {
    const { blockId, buttons } = buttonsOf(waiting);
    expect(blockId).toBe(`change.q7k2m9xt.${plan().digest.slice(0, 12)}.3`);
    expect(text).toContain(`change \`q7k2m9xt\` · plan \`${plan().digest.slice(0, 4)}\``);
    expect(buttons.map((each) => [each.action_id, each.text.text, each.style, each.value])).toEqual(
      [
        ['change.approve', 'Approve', 'primary', 'q7k2m9xt'],
        ['change.deny', 'Deny', undefined, 'q7k2m9xt'],
        ['change.cancel', 'Cancel', undefined, 'q7k2m9xt'],
      ],
    );
    expect(buttons[0]?.confirm?.text.text).toContain('ha-2 and ha-1. 4 of 5 stay available');
    expect(buttons[1]?.confirm).toBeUndefined();
  });

  it('can be found again by its id, which is all the metadata it has', () => {
    expect(waiting.metadata).toEqual({
      event_type: 'lb_change',
      event_payload: { id: 'q7k2m9xt' },
    });
  });

  it('asks for a confirmation where an operator is enough', () => {
    const asked = card(
      cardContext(record('waiting', { over: { asks: 'operator' } }), { approvers: [] }),
    );
    expect(buttonsOf(asked).buttons[0]?.text.text).toBe('Confirm');
    expect(shown(asked)).toContain('*Waits for a confirmation* by anybody with the operator role');
    expect(shown(asked)).toContain('Whoever asked may confirm it, too.');
  });

  it('says that it may be a copy only when it may be one', () => {
    expect(text).not.toContain('may be a copy');
    expect(shown(card(cardContext(record('waiting'), { maybeCopy: true })))).toContain(
      'may be a copy',
    );
  });

  it('warns above everything else', () => {
    const warned = plan({
      over: { warnings: [{ text: 'shop still sends clients to www78', asks: false }] },
    });
    const read = shown(card(cardContext(record('waiting', { over: { plan: warned } }))));
    expect(read.indexOf('⚠️ shop still sends')).toBeLessThan(read.indexOf('*What it does*'));
    expect(read).toContain('⚠️ shop still sends clients to www78');
  });

  it('says what an enable brings, and nothing about connections', () => {
    const enable = plan({ verb: 'enable' });
    const read = shown(
      card(cardContext(record('waiting', { command: { verb: 'enable' }, over: { plan: enable } }))),
    );
    expect(read).toContain('• Capacity: 5 of 5 will be available, 4 are now');
    expect(read).not.toContain('Connections');
  });

  it('leaves the pair and the cookies out where there are none', () => {
    const plain = web.map(({ stickyTotal: _, ...rest }) => rest);
    const single = plan({ balancers: ['ha-1'], pool: plain });
    const read = shown(card(cardContext(record('waiting', { over: { plan: single } }))));
    expect(read).not.toContain('pair');
    expect(read).not.toContain('cookie');
  });
});

describe('a long pool', () => {
  const many = Array.from({ length: 100 }, (_, index) =>
    member(`web${index}`, index === 50 ? { admin: 'disabled', health: 'suspended' } : {}),
  );

  it('shows the target and whoever is out, and counts the rest honestly', () => {
    const of = plan({ pool: many, members: ['web70'], balancers: ['ha-1'] });
    const read = shown(card(cardContext(record('waiting', { over: { plan: of } }))));
    expect(read).toMatch(/^» {2}web70 /m);
    expect(read).toMatch(/^ {3}web50 .*disabled/m);
    expect(read).toContain('… and 84 more members, all enabled');
  });

  it('says how many of the members it leaves out are changed, too', () => {
    const names = many.map((each) => each.name);
    const of = plan({ pool: many, members: names, balancers: ['ha-1'] });
    const read = shown(card(cardContext(record('waiting', { over: { plan: of } }))));
    expect(read).toContain('(84 members of these are changed by this, too)');
  });

  it('says that an approval covers commands which are too long to show', () => {
    const names = many.map((each) => each.name);
    const of = plan({ pool: many, members: names, balancers: ['ha-1', 'ha-2'] });
    const message = card(cardContext(record('waiting', { over: { plan: of } })));
    expect(shown(message)).toMatch(
      /… and \d+ more lines of this kind, .* An approval covers them, too\./,
    );
    expect(blockProblems(message.blocks)).toEqual([]);
  });
});

describe('the card of a change that ended', () => {
  it('says in the header how many balancers were verified', () => {
    const done = record('done', { over: { outcome: outcome(plan(), 'verified') } });
    expect(textOf(card(cardContext(done)).blocks[0] as KnownBlock)).toBe(
      '✅ 192.168.100.78 is disabled in test.tianya.cn (2 of 2 balancers verified)',
    );
  });

  it('shows before and after in one table per balancer', () => {
    const done = record('done', { over: { outcome: outcome(plan(), 'verified') } });
    const read = shown(card(cardContext(done)));
    expect(read.match(/^» {2}www78 .*enabled → disabled +100 +0 /gm)).toHaveLength(2);
    expect(read).toContain('✅ *ha-2* `www78` verified: disabled, weight 100');
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
      '⏳ www78 and www79 are enabled in test.tianya.cn, but do not serve yet',
    );
  });

  it('says when nothing was sent because it was so already', () => {
    const same = record('done', { over: { outcome: outcome(plan(), 'already so') } });
    expect(card(cardContext(same)).text).toContain(
      '✅ 192.168.100.78 was disabled in test.tianya.cn already, nothing was sent',
    );
  });

  it('says of a half-done change what each device says', () => {
    const half = outcome(plan(), ['verified', 'failed'], {
      remarks: ['ha-2 was left changed: it could not be read again.'],
      after: [pool('ha-2', web)],
      fault: { code: 'TIMEOUT', message: 'Setting www78 on ha-1: no answer within 5 s.' },
    });
    const read = shown(card(cardContext(record('half-done', { over: { outcome: half } }))));
    expect(read).toContain('⚠️ Half done: Disable 192.168.100.78 in test.tianya.cn');
    expect(read).toContain('✅ *ha-2* `www78` verified');
    expect(read).toContain('❌ *ha-1* `www78` failed');
    expect(read).toContain('*ha-1* · pool `test.tianya.cn`\nCould not be read afterwards.');
    expect(read).toContain('ha-2 was left changed: it could not be read again.');
    expect(read).toContain('no answer within 5 s.');
  });

  it('says of an unknown outcome what was sent to whom, and that the lane is closed', () => {
    const of = outcome(plan(), ['verified', 'unknown']);
    const read = shown(card(cardContext(record('unknown', { over: { outcome: of } }))));
    expect(read).toContain(
      '❓ *ha-1* `www78` unknown: sent, and the device does not say what it did',
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
      orderNote: hostile.repeat(50),
      warnings: Array.from({ length: 40 }, () => ({ text: hostile.repeat(30), asks: true })),
    },
  });
  const nastyOutcome = outcome(nasty, ['verified', 'failed', 'unknown', 'put back'], {
    remarks: Array.from({ length: 40 }, () => hostile.repeat(30)),
    fault: { code: 'UNEXPECTED_REPLY', message: hostile.repeat(300) },
  });
  const command = {
    reason: hostile.repeat(100),
    members: [hostile, hostile.repeat(10)],
    on: hostile,
  };

  it.each(STATES)('%s has buttons only while it waits', (state) => {
    const message = card(
      cardContext(record(state, { over: { outcome: outcome(plan(), 'verified') } })),
    );
    expect(buttonsOf(message).buttons.length > 0).toBe(state === 'waiting');
    expect(blockProblems(message.blocks)).toEqual([]);
  });

  it.each(STATES)('%s keeps the limits of Slack and lets nothing hostile out', (state) => {
    const planned = state === 'planning' ? {} : { plan: nasty, outcome: nastyOutcome };
    const fault = { code: 'INTERNAL' as const, message: hostile.repeat(300) };
    const message = card(
      cardContext(record(state, { command, over: { ...planned, fault } }), {
        approvers: Array.from({ length: 60 }, (_, index) => `U0A${index}`),
        maybeCopy: true,
      }),
    );
    expect(blockProblems(message.blocks)).toEqual([]);
    expect(message.blocks.length).toBeLessThan(50);
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

/** The parts of a block in which Slack would find mentions. */
function mrkdwnOf(block: KnownBlock): string {
  const found: string[] = [];
  JSON.stringify(block, (_key, value: unknown) => {
    if (typeof value === 'object' && value !== null && Reflect.get(value, 'type') === 'mrkdwn') {
      found.push(String(Reflect.get(value, 'text')));
    }
    return value;
  });
  return found.join('\n');
}
