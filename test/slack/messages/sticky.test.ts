import { describe, expect, it } from 'vitest';
import { printChange } from '../../../src/cli/print-change.ts';
import type { MemberState } from '../../../src/domain/member.ts';
import { card } from '../../../src/slack/messages/card.ts';
import { memberTableText } from '../../../src/slack/messages/member-table.ts';
import { shown } from '../reading.ts';
import { cardContext, outcome, plan, pool, record, web } from '../sample.ts';

const PRINT = { tty: false, json: false, width: 200 };
const rows = (over: Partial<MemberState>): readonly MemberState[] =>
  web.map((member) => (member.name === 'www78' ? { ...member, ...over } : member));

function ended(over: Partial<MemberState>) {
  const agreed = plan();
  const after = ['ha-2', 'ha-1'].map((name) => pool(name, rows(over)));
  return record('done', {
    over: { plan: agreed, outcome: outcome(agreed, 'verified', { after }) },
  });
}

describe('members that are out, and to whom sticky clients still come', () => {
  const out = { admin: 'disabled', weight: 0, stickyNow: 3 } as const;

  it('are said to be out for new clients, with how many still arrive', () => {
    expect(card(cardContext(ended(out))).text).toContain(
      '✓ 192.168.100.78 is out for new clients in test.tianya.cn, 3 sticky still arrive (2 of 2 balancers verified)',
    );
    const printed = printChange(ended(out), PRINT);
    expect(printed).toContain('done: out for new clients, 3 sticky still arrive');
  });

  it('come with the next thing to type', () => {
    const next = 'drain test.tianya.cn 192.168.100.78 until idle then remove';
    expect(shown(card(cardContext(ended(out))))).toContain(`/lb ${next}`);
    expect(printChange(ended(out), PRINT)).toContain(`Next: lb ${next}`);
  });

  it('are simply disabled when nobody sticks to them any more', () => {
    const text = shown(card(cardContext(ended({ ...out, stickyNow: 0 }))));
    expect(text).toContain('is disabled in test.tianya.cn');
    expect(text).not.toContain('*Next:*');
  });
});

describe('the table of a device that tells more than sessions', () => {
  const lvs: MemberState = {
    name: '192.168.100.78:80',
    address: '192.168.100.78',
    port: 80,
    admin: 'enabled',
    health: 'unchecked',
    status: 'Route',
    causes: [],
    weight: 3,
    configuredWeight: 3,
    backup: false,
    forwarding: 'Route',
    sessions: 462,
    sessionsInactive: 464,
    stickyNow: 12,
    sessionsTotal: 1,
  };

  it('has forwarding, weight, active, inactive and sticky, and no address twice', () => {
    const state = pool('lvs-1', [lvs]);
    const { table } = memberTableText(state, { targets: new Set(), rowsMax: 9 });
    expect(table).toMatch(/member +state +forward +weight +active +inactive +sticky/);
    expect(table).toMatch(/192\.168\.100\.78:80 +enabled +Route +3 +462 +464 +12/);
  });
});
