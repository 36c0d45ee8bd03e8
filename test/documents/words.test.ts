import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { printHelp } from '../../src/cli/print-help.ts';
import { helpText } from '../../src/commands/help.ts';
import { SHELL_ENTRIES } from '../../src/commands/shell-table.ts';
import { ALL_VERBS } from '../../src/commands/table.ts';
import { ENVIRONMENT, type EnvironmentEntry } from '../../src/config/environment-table.ts';
import { ERRORS } from '../../src/domain/errors.ts';
import { codeOf, pages, textOf } from './markdown.ts';

const verbs = new Set(ALL_VERBS.map(({ verb }) => verb as string));
const shellWords = new Set([
  ...verbs,
  ...SHELL_ENTRIES.map(({ words }) => words.split(' ')[0] ?? ''),
]);
const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(textOf('package.json')));

/** Every flag that help tells of, and those that only the commands' own help tells of. */
const ownFlags = new Set(
  [
    printHelp(new Set(ALL_VERBS.map(({ verb }) => verb))),
    ...ALL_VERBS.map(({ verb }) => helpText(new Set([verb]), verb)),
    ...['demo', 'config-check', 'audit', 'f5-sim'].map(
      (name) => /const HELP = `([\s\S]*?)`/.exec(textOf(`src/bin/${name}.ts`))?.[1] ?? '',
    ),
    textOf('scripts/test.mjs'),
  ].flatMap((text) => text.match(/--[a-z][a-z-]+/g) ?? []),
);
/** Flags of other programs, each with the program in whose line it may stand. */
const foreignFlags: Readonly<Record<string, RegExp>> = {
  '--ignore-scripts': /^npm ci /,
  '--build': /^docker compose /,
  '--now': /^systemctl /,
};

const names = new Set<string>([
  ...Object.keys(ERRORS),
  ...(ENVIRONMENT as readonly EnvironmentEntry[]).flatMap(({ name, secret }) =>
    secret ? [name, `${name}_FILE`] : [name],
  ),
  'NODE_ENV',
]);
/** Words of HAProxy, keepalived and others that look like codes. */
const foreignWords = new Set([
  'MAINT',
  'DRAIN',
  'UP',
  'DOWN',
  'MASTER',
  'BACKUP',
  'PATH',
  'FAILED',
  'FILE_CHECK',
]);

/** A path of somebody's machine, or a promise: neither belongs in a page for readers. */
const foreign = /(?:^|[\s"'`(])(?:\/root\/|\/home\/|\/tmp\/)|TODO|FIXME/i;

describe.each(pages)('%s', (page) => {
  const code = codeOf(page);

  it('names only verbs that exist', () => {
    const typed = code.flatMap((line) => [
      ...[...line.matchAll(/\/lb ([a-z]+)/g)].map(([, verb = '']) => ({ verb, known: verbs })),
      ...[...line.matchAll(/(?:^|[\s;&|])lb ([a-z][a-z0-9-]*)/g)].map(([, verb = '']) => ({
        verb,
        known: shellWords,
      })),
    ]);
    expect(typed.filter(({ verb, known }) => !known.has(verb)).map(({ verb }) => verb)).toEqual([]);
  });

  it('names only flags that exist', () => {
    const unknown = code.flatMap((line) =>
      (line.match(/(?<![\w-])--[a-z][a-z-]+/g) ?? []).filter(
        (flag) => !ownFlags.has(flag) && foreignFlags[flag]?.test(line) !== true,
      ),
    );
    expect(unknown).toEqual([]);
  });

  it('names only scripts of package.json', () => {
    const run = [...textOf(page).matchAll(/npm run ([a-z:]+)/g)].map(([, script = '']) => script);
    expect(run.filter((script) => scripts[script] === undefined)).toEqual([]);
  });

  it('names only error codes and environment variables that exist', () => {
    const inProse = textOf(page).match(/\b(?:LB|SLACK|REDIS)_[A-Z][A-Z_]+\b/g) ?? [];
    const inCode = code.filter((text) => /^[A-Z][A-Z_]{2,}$/.test(text));
    const unknown = [...inProse, ...inCode].filter(
      (name) => !names.has(name) && !foreignWords.has(name),
    );
    expect(unknown).toEqual([]);
  });

  it('says nothing of the place where it was written', () => {
    expect(
      textOf(page)
        .split('\n')
        .filter((line) => foreign.test(line)),
    ).toEqual([]);
  });
});

describe('these checks', () => {
  it('would see a wrong word of each kind', () => {
    expect(verbs.has('reboot')).toBe(false);
    expect(ownFlags.has('--force')).toBe(false);
    expect([...ownFlags]).toEqual(
      expect.arrayContaining(['--json', '--wait', '--keep-half', '--role', '--script', '--live']),
    );
    expect(names.has('LB_TOKEN')).toBe(false);
    expect('cd /home/somebody/lb').toMatch(foreign);
  });
});
