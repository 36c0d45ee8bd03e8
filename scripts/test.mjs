// npm test: set-up, build, format and lint, types, then vitest. Further arguments go to vitest;
// `--long` runs the long tests instead of the others.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, SetupError, tail } from './process.mjs';
import {
  build,
  installNpmPackages,
  installPrograms,
  PRODUCT,
  requireNode,
  surroundings,
} from './setup.mjs';
import { add, emptyTally, lastLine, tallyOf } from './tally.mjs';

/** What the tests start: all real. */
const PROGRAMS = [
  ...['haproxy', 'redis-server', 'chromium', 'sshd', 'socat'],
  // Clients of the simulated BIG-IP that are not ours.
  ...['python3:suds', 'python3:ansible_collections/f5networks'],
];

const say = (line) => process.stdout.write(`${line}\n`);
const here = surroundings({ say });
const given = process.argv.slice(2);
const long = given.includes('--long');
const forVitest = given.filter((argument) => argument !== '--long');
const tool = (name) => join(here.root, 'node_modules', '.bin', name);

let total = emptyTally();

/** Runs one check and counts it; what it threw is shown. Returns whether it passed. */
async function check(name, work) {
  try {
    await work();
    say(`ok      ${name}`);
    total = add(total, { ...emptyTally(), passed: 1 });
    return true;
  } catch (error) {
    say(`FAILED  ${name}\n${error instanceof SetupError ? error.message : error.stack}`);
    total = add(total, { ...emptyTally(), failed: 1 });
    return false;
  }
}

async function succeeds(command, args) {
  const { code, text } = await run(command, args, { cwd: here.root, env: here.env });
  if (code !== 0) throw new SetupError(tail(text, 60));
}

async function vitest() {
  const folder = mkdtempSync(join(tmpdir(), 'lb-test-'));
  const reportFile = join(folder, 'report.json');
  const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
  const env = long ? { ...here.env, LB_TEST_LONG: '1' } : here.env;
  const { code } = await run(tool('vitest'), [...args, ...forVitest], {
    cwd: here.root,
    env,
    output: 'inherit',
  });
  let report;
  try {
    report = JSON.parse(readFileSync(reportFile, 'utf8'));
  } catch {
    say(`vitest ended with code ${code} and left no report.`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return tallyOf(report, code);
}

const packagesStand = await check('node and npm packages', async () => {
  requireNode();
  await installNpmPackages(here);
});
// Without them nothing else can run.
if (packagesStand) {
  await check('programs', () => installPrograms(PROGRAMS, here));
  await check('build', () => build(here, PRODUCT));
  await check('format and lint', () => succeeds(tool('biome'), ['check', '--colors=off', '.']));
  await check('types', () => succeeds(tool('tsc'), ['--noEmit']));
  total = add(total, await vitest());
}

say(lastLine(total));
process.exitCode = total.failed > 0 ? 1 : 0;
