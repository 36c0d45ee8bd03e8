import { lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { isPattern, matchesGlob } from './glob.ts';
import { parseSource, type Statement } from './source.ts';
import { type ConfigFiles, includedBy, isInclude } from './whole.ts';

const FILES_MAX = 500;

/** A configuration on this machine with all that it includes; throws what reading the first file throws. */
export function filesOnDisk(file: string): ConfigFiles {
  const root = resolve(file);
  const texts = new Map([[root, readFileSync(root, 'utf8')]]);
  const waiting = [root];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const source = parseSource(texts.get(path) ?? '', { file: path });
    for (const pattern of source.ok ? patternsIn(source.statements) : []) {
      for (const found of expand(pattern) ?? []) {
        if (texts.has(found) || texts.size >= FILES_MAX) continue;
        const text = textOf(found);
        if (text === undefined) continue;
        texts.set(found, text);
        waiting.push(found);
      }
    }
  }
  return { root, texts, expand };
}

function patternsIn(statements: readonly Statement[]): readonly string[] {
  return statements.flatMap((each) =>
    isInclude(each) ? [includedBy(each)] : patternsIn(each.block ?? []),
  );
}

/** One name, or a pattern in the last part of the path; braces and patterns of folders are not followed. */
function expand(pattern: string): readonly string[] | undefined {
  if (/[{}~$]/u.test(pattern) || isPattern(dirname(pattern))) return undefined;
  if (!isPattern(pattern)) return isFile(pattern) ? [pattern] : [];
  const folder = dirname(pattern);
  try {
    return readdirSync(folder)
      .map((name) => join(folder, name))
      .filter((path) => matchesGlob(pattern, path) && isFile(path))
      .sort();
  } catch {
    return [];
  }
}

function isFile(path: string): boolean {
  return (
    (
      lstatSync(path, { throwIfNoEntry: false }) && statSync(path, { throwIfNoEntry: false })
    )?.isFile() === true
  );
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
