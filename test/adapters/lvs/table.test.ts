import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { answerOf } from '../../../src/adapters/lvs/answer.ts';
import { sideOf } from '../../../src/adapters/lvs/table.ts';
import { differencesOf } from '../../../src/domain/comparison.ts';

const fixture = (name: string) =>
  readFileSync(new URL(`../../fixtures/lvs/${name}`, import.meta.url), 'utf8');
const reply = (rules: string, thresholds: string, settings = 'expire_nodest_conn 0\n') =>
  `== rules\n${rules}== exit 0\n== thresholds\n${thresholds}== exit 0\n== settings\n${settings}== exit 0\n== done\n`;
const RULES = fixture('sn-all-kinds.txt');
const LIMITS = fixture('thresholds-all-kinds.txt');
const side = (name: string, rules = RULES, thresholds = LIMITS, settings?: string) =>
  sideOf(answerOf(reply(rules, thresholds, settings), 'Reading'), name, 'Reading');

describe('the whole table of a director', () => {
  it('has every service with its flags and every real server of it', () => {
    const { pools, facts } = side('lvs-1');
    expect(facts).toEqual({ expire_nodest_conn: '0' });
    const services = RULES.split('\n').filter((line) => line.startsWith('-A'));
    const servers = RULES.split('\n').filter((line) => line.startsWith('-a'));
    expect(pools).toHaveLength(services.length);
    expect(pools.flatMap(({ members }) => members)).toHaveLength(servers.length);
    const facts80 = pools.find(({ pool }) => pool === '192.168.100.11:80')?.facts;
    expect(facts80).toMatchObject({ scheduler: expect.any(String) });
  });

  it('is alike on two directors that print the same', () => {
    expect(differencesOf([side('lvs-1'), side('lvs-2')])).toEqual([]);
  });

  it.each([
    ['a weight', (text: string) => text.replace(/ -w \d+/, ' -w 77'), 'weight'],
    ['a way of forwarding', (text: string) => text.replace(/ -g -w/, ' -m -w'), 'forwarding'],
    ['a scheduler', (text: string) => text.replace(' -s rr', ' -s wlc'), 'scheduler'],
    ['how long clients stick', (text: string) => text.replace(/ -p \d+/, ' -p 61'), 'persistent'],
    ['a flag', (text: string) => text.replace(/ -b \S+/, ' -b sh-port'), 'scheduler flags'],
    ['one packet', (text: string) => text.replace(/ -o$/m, ''), 'one packet'],
    ['a real server', (text: string) => text.replace(/^-a .*\n/m, ''), 'is there'],
  ] as const)('shows that %s differs', (_name, edit, fact) => {
    expect(edit(RULES)).not.toBe(RULES);
    const found = differencesOf([side('lvs-1'), side('lvs-2', edit(RULES))]);
    expect(found).toHaveLength(1);
    expect(found[0]?.fact).toContain(fact);
  });

  it('shows thresholds that differ, which the rules do not tell', () => {
    const other = LIMITS.replace(/^( {2}-> \S+ +)[1-9]\d*( +)\d+/m, '$17$25');
    expect(other).not.toBe(LIMITS);
    const found = differencesOf([side('lvs-1'), side('lvs-2', RULES, other)]);
    expect(found.map(({ fact }) => fact)).toContain('connections at most');
  });

  it('shows settings of the kernel that differ', () => {
    const other = side('lvs-2', RULES, LIMITS, 'expire_nodest_conn 1\n');
    expect(differencesOf([side('lvs-1'), other])).toEqual([
      { fact: 'expire_nodest_conn', values: ['0', '1'] },
    ]);
  });

  it.each([
    ['rules of another kind', 'hello\n', LIMITS],
    ['a server of no service', '-a -t 192.168.100.11:1 -r 192.168.100.74:1 -g -w 1\n', LIMITS],
    ['thresholds without numbers', RULES, '  -> 192.168.100.74:80  many  0\n'],
  ])('is refused with %s', (_name, rules, thresholds) => {
    expect(() => side('lvs-1', rules, thresholds)).toThrow(
      expect.objectContaining({ code: 'UNEXPECTED_REPLY' }),
    );
  });
});
