import { describe, expect, it } from 'vitest';
import {
  differencesOf,
  type Facts,
  type ListedPool,
  type Side,
} from '../../src/domain/comparison.ts';

const pool = (name: string, members: Record<string, Facts>, facts: Facts = {}): ListedPool => ({
  pool: name,
  facts,
  members: Object.entries(members).map(([member, own]) => ({ member, facts: own })),
});
const side = (name: string, pools: readonly ListedPool[], facts: Facts = {}): Side => ({
  side: name,
  facts,
  pools,
});
const web = pool('web', { a: { weight: '3' }, b: { weight: '1' } }, { scheduler: 'rr' });

describe('what differs between two that stand in for each other', () => {
  it('is nothing where all is the same, in whatever order it is listed', () => {
    const turned = { ...web, members: [...web.members].reverse() };
    const dns = pool('dns', {});
    expect(differencesOf([side('x', [web, dns]), side('y', [dns, turned])])).toEqual([]);
  });

  it('is nothing for one alone', () => {
    expect(differencesOf([side('x', [web])])).toEqual([]);
  });

  it('is each fact that has another value, or none, on one of them', () => {
    const other = pool('web', { a: { weight: '0' }, b: { weight: '1', flags: 'x' } });
    const found = differencesOf([side('x', [web], { nodest: '1' }), side('y', [other])]);
    expect(found).toEqual([
      { fact: 'nodest', values: ['1', '-'] },
      { pool: 'web', fact: 'scheduler', values: ['rr', '-'] },
      { pool: 'web', member: 'a', fact: 'weight', values: ['3', '0'] },
      { pool: 'web', member: 'b', fact: 'flags', values: ['-', 'x'] },
    ]);
  });

  it('is a pool or a member that one of them lacks, once and not for each of its facts', () => {
    const lacking = pool('web', { a: { weight: '3' } }, { scheduler: 'rr' });
    const found = differencesOf([side('x', [web, pool('dns', { n: {} })]), side('y', [lacking])]);
    expect(found).toEqual([
      { pool: 'dns', fact: 'is there', values: ['yes', 'no'] },
      { pool: 'web', member: 'b', fact: 'is there', values: ['yes', 'no'] },
    ]);
  });
});
