import type { KnownBlock } from '@slack/types';
import { describe, expect, test } from 'vitest';
import { blockProblems } from '../../../src/sandbox/slack/block-limits.ts';

const plain = (length: number) => ({ type: 'plain_text' as const, text: 'x'.repeat(length) });
const mrkdwn = (length: number) => ({ type: 'mrkdwn' as const, text: 'x'.repeat(length) });
const section = { type: 'section' as const, text: mrkdwn(1) };
const button = (fields: object = {}) => ({ type: 'button' as const, text: plain(1), ...fields });
const actions = (...elements: object[]) => ({ type: 'actions', elements });
const times = <T>(count: number, item: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => item(index));
const confirm = (title: number, text: number, yes: number) => ({
  title: plain(title),
  text: mrkdwn(text),
  confirm: plain(yes),
  deny: plain(yes),
});
const select = (options: number, label = 1) => ({
  type: 'static_select',
  options: times(options, (index) => ({ text: plain(label), value: String(index) })),
});
const cell = (length: number) => ({ type: 'raw_text', text: 'x'.repeat(length) });
const table = (rows: number, cells: number, length = 1) => ({
  type: 'table',
  rows: times(rows, () => times(cells, () => cell(length))),
});

/** For each limit: what is just within it, what is just beyond, and what Slack says to that. */
const LIMITS: readonly [string, unknown[], unknown[], string][] = [
  ['blocks', times(50, () => section), times(51, () => section), 'no more than 50 items'],
  [
    'section text',
    [{ type: 'section', text: mrkdwn(3000) }],
    [{ type: 'section', text: mrkdwn(3001) }],
    'less than 3001',
  ],
  [
    'fields',
    [{ type: 'section', fields: times(10, () => mrkdwn(1)) }],
    [{ type: 'section', fields: times(11, () => mrkdwn(1)) }],
    'no more than 10 items',
  ],
  [
    'field text',
    [{ type: 'section', fields: [mrkdwn(2000)] }],
    [{ type: 'section', fields: [mrkdwn(2001)] }],
    'less than 2001',
  ],
  [
    'header',
    [{ type: 'header', text: plain(150) }],
    [{ type: 'header', text: plain(151) }],
    'less than 151',
  ],
  [
    'context elements',
    [{ type: 'context', elements: times(10, () => mrkdwn(1)) }],
    [{ type: 'context', elements: times(11, () => mrkdwn(1)) }],
    'no more than 10 items',
  ],
  [
    'action elements',
    [actions(...times(25, () => button()))],
    [actions(...times(26, () => button()))],
    'no more than 25 items',
  ],
  [
    'button text',
    [actions(button({ text: plain(75) }))],
    [actions(button({ text: plain(76) }))],
    'less than 76',
  ],
  [
    'button value',
    [actions(button({ value: 'x'.repeat(2000) }))],
    [actions(button({ value: 'x'.repeat(2001) }))],
    'less than 2001',
  ],
  [
    'button url',
    [actions(button({ url: 'x'.repeat(3000) }))],
    [actions(button({ url: 'x'.repeat(3001) }))],
    'less than 3001',
  ],
  [
    'action id',
    [actions(button({ action_id: 'x'.repeat(255) }))],
    [actions(button({ action_id: 'x'.repeat(256) }))],
    'less than 256',
  ],
  [
    'block id',
    [{ ...section, block_id: 'x'.repeat(255) }],
    [{ ...section, block_id: 'x'.repeat(256) }],
    'less than 256',
  ],
  [
    'confirm title',
    [actions(button({ confirm: confirm(100, 1, 1) }))],
    [actions(button({ confirm: confirm(101, 1, 1) }))],
    'less than 101',
  ],
  [
    'confirm text',
    [actions(button({ confirm: confirm(1, 300, 1) }))],
    [actions(button({ confirm: confirm(1, 301, 1) }))],
    'less than 301',
  ],
  [
    'confirm button',
    [actions(button({ confirm: confirm(1, 1, 30) }))],
    [actions(button({ confirm: confirm(1, 1, 31) }))],
    'less than 31',
  ],
  ['options', [actions(select(100))], [actions(select(101))], 'no more than 100 items'],
  ['option text', [actions(select(1, 75))], [actions(select(1, 76))], 'less than 76'],
  ['table rows', [table(100, 1)], [table(101, 1)], 'no more than 100 items'],
  ['table cells', [table(1, 20)], [table(1, 21)], 'no more than 20 items'],
  ['table characters', [table(9, 1, 1000)], [table(11, 1, 1000)], 'less than 10001'],
  ['tables', [table(1, 1)], [table(1, 1), table(1, 1)], 'only_one_table_allowed'],
  [
    'markdown over all',
    [{ type: 'markdown', text: 'x'.repeat(12_000) }],
    times(2, () => ({ type: 'markdown', text: 'x'.repeat(6_001) })),
    'less than 12001',
  ],
];

describe('the limits Slack publishes for messages', () => {
  test.each(LIMITS)('%s: at the limit taken, one beyond refused', (_name, within, beyond, said) => {
    expect(blockProblems(within)).toEqual([]);
    expect(blockProblems(beyond).join()).toContain(said);
  });

  test('a view takes a hundred blocks', () => {
    expect(
      blockProblems(
        times(100, () => section),
        'view',
      ),
    ).toEqual([]);
    expect(
      blockProblems(
        times(101, () => section),
        'view',
      ),
    ).toHaveLength(1);
  });
});

describe('what Slack refuses whatever its length', () => {
  test.each<[string, unknown, string]>([
    ['no array', { type: 'section' }, 'must be an array'],
    ['no object', ['text'], 'must provide an object [json-pointer:/blocks/0]'],
    ['a type nobody knows', [{ type: 'no_such_block' }], 'unsupported type: no_such_block'],
    ['a type that JavaScript knows', [{ type: 'constructor' }], 'unsupported type: constructor'],
    ['a section without text', [{ type: 'section' }], 'must define text or fields'],
    ['an empty text', [{ type: 'section', text: mrkdwn(0) }], 'must be more than 0 characters'],
    ['mrkdwn in a header', [{ type: 'header', text: mrkdwn(1) }], 'unsupported type: mrkdwn'],
    ['mrkdwn on a button', [actions(button({ text: mrkdwn(1) }))], 'unsupported type: mrkdwn'],
    ['no element', [actions()], 'no fewer than 1 items'],
    ['an unknown element', [actions({ type: 'lever' })], 'unsupported type: lever'],
    ['an unknown style', [actions(button({ style: 'green' }))], 'must be a valid enum value'],
    [
      'a field nobody knows',
      [{ ...section, colour: 'red' }],
      'invalid additional property: colour',
    ],
    [
      'two blocks of one id',
      [
        { ...section, block_id: 'a' },
        { ...section, block_id: 'a' },
      ],
      'block_id already exists',
    ],
    [
      'two actions of one id',
      [actions(button({ action_id: 'a' }), button({ action_id: 'a' }))],
      'action_id already exists',
    ],
    ['a number as value', [actions(button({ value: 1 }))], 'must be a string'],
  ])('%s', (_name, blocks, said) => {
    expect(blockProblems(blocks).join()).toContain(said);
  });

  test('a problem names its place', () => {
    expect(blockProblems([section, actions(button({ text: plain(76) }))])).toEqual([
      'must be less than 76 characters [json-pointer:/blocks/1/elements/0/text/text]',
    ]);
  });
});

test('an ordinary card typed by Slack itself has no problem', () => {
  const card: KnownBlock[] = [
    { type: 'header', text: { type: 'plain_text', text: 'Disable web-1', emoji: true } },
    {
      type: 'section',
      text: { type: 'mrkdwn', text: '*why*', verbatim: true },
      fields: [mrkdwn(9)],
    },
    { type: 'divider' },
    {
      type: 'actions',
      block_id: 'decide',
      elements: [
        {
          type: 'button',
          action_id: 'yes',
          style: 'primary',
          value: '1',
          text: plain(7),
          confirm: confirm(5, 9, 3),
        },
        { type: 'button', action_id: 'no', text: plain(4), accessibility_label: 'Deny it' },
      ],
    },
    { type: 'context', elements: [mrkdwn(20)] },
  ];
  expect(blockProblems(card)).toEqual([]);
});
