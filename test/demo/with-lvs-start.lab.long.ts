import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import {
  cleanEnvironment,
  EXECUTABLE,
  processesOf,
  readyLineOf,
  startDetached,
} from './lb-process.ts';

const exec = promisify(execFile);
const SCRIPT = resolve(import.meta.dirname, '../../scripts/demo.mjs');
/** A compiler and two kernels, on a busy machine. */
const READY_MS_MAX = 150_000;

it('demo --with-lvs has two real directors with the table of the article, and takes them along', {
  timeout: 2 * READY_MS_MAX,
}, async () => {
  const args = [SCRIPT, '--with-lvs', '--json'];
  const demo = startDetached(process.execPath, args, cleanEnvironment());
  onTestFinished(async () => {
    demo.interrupt('SIGKILL');
    await demo.ended;
  });
  const ready = await readyLineOf(demo, READY_MS_MAX);
  const { lvs } = ready;
  if (lvs === undefined) throw new Error(demo.out());

  const rows = [74, 75, 76, 77, 78].map(
    (last) => new RegExp(`-> 192\\.168\\.100\\.${last}:80 +Route +3 `),
  );
  for (const { ssh } of lvs.directors) {
    const [program = '', ...words] = ssh.split(' ');
    const { stdout } = await exec(program, [...words, 'ipvsadm -Ln']);
    expect(stdout).toContain(`TCP  ${lvs.vip} rr persistent 60\n`);
    for (const row of rows) expect(stdout).toMatch(row);
  }
  expect(await (await fetch(lvs.front)).text()).toMatch(/^192\.168\.100\.7[4-8]\n$/);
  // The demo's own clients, each of them new, reach them all.
  const requestsIn = (log: string) => (existsSync(log) ? readFileSync(log, 'utf8') : '');
  for (const { log } of lvs.realServers) {
    await expect.poll(() => requestsIn(log), { timeout: 20_000 }).toMatch(/ http \S*10\.97\./);
  }
  const env = cleanEnvironment(ready.environment);
  const pools = await exec(process.execPath, [EXECUTABLE, 'pools'], { env });
  for (const words of ['test.tianya.cn', 'web.tianya.cn', 'f5.tianya.cn', lvs.vip]) {
    expect(pools.stdout).toContain(words);
  }

  demo.interrupt();
  expect(await demo.ended, demo.err()).toBe(0);
  expect(processesOf(demo.pid)).toEqual([]);
  expect(existsSync(dirname(lvs.clients))).toBe(false);
});
