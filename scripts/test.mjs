// npm test: set-up, build, format and lint, types, then vitest. Further arguments go to vitest;
// `--long` runs the long tests instead of the others, `--no-lab` leaves out those that need the lab.
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, SetupError, tail } from './process.mjs';
import {
  build,
  installNpmPackages,
  installPrograms,
  LAB,
  PRODUCT,
  requireNode,
  surroundings,
} from './setup.mjs';
import { add, emptyTally, lastLine, tallyOf } from './tally.mjs';

/** What the tests start: all real. */
const PROGRAMS = [
  ...['haproxy', 'redis-server', 'chromium', 'sshd', 'socat', 'curl', 'busybox'],
  // Clients of the simulated BIG-IP that are not ours.
  ...['python3:suds', 'python3:ansible_collections/f5networks'],
];

const say = (line) => process.stdout.write(`${line}\n`);
const here = surroundings({ say });
const given = process.argv.slice(2);
const long = given.includes('--long');
const withLab = !given.includes('--no-lab');
const forVitest = given.filter((argument) => !['--long', '--no-lab'].includes(argument));
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

/** Runs a project of vitest; what it prints goes to `output`. Returns its exit code and its report. */
async function project(name, folder, output) {
  const reportFile = join(folder, `${name}.json`);
  const args = ['run', '--project', name, '--passWithNoTests', '--reporter=default'];
  args.push('--reporter=json', `--outputFile.json=${reportFile}`, ...forVitest);
  const env = long ? { ...here.env, LB_TEST_LONG: '1' } : here.env;
  const { code } = await run(tool('vitest'), args, { cwd: here.root, env, output, stop });
  try {
    return { code, report: JSON.parse(readFileSync(reportFile, 'utf8')) };
  } catch {
    return {
      code: code || 1,
      complaint: `vitest (${name}) ended with code ${code} and left no report.`,
    };
  }
}

/** A keepalived in the namespaces of an ordinary user starts no script and says nothing of itself. */
function mayWatchPairs() {
  const rights = /^CapEff:\s+(\w+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  const isAdmin = (BigInt(`0x${rights}`) & (1n << 21n)) !== 0n;
  if (process.getuid() === 0 && isAdmin) return true;
  say('left out  the HAProxy pair with keepalived (*.pair.ts): root alone can play it');
  return false;
}

/** All tests, each project beside the others; those of the lab, and of pairs, are played one after the other. */
async function vitest() {
  const folder = mkdtempSync(join(tmpdir(), 'lb-test-'));
  const beside = withLab ? ['lab', ...(mayWatchPairs() ? ['pair'] : [])] : [];
  // Two that draw on one screen would paint over each other.
  const outputs = beside.map((name) => join(folder, `${name}.txt`));
  const files = outputs.map((output) => openSync(output, 'w'));
  try {
    const ended = await Promise.all([
      project('main', folder, 'inherit'),
      ...beside.map((name, at) => project(name, folder, files[at])),
    ]);
    for (const output of outputs) process.stdout.write(readFileSync(output));
    for (const { complaint } of ended) if (complaint) say(complaint);
    const testResults = ended.flatMap(({ report }) => report?.testResults ?? []);
    return tallyOf({ testResults }, Math.max(...ended.map(({ code }) => code)));
  } finally {
    for (const file of files) closeSync(file);
    rmSync(folder, { recursive: true, force: true });
  }
}

// A signal ends what runs, and then this: the lab goes with the process that holds it.
const stopping = new AbortController();
const stop = stopping.signal;
let endedBy;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    endedBy ??= signal;
    stopping.abort();
  });
}

const packagesStand = await check('node and npm packages', async () => {
  requireNode();
  await installNpmPackages(here);
});
// Without them nothing else can run.
if (packagesStand) {
  const programs = withLab ? [...PROGRAMS, ...LAB] : PROGRAMS;
  await check('programs', () => installPrograms(programs, here));
  await check('build', () => build(here, PRODUCT));
  await check('format and lint', () => succeeds(tool('biome'), ['check', '--colors=off', '.']));
  await check('types', () => succeeds(tool('tsc'), ['--noEmit']));
  if (!stop.aborted) total = add(total, await vitest());
}

if (endedBy !== undefined) {
  say(`Ended by ${endedBy}.`);
  process.exitCode = 128 + constants.signals[endedBy];
} else {
  say(withLab ? lastLine(total) : `${lastLine(total)} (lab left out)`);
  process.exitCode = total.failed > 0 ? 1 : 0;
}
