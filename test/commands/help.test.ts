import { describe, expect, it } from 'vitest';
import { helpText, readmeTable, usageHint } from '../../src/commands/help.ts';
import { parseCommand } from '../../src/commands/parse.ts';
import { ALL_VERBS, VERBS } from '../../src/commands/table.ts';
import type { Verb } from '../../src/domain/command.ts';
import { roleFor } from '../../src/policy/access.ts';
import { site } from './site.ts';

describe('the table of verbs', () => {
  it('gives each verb under its own name', () => {
    for (const [key, entry] of Object.entries(VERBS)) expect(entry.verb).toBe(key);
  });

  it('has only examples that the parser takes as that verb', () => {
    for (const { verb, examples } of ALL_VERBS) {
      for (const example of examples.map((text) => text.replace('web-1,web-2', '192.168.100.74'))) {
        const parsed = parseCommand(example, site());
        expect(parsed).toMatchObject({ kind: 'command', command: { verb } });
      }
    }
  });

  it('names the roles that the policy asks for', () => {
    for (const { verb, role } of ALL_VERBS) {
      const shown = role === 'anybody' || role === 'requester' ? undefined : role;
      expect(shown).toBe(roleFor(verb));
    }
  });
});

describe('help', () => {
  const viewer = new Set<Verb>(['status', 'pools', 'compare', 'history', 'whoami', 'help']);

  it('shows only what the asker may run', () => {
    const text = helpText(viewer);
    expect(text).toContain('/lb status [<service>]');
    expect(text).not.toMatch(/lb (?:disable|enable|approve|deny)/);
  });

  it('says so when there is nothing that the asker may run', () => {
    for (const about of [undefined, 'no-verb']) {
      expect(helpText(new Set(), about)).toContain('There is nothing here that you may run');
      expect(helpText(new Set(), about)).not.toContain('What you may run:');
    }
  });

  it('explains one verb with usage, examples, risk and role', () => {
    const text = helpText(new Set<Verb>(['disable']), 'disable');
    expect(text).toContain('Usage: /lb disable <service> <member>');
    expect(text).toContain('Example: /lb disable test.tianya.cn 192.168.100.78');
    expect(text).toContain('changes a balancer');
    expect(text).toContain('Role: operator');
    expect(text).toContain('keep half');
  });

  it('explains no verb that the asker may not run', () => {
    expect(helpText(viewer, 'disable')).toBe(
      'You may not run disable: it needs the role operator. Your roles: /lb whoami',
    );
  });

  it('gives the manifest a hint that Slack takes, with every verb', () => {
    expect(usageHint().length).toBeLessThanOrEqual(1000);
    for (const { verb } of ALL_VERBS) expect(usageHint()).toContain(verb);
  });

  it('gives the README a row for every verb', () => {
    const rows = readmeTable().split('\n');
    expect(rows).toHaveLength(2 + ALL_VERBS.length);
    for (const row of rows) expect(row.match(/(?<!\\)\|/g)).toHaveLength(6);
  });
});
