import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MAY_IMPORT as mayImport, USED_BY as usedBy } from './architecture-table.ts';

/** `bin` wires everything and nothing imports it. */
const wiring = 'bin';
const executable = 'bin/lb.ts';

const linesMax = 300;
const drawers = ['utils', 'helpers', 'manager', 'common'];

const root = resolve(import.meta.dirname, '../src');
const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .sort();

const folderOf = (name: string) => name.split('/')[0] ?? '';
const textOf = (name: string) => readFileSync(join(root, name), 'utf8');

/** What a file imports: by statement, `import type` too, by `import('…')` in code or in a type, and by require. */
function importsIn(text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  const statements = code.matchAll(
    /^(?:import|export)\s+(?:type\s+)?(?:[\w$*\s,]*(?:\{[^}]*\})?\s*from\s*)?['"]([^'"]+)['"]/gm,
  );
  const expressions = code.matchAll(/\bimport\(\s*['"`]([^'"`]+)['"`]/g);
  const required = code.matchAll(/\bcreateRequire\([\w.]+\)\(\s*['"`]([^'"`]+)['"`]/g);
  return [...statements, ...expressions, ...required].map((match) => match[1] ?? '');
}

/** What is loaded with a file: neither types nor what it loads later by `import('…')`. */
function loadedWith(text: string): string[] {
  const later = /\bimport\(\s*['"`][^'"`]+['"`]/g;
  return importsIn(text.replace(/^(import|export) type\b[^;]*;/gm, '').replace(later, ''));
}

/** All files that are reached from the executable by following these imports. */
function reachedBy(follow: (text: string) => string[]): string[] {
  const reached = new Set([executable]);
  for (const name of reached) {
    if (!files.includes(name)) continue;
    for (const target of follow(textOf(name))) {
      if (target.startsWith('.')) reached.add(resolved(name, target));
    }
  }
  return [...reached];
}

/** The file of src that `target` means in the file `name`. */
const resolved = (name: string, target: string) =>
  relative(root, resolve(root, dirname(name), target));

/** Which of these imports the table does not allow to this file. */
function forbidden(name: string, targets: readonly string[]): string[] {
  const folder = folderOf(name);
  if (folder === wiring) return [];
  return targets.filter((target) => {
    if (!target.startsWith('.')) return !mayUse(folder, target);
    const other = folderOf(resolved(name, target));
    return other !== folder && !mayImport[folder]?.includes(other);
  });
}

function mayUse(folder: string, target: string): boolean {
  const [owner] = Object.entries(usedBy).filter(([name]) =>
    name.endsWith('/') ? target.startsWith(name) : target === name || target.startsWith(`${name}/`),
  );
  // Node's own modules are free unless listed; a package that nobody listed is nobody's.
  return owner ? owner[1].includes(folder) : target.startsWith('node:');
}

describe('architecture', () => {
  it('has every folder of src in the table, and no other', () => {
    const folders = [...new Set(files.map(folderOf))].sort();
    const known = [...Object.keys(mayImport), wiring];
    expect(folders.filter((folder) => !known.includes(folder))).toEqual([]);
    expect(known.filter((folder) => !existsSync(join(root, folder)))).toEqual([]);
  });

  it.each(files)('%s imports only what its folder may', (name) => {
    expect(forbidden(name, importsIn(textOf(name)))).toEqual([]);
  });

  it('lets product code reach neither the sandbox nor the wiring', () => {
    const sources = Object.keys(mayImport).filter((folder) => folder !== 'sandbox');
    expect(sources.filter((folder) => mayImport[folder]?.includes('sandbox'))).toEqual([]);
    expect(Object.values(mayImport).flat()).not.toContain(wiring);
  });

  it('has no file that nothing imports', () => {
    const reached = reachedBy(importsIn);
    expect(files.filter((name) => !reached.includes(name))).toEqual([]);
  });

  it('starts without development packages, which a production image does not have', () => {
    const { devDependencies } = JSON.parse(
      readFileSync(resolve(root, '../package.json'), 'utf8'),
    ) as { devDependencies: Record<string, string> };
    const loaded = reachedBy(loadedWith)
      .filter((name) => files.includes(name))
      .flatMap((name) => loadedWith(textOf(name)).map((target) => ({ name, target })));
    expect(loaded.filter(({ target }) => target in devDependencies)).toEqual([]);
  });

  it('has no import of a file that does not exist', () => {
    const lost = files.flatMap((name) =>
      importsIn(textOf(name))
        .filter((target) => target.startsWith('.') && !files.includes(resolved(name, target)))
        .map((target) => `${name}: ${target}`),
    );
    expect(lost).toEqual([]);
  });

  it(`has no file of more than ${linesMax} lines`, () => {
    const long = files.filter((name) => textOf(name).trimEnd().split('\n').length > linesMax);
    expect(long).toEqual([]);
  });

  it('has no file whose name says nothing', () => {
    const vague = new RegExp(`(^|-)(${drawers.join('|')})s?(-|$)`);
    expect(files.filter((name) => vague.test(basename(name, '.ts')))).toEqual([]);
  });
});

describe('the rules themselves', () => {
  it('see every form of import', () => {
    const text = `import { a } from './one.ts';
import type { B } from './two.ts';
import {
  c,
} from "./three.ts";
export { d } from './four.ts';
export const text = 'words';
export function f(from: string) { return 'more words'; }
import './five.ts';
import G, * as H from './eight.ts';
// import './not-this.ts';
/** Like import('./nor-this.ts'). */
  const later = await import('./six.ts');
type E = import('./seven.ts').E;
const nine = createRequire(import.meta.url)('./nine.ts');`;
    const names = ['one', 'two', 'three', 'four', 'five', 'eight', 'six', 'seven', 'nine'];
    expect(importsIn(text)).toEqual(names.map((name) => `./${name}.ts`));
    expect(loadedWith(text)).toEqual(
      ['one', 'three', 'four', 'five', 'eight', 'nine'].map((name) => `./${name}.ts`),
    );
  });

  it.each([
    ['domain/plan.ts', '../ports/clock.ts'],
    ['operations/apply.ts', '../adapters/haproxy/adapter.ts'],
    ['adapters/haproxy/adapter.ts', '../../sandbox/haproxy.ts'],
    ['slack/app.ts', '../bin/lb.ts'],
    ['queue/lane.ts', '@slack/web-api'],
    ['slack/app.ts', 'node:net'],
    ['cli/print.ts', 'ioredis/built/index.js'],
    ['policy/guard.ts', 'left-pad'],
  ])('refuse %s the import of %s', (name, target) => {
    expect(forbidden(name, [target])).toEqual([target]);
  });

  it.each([
    ['slack/app.ts', '@slack/bolt'],
    ['store/redis.ts', 'ioredis'],
    ['store/journal.ts', '../ports/records.ts'],
    ['adapters/haproxy/adapter.ts', './parse.ts'],
    ['domain/canonical.ts', 'node:crypto'],
    ['bin/serve.ts', '../sandbox/haproxy.ts'],
  ])('allow %s the import of %s', (name, target) => {
    expect(forbidden(name, [target])).toEqual([]);
  });
});
