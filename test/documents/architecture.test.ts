import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ChangeState, isOpen } from '../../src/domain/change.ts';
import { QUEUES } from '../../src/queue/jobs.ts';
import { MAY_IMPORT, USED_BY } from '../architecture-table.ts';
import { codeIn, pages, root, sectionOf, tableOf, textOf } from './markdown.ts';

const page = textOf('docs/architecture.md');
const listed = (cell = '') => (cell === 'nothing' ? [] : cell.split(', '));

describe('docs/architecture.md', () => {
  it('has the table of imports that the architecture test reads', () => {
    const rows = tableOf(page, ['Folder of `src`', 'What', 'May import (ours)']);
    const written = rows.map(([folder, , others]) => [codeIn(folder), listed(others)]);
    expect(Object.fromEntries(written)).toEqual(MAY_IMPORT);
    expect(rows.filter(([, what = '']) => what.length < 10)).toEqual([]);
  });

  it('has the table of packages that the architecture test reads', () => {
    const rows = tableOf(page, ['Outside package', 'Only in']);
    expect(
      Object.fromEntries(rows.map(([name, folders]) => [codeIn(name), listed(folders)])),
    ).toEqual(USED_BY);
  });

  it('has a row for every kind of key that the store writes, and no other', () => {
    const files = readdirSync(join(root, 'src/store')).filter((name) => name.endsWith('.ts'));
    const keys = files
      .filter((name) => name !== 'redis.ts')
      .flatMap((name) => [...textOf(`src/store/${name}`).matchAll(/\bkey\('([^']+)'/g)])
      .map(([, first]) => first);
    const rows = tableOf(page, ['Key in Redis (behind `{lb}:`)', 'What', 'If it is lost']);
    expect(rows.map(([name]) => codeIn(name)).sort()).toEqual([...new Set(keys)].sort());
  });

  it('names every queue and every state of a change', () => {
    for (const queue of Object.values(QUEUES)) expect(page).toContain(`\`${queue}\``);
    const states: Record<ChangeState, true> = {
      planning: true,
      waiting: true,
      approved: true,
      running: true,
      unknown: true,
      draining: true,
      holding: true,
      done: true,
      failed: true,
      refused: true,
      'half-done': true,
      denied: true,
      cancelled: true,
      expired: true,
    };
    const life = sectionOf('docs/architecture.md', '## The life of a change');
    const rows = tableOf(life, ['State', 'What', 'Goes on to']);
    expect(rows.map(([state]) => codeIn(state))).toEqual(Object.keys(states));
    for (const [state = '', , next = ''] of rows) {
      const open = isOpen(codeIn(state) as ChangeState);
      expect(next !== '', state).toBe(open);
      const named = [...next.matchAll(/`([a-z-]+)`/g)].map(([, name = '']) => name);
      expect(named.filter((name) => !(name in states))).toEqual([]);
    }
  });

  it('names only files that exist', () => {
    const files = readdirSync(join(root, 'src/operations'));
    const named = [
      ...sectionOf('docs/architecture.md', '## The life of a change').matchAll(/`([a-z-]+\.ts)`/g),
    ];
    expect(named.length).toBeGreaterThan(3);
    expect(named.map(([, name = '']) => name).filter((name) => !files.includes(name))).toEqual([]);
  });
});

describe('the decisions', () => {
  const decisions = pages.filter((name) => name.startsWith('docs/decisions/'));

  it('are numbered without a gap', () => {
    const numbers = decisions.map((name) => name.split('/').at(-1)?.slice(0, 4));
    expect(numbers).toEqual(numbers.map((_, index) => String(index + 1).padStart(4, '0')));
  });

  it.each(decisions)('%s says its number, context, decision, why and consequences', (name) => {
    const text = textOf(name);
    expect(text).toMatch(new RegExp(`^# ${name.split('/').at(-1)?.slice(0, 4)} \\S`));
    const parts = [...text.matchAll(/^\*\*(\w+)\.\*\* /gm)].map(([, part]) => part);
    expect(parts).toEqual(['Context', 'Decision', 'Why', 'Consequences']);
  });
});

describe('package-lock.json', () => {
  it('has an entry for every optional package, as decision 0010 says', () => {
    const { packages } = JSON.parse(textOf('package-lock.json')) as {
      packages: Record<string, { optionalDependencies?: Record<string, string> }>;
    };
    const optional = Object.values(packages).flatMap((entry) =>
      Object.keys(entry.optionalDependencies ?? {}),
    );
    expect(optional).toContain('@biomejs/cli-darwin-arm64');
    expect(optional.filter((name) => packages[`node_modules/${name}`] === undefined)).toEqual([]);
  });
});
