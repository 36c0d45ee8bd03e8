import { describe, expect, it } from 'vitest';
import type { Home, OutMember } from '../../../src/domain/home.ts';
import { blockProblems } from '../../../src/sandbox/slack/block-limits.ts';
import { homeView } from '../../../src/slack/messages/home.ts';
import { mrkdwnOf, shown } from '../reading.ts';
import { noon, plan, record } from '../sample.ts';

type Page = Extract<Home, { kind: 'home' }>;

function home(over: Partial<Page> = {}): Page {
  return {
    kind: 'home',
    userId: 'U0LEAD',
    at: noon,
    approvals: [],
    mine: [],
    out: [],
    devices: [],
    faults: [],
    ...over,
  };
}

const out = (over: Partial<OutMember> = {}): OutMember => ({
  service: 'test.tianya.cn',
  environment: 'production',
  balancer: 'ha-1',
  pool: 'test.tianya.cn',
  member: 'www78',
  want: { admin: 'disabled', weight: 100 },
  restore: { admin: 'enabled', weight: 100 },
  changeId: 'q7k2m9xt',
  actor: 'U0OPS',
  approver: 'U0LEAD',
  at: noon - 3_600_000,
  ...over,
});

const waiting = (id: string) => ({ ...record('waiting'), id });

function buttons(view: ReturnType<typeof homeView>) {
  return view.blocks.flatMap((block) =>
    block.type === 'actions'
      ? [
          {
            block: block.block_id,
            buttons: block.elements.flatMap((each) => ('action_id' in each ? each.action_id : [])),
          },
        ]
      : [],
  );
}

describe('the Home tab', () => {
  it('of somebody for whom there is nothing says so in each part', () => {
    const read = shown(homeView(home()));
    expect(read).toContain('Nothing waits for your approval.');
    expect(read).toContain('The bot keeps no member out.');
    expect(read).not.toContain('You asked');
  });

  it('shows what waits with its exact commands, and the buttons of the card', () => {
    const view = homeView(home({ approvals: [waiting('aaaa2222')] }));
    const read = shown(view);
    expect(read).toContain('*Disable 192.168.100.78 in test.tianya.cn* · production');
    expect(read).toContain('asked by <@U0OPS>');
    expect(read).toContain('set server test.tianya.cn/www78 state maint');
    expect(read).toContain('Capacity: 4 of 5 stay available');
    const digest = plan().digest.slice(0, 12);
    expect(buttons(view)).toEqual([
      { block: `change.aaaa2222.${digest}.3`, buttons: ['change.approve', 'change.deny'] },
    ]);
  });

  it('lets whoever asked cancel, and nothing else', () => {
    const view = homeView(home({ userId: 'U0OPS', mine: [waiting('aaaa2222')] }));
    expect(shown(view)).toContain('You asked, others decide');
    expect(buttons(view).map((each) => each.buttons)).toEqual([['change.cancel']]);
  });

  it('lets whoever asked and may confirm do both', () => {
    const own = { ...waiting('aaaa2222'), asks: 'operator' as const };
    const view = homeView(home({ userId: 'U0OPS', approvals: [own] }));
    expect(buttons(view).map((each) => each.buttons)).toEqual([
      ['change.approve', 'change.deny', 'change.cancel'],
    ]);
  });

  it('shows who is out, where, since when, by whom, and how long it still takes', () => {
    const read = shown(
      homeView(
        home({
          out: [
            out(),
            out({ balancer: 'ha-2' }),
            out({
              member: 'www79',
              changeId: 'bbbb2222',
              want: { admin: 'enabled', weight: 50 },
              until: noon + 18 * 60_000,
            }),
            out({
              member: 'www80',
              changeId: 'cccc2222',
              until: noon - 1,
              approver: 'nobody needed',
            }),
          ],
        }),
      ),
    );
    expect(read).toContain(
      '» `www78` of *test.tianya.cn* is disabled on ha-1 and ha-2, since <!date^1795147200^',
    );
    expect(read).toContain('by <@U0OPS>, approved by <@U0LEAD>, change `q7k2m9xt`');
    expect(read.match(/`www78`/g)).toHaveLength(1);
    expect(read).toContain('`www79` of *test.tianya.cn* has weight 50 instead of 100 on ha-1');
    expect(read).toMatch(/`www79`.*comes back <!date\^1795151880\^.*\(18 min left\)/);
    expect(read).toMatch(/`www80`.*by <@U0OPS>, change `cccc2222`; .*\(overdue\)/);
  });

  it('shows when each balancer answered, and why it did not', () => {
    const fault = { code: 'TIMEOUT', message: 'Reading pool web on ha-2: no answer within 5 s.' };
    const read = shown(
      homeView(
        home({
          devices: [
            { balancer: 'ha-1', answeredAt: noon },
            { balancer: 'ha-2', answeredAt: noon - 60_000, fault: { ...fault, at: noon } as never },
            { balancer: 'ha-3' },
          ],
        }),
      ),
    );
    expect(read).toContain('✓ *ha-1* answered <!date^1795150800^');
    expect(read).toMatch(/⚠ \*ha-2\* did not answer .*no answer within 5 s\. It last answered </);
    expect(read).toContain('• *ha-3* was not asked yet');
  });

  it('says what may be missing', () => {
    const fault = { code: 'DIRECTORY_UNAVAILABLE', message: 'Reading group S0OPS: no.' } as const;
    expect(shown(homeView(home({ faults: [fault] })))).toContain('Something may be missing here.');
  });

  it('refuses politely, with the reason', () => {
    const view = homeView({ kind: 'refused', reason: 'Guests may not use it.' });
    expect(shown(view)).toBe('There is nothing here for you. Guests may not use it.');
    expect(buttons(view)).toEqual([]);
  });

  it('stays within the limits of Slack however much there is', () => {
    const many = <T>(make: (at: number) => T) => Array.from({ length: 120 }, (_, at) => make(at));
    const view = homeView(
      home({
        approvals: many((at) => waiting(`aaaa${at}`)),
        mine: many((at) => waiting(`bbbb${at}`)),
        out: many((at) => out({ member: `www${at}`, changeId: `c${at}` })),
        devices: many((at) => ({ balancer: `ha-${at}`, answeredAt: noon })),
      }),
    );
    expect(blockProblems(view.blocks, 'view')).toEqual([]);
    const read = shown(view);
    expect(read).toContain('… and 112 more changes, too many to show here.');
    expect(read).toMatch(/… and \d+ more members, too many to show here\./);
  });

  it('lets no text from outside become a mention or a link', () => {
    const evil = '<!channel> *x* <http://a|b> `c`';
    const bad = record('waiting', { command: { reason: evil, members: [evil] } });
    const view = homeView(
      home({
        approvals: [bad],
        out: [out({ member: evil, service: evil, balancer: evil, changeId: evil })],
        devices: [{ balancer: evil, fault: { code: 'TIMEOUT', message: evil, at: noon } }],
        faults: [{ code: 'TIMEOUT', message: evil }],
      }),
    );
    const mrkdwn = view.blocks.map(mrkdwnOf).join('\n');
    expect(mrkdwn).not.toMatch(/<!channel>|<http/);
    expect(mrkdwn).toContain('&lt;!channel&gt;');
  });
});
