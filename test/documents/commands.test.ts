import { execFile } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { openStage, type Stage } from '../stage/stage.ts';
import { startLb } from '../stage/worker-process.ts';
import { COVERED, type Coverage } from './commands-covered.ts';
import { fencesOf, pages, root, textOf } from './markdown.ts';

/** The `sh` blocks of the sandbox's readme drive a page of their own, see its tests. */
const guides = pages.filter((page) => page === 'README.md' || page.startsWith('docs/'));

const commandsOf = (page: string): readonly string[] =>
  fencesOf(page)
    .filter(({ language }) => language === 'sh')
    .flatMap(({ text }) => text.trimEnd().split('\n'));

const shownSomewhere = new Set(guides.flatMap(commandsOf));

/** The text of a file, or of all files of a folder. */
function testsIn(path: string): string {
  const full = join(root, path);
  if (!statSync(full).isDirectory()) return textOf(path);
  return readdirSync(full)
    .map((name) => testsIn(`${path}/${name}`))
    .join('\n');
}

describe.each(guides.filter((page) => commandsOf(page).length > 0))('%s', (page) => {
  const found = commandsOf(page).map((command) => ({ command, coverage: COVERED[command] }));

  it('shows no command that no test knows', () => {
    expect(
      found.filter(({ coverage }) => coverage === undefined).map(({ command }) => command),
    ).toEqual([]);
  });

  it('shows commands that the named tests run', () => {
    for (const { command, coverage } of found) {
      if (coverage === undefined || !('coveredBy' in coverage)) continue;
      const tests = testsIn(coverage.coveredBy);
      for (const word of coverage.words) expect(tests, command).toContain(word);
    }
  });

  it('says of each command that cannot be run here that it was not', () => {
    for (const { coverage } of found) {
      if (coverage !== undefined && 'notRun' in coverage)
        expect(textOf(page)).toContain(coverage.notRun);
    }
  });

  it('shows commands that do what the page says, one after the other', async () => {
    const isRun = (coverage: Coverage | undefined) => coverage !== undefined && 'run' in coverage;
    const run = found.filter(({ coverage }) => isRun(coverage));
    const mark = (index: number) => `-- end of ${index}, code`;
    const script = [
      'shopt -s expand_aliases',
      'alias lb="node $PWD/dist/bin/lb.js"',
      ...run.map(({ command }, index) => `${command}\necho "${mark(index)} $?"`),
    ].join('\n');
    const env = { PATH: process.env.PATH, HOME: process.env.HOME };
    // Without --norc bash reads ~/.bashrc when its input is a socket, as Node.js makes it.
    const { stdout, stderr } = await promisify(execFile)('bash', ['--norc', '-c', script], {
      cwd: root,
      env,
    });
    let rest = stdout;
    for (const [index, { command, coverage }] of run.entries()) {
      if (coverage === undefined || !('run' in coverage)) continue;
      const [said = '', after = ''] = rest.split(`${mark(index)} `);
      expect(after.split('\n')[0], `${command}\n${stderr}`).toBe(String(coverage.code));
      expect(said, command).toContain(coverage.says);
      rest = after;
    }
  });
});

it('no command is covered that no page shows', () => {
  expect(Object.keys(COVERED).filter((command) => !shownSomewhere.has(command))).toEqual([]);
});

describe('on a site that runs', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage({ nodes: 1 });
  });
  afterAll(() => stage.stop());

  it.each([
    ['serve'],
    ['serve', '--role', 'bot'],
    ['serve', '--role', 'worker'],
    ['serve', '--role', 'watch'],
  ])('lb %s %s %s starts, is ready, and stops', async (...args) => {
    const lb = startLb(args, stage.environment);
    onTestFinished(() => lb.kill('SIGKILL'));
    await expect.poll(() => lb.output(), { timeout: 30_000 }).toContain('"Serving"');
    const port = /"healthPort":(\d+)/.exec(lb.output())?.[1];
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200);
    lb.kill('SIGTERM');
    expect(await lb.exited).toBe(0);
  });
});
