import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import {
  type Ended,
  program,
  projectWithScripts,
  runScript,
  temporaryFolder,
  write,
} from './project.ts';
import { setup, tally } from './scripts.ts';

const file = (status: string, ...tests: string[]) => ({
  status,
  assertionResults: tests.map((each) => ({ status: each })),
});
const count = (exitCode: number, ...testResults: object[]) =>
  tally.lastLine(tally.tallyOf({ testResults }, exitCode));

describe("the count of vitest's report", () => {
  it('adds up passed, failed and skipped tests of all files', () => {
    const line = count(
      1,
      file('passed', 'passed', 'pending'),
      file('failed', 'passed', 'failed', 'todo'),
    );
    expect(line).toBe('2 passed, 1 failed, 2 skipped');
  });

  it('counts a file that could not be loaded as one failure', () => {
    expect(count(1, file('failed'), file('passed', 'passed'))).toBe(
      '1 passed, 1 failed, 0 skipped',
    );
  });

  it('counts an error outside of any test', () => {
    expect(count(1, file('passed', 'passed'))).toBe('1 passed, 1 failed, 0 skipped');
  });

  it('counts it as a failure when nothing ran', () => {
    expect(count(0)).toBe('0 passed, 1 failed, 0 skipped');
    expect(count(0, file('passed', 'skipped'))).toBe('0 passed, 1 failed, 1 skipped');
  });

  it('counts it as a failure when there is no report', () => {
    expect(tally.lastLine(tally.tallyOf(undefined, 1))).toBe('0 passed, 1 failed, 0 skipped');
  });
});

/** Pairs of keepalived in namespaces are root's to play; the lab is anybody's. */
const BESIDE = process.getuid?.() === 0 ? ['lab', 'pair'] : ['lab'];

describe('npm test', () => {
  let root: string;
  let tools: string;
  let bin: string;

  beforeEach(() => {
    ({ root, tools } = projectWithScripts());
    bin = temporaryFolder();
    for (const name of Object.keys(setup.PACKAGES)) {
      if (!name.startsWith('python3:')) program(bin, name, '');
    }
    program(tools, 'tsc', `[ "$1" = -p ] && /bin/mkdir -p '${root}/dist'; exit 0`);
    program(tools, 'biome', 'exit 0');
    vitest({ testResults: [file('passed', 'passed', 'passed')] }, 0);
  });

  /** Notes its arguments and leaves this report where it was told to. */
  function vitest(report: object, code: number): void {
    write(join(tools, 'report'), JSON.stringify(report));
    program(
      tools,
      'vitest',
      `echo "$LB_TEST_LONG $*" >> "$LOG"
for each in "$@"; do case "$each" in --outputFile.json=*) /bin/cp '${tools}/report' "\${each#*=}";; esac; done
exit ${code}`,
    );
  }

  const npmTest = (...args: string[]) =>
    runScript(join(root, 'scripts/test.mjs'), args, { PATH: bin });
  const asked = () => readFileSync(join(tools, 'log'), 'utf8').trimEnd().split('\n');
  const lastLineOf = ({ stdout }: Ended) => stdout.trimEnd().split('\n').at(-1);

  it('counts each check beside the tests and ends well when all passed', async () => {
    const ended = await npmTest();
    expect(lastLineOf(ended)).toBe(`${7 + 2 * BESIDE.length} passed, 0 failed, 0 skipped`);
    expect(ended.code).toBe(0);
  });

  it('goes on after a failed check, shows why, and ends with 1', async () => {
    program(tools, 'biome', 'echo "src/a.ts lint/suspicious/noConsole"; exit 1');
    program(
      tools,
      'tsc',
      `[ "$1" = -p ] && /bin/mkdir -p '${root}/dist' || { echo TS2322; exit 2; }`,
    );
    const ended = await npmTest();
    expect(lastLineOf(ended)).toBe(`${5 + 2 * BESIDE.length} passed, 2 failed, 0 skipped`);
    expect(ended.stdout).toContain('FAILED  format and lint\nsrc/a.ts lint/suspicious/noConsole');
    expect(ended.stdout).toContain('FAILED  types\nTS2322');
    expect(ended.code).toBe(1);
  });

  it('ends with 1 when a test failed', async () => {
    vitest({ testResults: [file('failed', 'passed', 'failed', 'skipped')] }, 1);
    const ended = await npmTest();
    expect(lastLineOf(ended)).toBe(
      `${6 + BESIDE.length} passed, ${1 + BESIDE.length} failed, ${1 + BESIDE.length} skipped`,
    );
    expect(ended.code).toBe(1);
  });

  it('counts the set-up as failed when npm packages cannot be installed', async () => {
    write(join(root, 'package-lock.json'), '{"newer":true}');
    program(bin, 'npm', 'exit 1');
    utimesSync(join(root, 'node_modules/.package-lock.json'), 1, 1);
    const ended = await npmTest();
    expect(lastLineOf(ended)).toBe('0 passed, 1 failed, 0 skipped');
    expect(ended.code).toBe(1);
  });

  it('hands further arguments to vitest, and --long as its own switch', async () => {
    await npmTest('--long', 'test/store');
    const run = (name: string) =>
      expect.stringMatching(new RegExp(`^1 run --project ${name} .* test/store$`));
    expect(asked().sort()).toEqual(['main', ...BESIDE].sort().map(run));
  });

  it('leaves the lab out when asked to, needs nothing of it, and says so', async () => {
    rmSync(join(bin, 'linux.uml'));
    const ended = await npmTest('--no-lab');
    expect(asked()).toEqual([expect.stringMatching(/^ run --project main /)]);
    expect(lastLineOf(ended)).toBe('7 passed, 0 failed, 0 skipped (lab left out)');
    expect(ended.code).toBe(0);
  });

  it('fails with the sentence that says what the lab needs', async () => {
    rmSync(join(bin, 'linux.uml'));
    const ended = await npmTest();
    expect(ended.stdout).toMatch(/FAILED {2}programs\nMissing: user-mode-linux\. /);
    expect(ended.code).toBe(1);
  });

  it('ends what runs when it is ended itself, and does not call that a result', async () => {
    program(
      tools,
      'vitest',
      `trap 'echo ended >> "$LOG"; exit 143' TERM
echo begun >> "$LOG"
while :; do /bin/sleep 0.05; done`,
    );
    const child = spawn(process.execPath, [join(root, 'scripts/test.mjs')], { env: { PATH: bin } });
    onTestFinished(() => void child.kill('SIGKILL'));
    let said = '';
    child.stdout.on('data', (bytes: Buffer) => {
      said += bytes;
    });
    const begun = ['main', ...BESIDE].map(() => 'begun');
    const log = () => (existsSync(join(tools, 'log')) ? asked() : []);
    await expect.poll(log).toEqual(begun);
    child.kill('SIGINT');
    const [code] = await once(child, 'close');
    expect(code).toBe(130);
    expect(asked()).toEqual([...begun, ...begun.map(() => 'ended')]);
    expect(said.trimEnd().split('\n').at(-1)).toBe('Ended by SIGINT.');
  });
});
