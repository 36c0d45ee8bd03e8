import { describe, expect, it } from 'vitest';
import { blockProblems } from '../../../src/sandbox/slack/block-limits.ts';
import { charsOf } from '../../../src/slack/message-size.ts';
import { card } from '../../../src/slack/messages/card.ts';
import { buttonsOf, shown } from '../reading.ts';
import { cardContext, member, plan, record, web } from '../sample.ts';

describe('the card of a change that waits', () => {
  const waiting = card(cardContext(record('waiting', { command: { reason: 'kernel update' } })));
  const text = shown(waiting);

  it('says in the header what is asked for', () => {
    expect(waiting.blocks[0]).toMatchObject({
      type: 'header',
      text: { text: '⚑ Approval needed: Disable 192.168.100.78 in test.tianya.cn' },
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
    expect(read.indexOf('⚠ shop still sends')).toBeLessThan(read.indexOf('*What it does*'));
    expect(read).toContain('⚠ shop still sends clients to www78');
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

  it('gives its tables the room that is left, and says which pools had none', () => {
    const few = plan({ pool: many, members: ['web70'], balancers: ['ha-1', 'ha-2'] });
    const some = Array.from({ length: 8 }, (_, index) => `ha-${index}`);
    const rows = (of: typeof few) => {
      const message = card(cardContext(record('waiting', { over: { plan: of } })));
      expect(charsOf(message.blocks)).toBeLessThan(9000);
      return shown(message).match(/^. {2}web\d+ /gm)?.length ?? 0;
    };
    expect(rows(few)).toBe(32);
    expect(rows(plan({ pool: many, members: ['web70'], balancers: some }))).toBeGreaterThan(8);
    const twenty = Array.from({ length: 20 }, (_, index) => `ha-${index}`);
    const crowded = plan({ pool: many, members: ['web70'], balancers: twenty });
    rows(crowded);
    expect(shown(card(cardContext(record('waiting', { over: { plan: crowded } }))))).toMatch(
      /… and 1\d more pools not shown here\./,
    );
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
