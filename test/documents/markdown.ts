import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');
export const textOf = (path: string) => readFileSync(join(root, path), 'utf8');

function markdownIn(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}/${name}`)
    .sort();
}

/** Every page a reader may open, as paths from the top of the repository. */
export const pages: readonly string[] = [
  'README.md',
  'CHANGELOG.md',
  ...markdownIn('docs'),
  ...markdownIn('src'),
  ...markdownIn('test/fixtures'),
];

export interface Fence {
  readonly language: string;
  readonly text: string;
}

/** The fenced blocks of a page. */
export function fencesOf(page: string): readonly Fence[] {
  const found = textOf(page).matchAll(/^```(?<language>\w*)\n(?<text>[\s\S]*?)^```$/gm);
  return [...found].map(({ groups }) => ({
    language: groups?.language ?? '',
    text: groups?.text ?? '',
  }));
}

/** Everything a page shows as code: lines of fenced and indented blocks, and code within a line. */
export function codeOf(page: string): readonly string[] {
  const prose = textOf(page).replace(/^```\w*\n[\s\S]*?^```$/gm, '');
  const indented = [...prose.matchAll(/^ {4}(\S.*)$/gm)].map(([, line = '']) => line);
  const inline = [...prose.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
  const fenced = fencesOf(page)
    .filter(({ language }) => language !== 'mermaid')
    .flatMap(({ text }) => text.split('\n'));
  return [...fenced, ...indented, ...inline].filter((line) => line.trim() !== '');
}

/** The part of a page under a heading, without the parts below headings of the same rank. */
export function sectionOf(page: string, heading: string): string {
  const rank = /^#+/.exec(heading)?.[0] ?? '';
  const [, after = ''] = `\n${textOf(page)}`.split(`\n${heading}\n`);
  return after.split(new RegExp(`^${rank} `, 'm'))[0] ?? '';
}

/** The rows of the first table with this head, each as its cells; `\|` is a bar within a cell. */
export function tableOf(text: string, head: readonly string[]): readonly (readonly string[])[] {
  const lines = text.split('\n');
  const start = lines.indexOf(`| ${head.join(' | ')} |`);
  if (start < 0) throw new Error(`There is no table with the head ${head.join(', ')}.`);
  const below = lines.slice(start + 2);
  const end = below.findIndex((line) => !line.startsWith('|'));
  return (end < 0 ? below : below.slice(0, end)).map((line) =>
    line
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim().replaceAll('\\|', '|')),
  );
}

/** The words of a cell that is one piece of code. */
export const codeIn = (cell = '') => /^`(.+)`$/.exec(cell)?.[1] ?? cell;
