import { describe, expect, it } from 'vitest';
import { helpText } from '../../src/commands/help.ts';
import { parseCommand } from '../../src/commands/parse.ts';
import { ALL_VERBS } from '../../src/commands/table.ts';
import type { ChangeCommand, Command } from '../../src/domain/command.ts';
import { site } from './site.ts';

const inventory = site();

function commandOf(text: string): Command {
  const parsed = parseCommand(text, inventory);
  if (parsed.kind === 'usage') throw new Error(parsed.text);
  return parsed.command;
}

function usageOf(text: string): string {
  const parsed = parseCommand(text, inventory);
  return parsed.kind === 'usage' ? parsed.text : `not refused: ${JSON.stringify(parsed.command)}`;
}

const change = (verb: ChangeCommand['verb'], more: object = {}) => ({
  verb,
  service: 'shop',
  members: ['web-1'],
  ifPairFails: 'put back',
  ...more,
});

const until = (afterwards: string, more: object = {}) => ({ until: { ...more, afterwards } });

const minute = 60_000;

describe('a drain', () => {
  it.each([
    ['', {}],
    ['until idle', until('keep')],
    ['Until-Idle', until('keep')],
    ['--until-idle', until('keep')],
    ['until idle within 10m', until('keep', { withinMs: 10 * minute })],
    ['until idle within 10M', until('keep', { withinMs: 10 * minute })],
    ['until idle then disable', until('disable')],
    ['until idle then remove', until('remove')],
    ['until idle then keep', until('keep')],
    ['until idle then go back', until('go back')],
    ['until idle then go-back', until('go back')],
    ['until idle --then go back --within=1h', until('go back', { withinMs: 60 * minute })],
    ['—until-idle —then=disable', until('disable')],
    ['then disable until idle within 2m', until('disable', { withinMs: 2 * minute })],
    ['until idle then keep keep half', { ...until('keep'), ifPairFails: 'keep half' }],
    [
      'until idle then disable on ha-1 for 30m because new disk, then more',
      {
        ...until('disable'),
        on: 'ha-1',
        forMs: 30 * minute,
        reason: 'new disk, then more',
      },
    ],
    ['for 30m until idle', { ...until('keep'), forMs: 30 * minute }],
  ])('reads %j', (typed, expected) => {
    expect(commandOf(`drain shop web-1 ${typed}`)).toEqual(change('drain', expected));
  });

  it.each([
    ['until', 'After "until" comes "idle".'],
    ['until quiet', 'After "until" comes "idle".'],
    ['idle', 'Unexpected "idle".'],
    ['within 10m', '"within" goes with "until idle", which is missing.'],
    ['then disable', '"then" goes with "until idle", which is missing.'],
    ['until idle then', 'After "then" comes "disable", "remove", "keep" or "go back".'],
    [
      'until idle then go',
      'After "then" comes "disable", "remove", "keep" or "go back", not "go".',
    ],
    ['until idle then stop', 'not "stop"'],
    ['until idle then constructor', 'not "constructor"'],
    ['until idle then keep half', 'Unexpected "half".'],
    ['until idle until idle', '"until idle" is given twice.'],
    ['until idle within 10m --within 20m', '"within" is given twice.'],
    ['until idle within 20s', '"20s" is too short: members of shop count as idle after 30 s'],
    ['until idle within', 'After "within" comes a time such as 30m.'],
    ['until idle then go back for 30m', '"then go back" leaves nothing that "for" could end.'],
    ['now', '"now" does not go with drain; it goes with disable.'],
    ['--weight 5', '"weight" does not go with drain; it goes with weight.'],
    ['until idel', 'After "until" comes "idle".'],
    ['witin 5m', 'Unexpected "witin". Did you mean within?'],
  ])('answers %j', (typed, expected) => {
    expect(usageOf(`drain shop web-1 ${typed}`)).toContain(expected);
  });
});

describe('a time', () => {
  it.each([
    ['10s', 10_000],
    ['90s', 90_000],
    ['30m', 30 * minute],
    ['2h', 120 * minute],
    ['7d', 7 * 24 * 60 * minute],
    ['168h', 7 * 24 * 60 * minute],
  ])('%s is taken', (typed, forMs) => {
    expect(commandOf(`disable shop web-1 for ${typed}`)).toEqual(change('disable', { forMs }));
    expect(commandOf(`extend q7k2m9xt ${typed}`)).toMatchObject({ forMs });
  });

  it.each([
    ['9s', '"9s" is too short: from 10s to 7d.'],
    ['9999ms', '"9999ms" is too short'],
    ['0m', '"0m" is too short'],
    ['8d', '"8d" is too long: from 10s to 7d.'],
    ['999999999d', 'is too long: from 10s to 7d.'],
    ['30', '"30" is no time: a number with s, m, h or d, such as 30m, from 10s to 7d.'],
    ['-30m', '"-30m" is no time'],
    ['1.5h', '"1.5h" is no time'],
    ['soon', '"soon" is no time'],
    ['９９９９９９９９９９m', 'is no time'],
  ])('%s is not', (typed, expected) => {
    expect(usageOf(`disable shop web-1 for ${typed}`)).toContain(expected);
    expect(usageOf(`extend q7k2m9xt ${typed}`)).toContain(expected);
    expect(usageOf(`freeze for ${typed} because x`)).toContain(expected);
  });

  it('goes with no enable, which is for good', () => {
    expect(usageOf('enable shop web-1 for 30m')).toContain(
      '"for" does not go with enable; it goes with disable, drain, offline, weight, freeze.',
    );
  });
});

describe('a weight', () => {
  it.each([
    ['0', 'absolute', 0],
    ['256', 'absolute', 256],
    ['0%', 'percent', 0],
    ['50%', 'percent', 50],
    ['５０％', 'percent', 50],
    ['1000%', 'percent', 1000],
    ['--weight 20', 'absolute', 20],
    ['--weight=20%', 'percent', 20],
  ])('%s is taken', (typed, unit, value) => {
    expect(commandOf(`weight shop web-1 ${typed}`)).toEqual(
      change('weight', { weight: { unit, value } }),
    );
  });

  it('stands before the clauses, or among them as a flag', () => {
    const expected = { members: ['web-1', 'web-2'], on: 'ha-1', forMs: 30 * minute };
    expect(commandOf('weight shop web-1, web-2 5 on ha-1 for 30m')).toMatchObject(expected);
    expect(commandOf('weight shop web-1,web-2 for 30m --weight 5 on ha-1')).toMatchObject(expected);
  });

  it.each([
    ['', 'The weight is missing: a weight is a number from 0 to 256, or a share'],
    ['because x', 'The weight is missing'],
    ['257', '"257" is too much: a weight is a number from 0 to 256'],
    ['1001%', '"1001%" is too much'],
    ['-1', 'Unexpected "-1".'],
    ['5.5', '"5.5" is no weight'],
    ['half', '"half" is no weight'],
    ['web-2 50%', '"web-2" is no weight'],
    ['5 --weight 6', '"weight" is given twice.'],
    ['5 6', 'Unexpected "6".'],
  ])('%j is not', (typed, expected) => {
    expect(usageOf(`weight shop web-1 ${typed}`)).toContain(expected);
  });
});

describe('now and break glass', () => {
  it('are read as words and as flags', () => {
    expect(commandOf('disable shop web-1 now')).toEqual(change('disable', { now: true }));
    expect(commandOf('disable shop web-1 --now because x')).toEqual(
      change('disable', { now: true, reason: 'x' }),
    );
    const broken = { breakGlass: true, reason: 'site is down' };
    for (const typed of [
      'break glass because site is down',
      'Break-Glass because site is down',
      '--break-glass because site is down',
      'because site is down --break-glass',
    ]) {
      for (const verb of ['disable', 'enable', 'drain', 'offline'] as const)
        expect(commandOf(`${verb} shop web-1 ${typed}`)).toEqual(change(verb, broken));
      expect(commandOf(`weight shop web-1 5 ${typed}`)).toMatchObject(broken);
    }
  });

  it.each([
    ['break glass', '"break glass" needs a reason: because …'],
    ['--break-glass', '"break glass" needs a reason: because …'],
    ['break', 'After "break" comes "glass".'],
    ['break the glass', 'After "break" comes "glass".'],
    ['--break-glass=yes because x', 'The flag --break-glass takes no value.'],
    ['now now', '"now" is given twice.'],
  ])('answer %j', (typed, expected) => {
    expect(usageOf(`disable shop web-1 ${typed}`)).toContain(expected);
  });

  it.each(['—now', '—for', '―break-glass', '\u2014then'])(
    'are not guessed out of a reason: %s may be a flag or a dash',
    (typed) => {
      expect(usageOf(`disable shop web-1 because it is broken ${typed} we mend it`)).toContain(
        'in the reason may be the flag',
      );
    },
  );

  it('stay words in a reason where they cannot be flags', () => {
    expect(commandOf('disable shop web-1 because it must go now — for good, –now')).toEqual(
      change('disable', { reason: 'it must go now — for good, –now' }),
    );
  });
});

describe('freeze, unfreeze, extend and acknowledge', () => {
  it.each<[string, Command]>([
    ['freeze because of a sale', { verb: 'freeze', reason: 'of a sale' }],
    [
      'freeze tianya for 2h because sale',
      { verb: 'freeze', service: 'test.tianya.cn', forMs: 120 * minute, reason: 'sale' },
    ],
    ['freeze --for 2h --reason sale', { verb: 'freeze', forMs: 120 * minute, reason: 'sale' }],
    ['unfreeze', { verb: 'unfreeze' }],
    ['unfreeze TIANYA', { verb: 'unfreeze', service: 'test.tianya.cn' }],
    ['extend #q7k2m9xt 30m', { verb: 'extend', changeId: 'q7k2m9xt', forMs: 30 * minute }],
    ['extend q7k2m9xt for 1h', { verb: 'extend', changeId: 'q7k2m9xt', forMs: 60 * minute }],
    ['acknowledge q7k2m9xt', { verb: 'acknowledge', changeId: 'q7k2m9xt' }],
  ])('reads %j', (typed, command) => {
    expect(commandOf(typed)).toEqual(command);
  });

  it.each([
    ['freeze', 'A freeze needs a reason: because …'],
    ['freeze shop', 'A freeze needs a reason: because …'],
    ['freeze shop for 2h', 'A freeze needs a reason: because …'],
    ['freeze shop because', 'After "because" comes the reason'],
    ['freeze shp because x', 'Unknown service "shp". Did you mean shop?'],
    ['freeze shop web-1 because x', 'Unexpected "web-1".'],
    ['freeze shop now because x', '"now" does not go with freeze; it goes with disable.'],
    ['unfreeze shop now', 'Unexpected "now".'],
    ['unfreeze nowhere.example', 'The services are listed by "pools".'],
    ['extend', 'The id of the change is missing.'],
    ['extend q7k2m9xt', 'The time is missing: how much longer, such as 30m.'],
    ['extend q7k2m9xt for', 'The time is missing'],
    ['extend q7k2m9xt 30m 40m', 'Unexpected "40m".'],
    ['acknowledge q7k2m9xt please', 'Unexpected "please".'],
  ])('answers %j', (typed, expected) => {
    expect(usageOf(typed)).toContain(expected);
  });
});

describe('help about a change', () => {
  it('names the flags of each verb that the parser takes with it, and no other', () => {
    const values: Readonly<Record<string, string>> = {
      '--on': ' ha-1',
      '--within': ' 10m --until-idle',
      '--then': ' keep --until-idle',
      '--weight': ' 5',
      '--for': ' 30m',
      '--because': ' x',
      '--reason': ' x',
      '--break-glass': ' because x',
    };
    for (const entry of ALL_VERBS.filter(({ risk }) => risk === 'write')) {
      const flags: readonly string[] =
        helpText(new Set([entry.verb]), entry.verb).match(/--[a-z-]+/g) ?? [];
      for (const flag of Object.keys({ ...values, '--now': '', '--keep-half': '' })) {
        const weight = entry.verb === 'weight' && flag !== '--weight' ? ' 5' : '';
        const parsed = parseCommand(
          `${entry.verb} ${entry.verb.startsWith('fail') ? 'edge' : 'shop web-1'}${weight} ${flag}${values[flag] ?? ''}`,
          inventory,
        );
        expect(flags.includes(flag), `${entry.verb} ${flag}`).toBe(parsed.kind === 'command');
      }
    }
  });
});
