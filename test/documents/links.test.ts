import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pages, root, textOf } from './markdown.ts';

/** Targets of links and pictures in a page, those in code left out. */
function targetsOf(page: string): readonly string[] {
  const prose = textOf(page)
    .replace(/^```\w*\n[\s\S]*?^```$/gm, '')
    .replace(/`[^`\n]*`/g, 'code');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
}

/** Headings as GitHub makes anchors of them. */
function anchorsOf(page: string): readonly string[] {
  return [...textOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

describe.each(pages)('%s', (page) => {
  it('links only to what is there', () => {
    const dead = targetsOf(page).filter((target) => {
      if (/^https:\/\//.test(target)) return false;
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? page : normalize(join(dirname(page), path));
      if (file.startsWith('..') || !existsSync(join(root, file))) return true;
      return anchor !== undefined && !anchorsOf(file).includes(anchor);
    });
    expect(dead).toEqual([]);
  });
});

describe('the pages in docs', () => {
  it('can all be reached from the README', () => {
    const reached = new Set(['README.md']);
    for (const page of reached) {
      for (const target of targetsOf(page)) {
        const file = normalize(join(dirname(page), target.split('#')[0] ?? ''));
        for (const other of pages) {
          if (other === file || dirname(other) === file) reached.add(other);
        }
      }
    }
    expect(pages.filter((page) => page.startsWith('docs/') && !reached.has(page))).toEqual([]);
  });
});
