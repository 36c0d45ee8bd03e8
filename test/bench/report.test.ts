import { describe, expect, it } from 'vitest';
import { figure, type Row, ratio, report, summary, verdict } from '../../bench/report.ts';

const row = (more: Partial<Row>): Row => ({ name: 'ack p99', value: 10, unit: 'ms', ...more });

describe('a verdict', () => {
  it.each<[string, Partial<Row>, string]>([
    ['nothing promised', {}, ''],
    ['below', { target: { kind: 'below', value: 10.1 } }, 'met'],
    ['not below but equal', { target: { kind: 'below', value: 10 } }, 'MISSED'],
    ['at least', { target: { kind: 'at least', value: 10 } }, 'met'],
    ['less than at least', { target: { kind: 'at least', value: 11 } }, 'MISSED'],
    ['three floors', { floor: 4, target: { kind: 'times floor', value: 3 } }, 'met'],
    ['more than three floors', { floor: 3, target: { kind: 'times floor', value: 3 } }, 'MISSED'],
    ['floors without a floor', { target: { kind: 'times floor', value: 3 } }, 'MISSED'],
    [
      'memory that could not be read',
      { value: Number.NaN, target: { kind: 'below', value: 1 } },
      'MISSED',
    ],
  ])('of %s', (_, more, expected) => {
    expect(verdict(row(more))).toBe(expected);
  });
});

describe('a ratio', () => {
  it('says how many floors, where there is one', () => {
    expect(ratio(row({ floor: 4 }))).toBe(2.5);
    expect(ratio(row({}))).toBeUndefined();
    expect(ratio(row({ floor: 0 }))).toBeUndefined();
  });
});

describe('a figure', () => {
  it('has three digits that matter', () => {
    expect([0.1234, 1.234, 12.34, 123.4, 1234.4].map(figure)).toEqual([
      '0.12',
      '1.23',
      '12.3',
      '123',
      '1234',
    ]);
  });
});

describe('the report', () => {
  const sections = [
    {
      title: 'Acknowledgement',
      rows: [
        row({ floor: 4, target: { kind: 'below', value: 200 }, note: '500 commands' }),
        row({ name: 'changes', value: 150, unit: '/s', target: { kind: 'at least', value: 200 } }),
        row({ name: 'exchanges', value: 42, unit: '' }),
      ],
    },
  ];

  it('prints measured, floor, ratio, target and verdict in columns', () => {
    const lines = report(sections).split('\n');
    expect(lines[0]).toBe('Acknowledgement');
    expect(lines[2]?.split(/ {2,}/)).toEqual([
      'ack p99',
      '10.0 ms',
      '4.00 ms',
      '2.50 x',
      '< 200 ms',
      'met',
      '500 commands',
    ]);
    expect(lines[3]?.split(/ {2,}/)).toEqual(['changes', '150/s', '>= 200/s', 'MISSED']);
    expect(lines[4]?.split(/ {2,}/)).toEqual(['exchanges', '42']);
  });

  it('puts each column in one place', () => {
    const [, headings, first, second] = report(sections).split('\n');
    const at = headings?.indexOf('target');
    expect(first?.indexOf('< 200 ms')).toBe(at);
    expect(second?.indexOf('>= 200/s')).toBe(at);
  });

  it('names what missed its target', () => {
    expect(summary(sections)).toBe('1 of 2 targets met; missed: changes.');
    expect(summary([{ title: 'All well', rows: [row({})] }])).toBe('0 of 0 targets met.');
  });
});
