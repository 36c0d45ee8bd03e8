import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { claimFolder, FOLDER_PREFIX, removeLeftovers, startedAt } from './leftovers.ts';

function parentOf(...names: readonly string[]): { parent: string; made: readonly string[] } {
  const parent = mkdtempSync(join(tmpdir(), 'lb-'));
  onTestFinished(() => rmSync(parent, { recursive: true, force: true }));
  const made = names.map((name) => join(parent, name));
  for (const directory of made) mkdirSync(directory);
  return { parent, made };
}

it('a folder of a lab that somebody holds stays', () => {
  const { parent, made } = parentOf(`${FOLDER_PREFIX}mine`);
  claimFolder(made[0] ?? '');
  expect(removeLeftovers(parent)).toEqual([]);
});

it('a folder whose process is gone goes, also when another has its number now', () => {
  const { parent, made } = parentOf(`${FOLDER_PREFIX}dead`, `${FOLDER_PREFIX}reused`);
  const [dead = '', reused = ''] = made;
  writeFileSync(join(dead, 'owner'), '4194304 12\n');
  writeFileSync(join(reused, 'owner'), `${process.pid} ${Number(startedAt(process.pid)) - 1}\n`);
  expect(removeLeftovers(parent)).toEqual([dead, reused]);
  expect(existsSync(dead) || existsSync(reused)).toBe(false);
});

it('a folder that is just being made stays, one without an owner since long goes', () => {
  const { parent, made } = parentOf(`${FOLDER_PREFIX}new`, `${FOLDER_PREFIX}old`);
  const [, old = ''] = made;
  utimesSync(old, 1, 1);
  expect(removeLeftovers(parent)).toEqual([old]);
});

it('what is not a folder of a lab stays', () => {
  const { parent, made } = parentOf('lb-other', 'somebody');
  for (const directory of made) writeFileSync(join(directory, 'owner'), '4194304 12\n');
  const file = join(parent, `${FOLDER_PREFIX}0.json`);
  writeFileSync(file, '{}');
  utimesSync(file, 1, 1);
  expect(removeLeftovers(parent)).toEqual([]);
});
