import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCommand } from '../../src/commands/parse.ts';
import { site } from './site.ts';

const inventory = site();
const minute = 60_000;

describe('any text at all', () => {
  const words = fc.constantFrom(
    ...[
      'disable',
      'enable',
      'shop',
      'web-1',
      ',',
      'on',
      'ha-1',
      'because',
      '--keep-half',
      '--',
      '-',
    ],
    ...[
      '"',
      '`',
      '<http://',
      '|x>',
      '—',
      '\u202E',
      '\uD800',
      '\n',
      '=',
      ';',
      'keep',
      'half',
      '[::1]:80',
    ],
  );

  it('gives a command or a usage text and throws nothing', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(words).map((all) => all.join(' ')),
        ),
        (text) => {
          expect(['command', 'usage']).toContain(parseCommand(text, inventory).kind);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('lets no member through that could be a second device command', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (member) => {
        const parsed = parseCommand(`disable api ${member}`, inventory);
        if (parsed.kind !== 'command' || !('members' in parsed.command)) return;
        for (const name of parsed.command.members) expect(name).toMatch(/^[A-Za-z0-9._:[\]-]+$/);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('any clauses in any order', () => {
  const head = fc.constantFrom(
    ...['disable shop web-1', 'enable shop web-1', 'drain shop web-1', 'weight shop web-1 50%'],
    ...['weight shop web-1', 'freeze', 'freeze shop', 'extend q7k2m9xt', 'disable', 'drain shop ,'],
  );
  const clause = fc.constantFrom(
    ...[
      'until idle',
      'within 10m',
      'within 9d',
      'then disable',
      'then go back',
      'keep half',
      'keep',
    ],
    ...['for 30m', 'for 9s', '30m', 'now', 'break glass', 'because x', 'on ha-1', '50%', 'idle'],
    ...['--for 1h', '--then keep', '—now', '--weight=5', '--break-glass', '--until-idle', '--now'],
  );

  it('give a command within its bounds, or a usage text', () => {
    let commands = 0;
    fc.assert(
      fc.property(head, fc.array(clause, { maxLength: 5 }), (start, clauses) => {
        const parsed = parseCommand([start, ...clauses].join(' '), inventory);
        if (parsed.kind === 'usage') {
          expect(parsed.text).not.toBe('');
          return;
        }
        commands += 1;
        const { command } = parsed;
        if ('forMs' in command && command.forMs !== undefined) {
          expect(command.forMs).toBeGreaterThanOrEqual(10_000);
          expect(command.forMs).toBeLessThanOrEqual(7 * 24 * 60 * minute);
        }
        if (command.verb === 'freeze') expect(command.reason).not.toBe('');
        if (!('members' in command)) return;
        if (command.breakGlass) expect(command.reason).toBeDefined();
        if (command.now) expect(command.verb).toBe('disable');
        if (command.until) expect(command.verb).toBe('drain');
        if (command.forMs !== undefined) expect(command.verb).not.toBe('enable');
        expect(command.weight !== undefined).toBe(command.verb === 'weight');
      }),
      { numRuns: 5000 },
    );
    expect(commands).toBeGreaterThan(200);
  });
});
