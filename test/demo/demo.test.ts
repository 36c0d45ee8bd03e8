import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { requestsIn, serverState } from '../stage/second-reader.ts';
import {
  cleanEnvironment,
  EXECUTABLE,
  processesOf,
  readyLineOf,
  startDetached,
  startLb,
} from './lb-process.ts';

/** Usually a fifth of a second; nobody waits for ten. */
const STOP_MS_MAX = 8_000;

const isGone = (pid: number) => processesOf(pid).length === 0;

describe('lb demo --json', () => {
  it('prints one line with all that a driver needs', async () => {
    const lb = startLb(['demo', '--json']);
    const ready = await readyLineOf(lb);
    expect(lb.err()).toContain('Ready after');

    expect(await (await fetch(ready.page)).text()).toContain('<title>Local Slack</title>');
    const state = await fetch(new URL('state', ready.control));
    expect(await state.json()).toMatchObject({
      ok: true,
      connected: true,
      notice: expect.stringContaining('SIMULATED'),
    });
    expect(ready.f5.units.map(({ role }) => role)).toEqual(['active', 'standby']);
    const units = await (await fetch(new URL('/state', ready.f5.control))).text();
    for (const end of [42, 43, 44, 45, 46]) expect(units).toContain(`192.168.100.${end}:80`);
    for (const { socket, front } of ready.haproxy) {
      expect(await serverState(socket, '192.168.100.78')).toEqual({ admin: 0, weight: 10 });
      expect((await fetch(front)).status).toBe(200);
    }
    expect(ready.members.map(({ name }) => name)).toEqual(
      ['74', '75', '76', '77', '78'].map((end) => `192.168.100.${end}`),
    );
    for (const { log, url } of ready.members) {
      expect((await fetch(url)).status).toBe(200);
      await expect.poll(() => requestsIn(log)).toBeGreaterThan(0);
    }
    expect(readFileSync(ready.inventory, 'utf8')).toContain('test.tianya.cn');
    expect(lb.out().split('\n')).toHaveLength(2);

    const shell = await promisify(execFile)(process.execPath, [EXECUTABLE, 'status', '--json'], {
      env: cleanEnvironment(ready.environment),
    });
    expect(shell.stdout).toContain('192.168.100.78');
    expect(shell.stdout).toContain('192.168.100.42:80');
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('leaves nothing after %s', async (signal) => {
    const lb = startLb(['demo', '--json']);
    const ready = await readyLineOf(lb);
    expect(processesOf(lb.pid)).toHaveLength(3);
    const begun = performance.now();
    lb.interrupt(signal);
    expect(await lb.ended, lb.err()).toBe(0);
    expect(performance.now() - begun).toBeLessThan(STOP_MS_MAX);
    expect(isGone(lb.pid)).toBe(true);
    expect(existsSync(dirname(ready.inventory))).toBe(false);
    await expect(fetch(ready.page)).rejects.toThrow();
    // Ending it breaks connections; that is nobody's news.
    expect(lb.err()).not.toMatch(/error|warn/i);
  });

  it('ends well when npm hands on a Ctrl-C that the terminal gave already', async () => {
    const lb = startLb(['demo', '--json']);
    await readyLineOf(lb);
    lb.interrupt();
    lb.child.kill('SIGINT');
    expect(await lb.ended).toBe(0);
    expect(isGone(lb.pid)).toBe(true);
  });

  it('ends when it is interrupted while it starts', async () => {
    const lb = startLb(['demo', '--json']);
    await expect.poll(() => lb.err(), { timeout: 15_000 }).toContain('Starting the embedded store');
    lb.interrupt();
    expect(await lb.ended).not.toBe(null);
    expect(isGone(lb.pid)).toBe(true);
  });

  it('ends with the process that started it', async () => {
    const start = `require('node:child_process').spawn(process.execPath, ${JSON.stringify([EXECUTABLE, 'demo', '--json'])}, { stdio: 'inherit' })`;
    const parent = startDetached(process.execPath, ['-e', start], cleanEnvironment());
    onTestFinished(() => parent.interrupt('SIGKILL'));
    const ready = await readyLineOf(parent);
    expect(processesOf(parent.pid)).toHaveLength(4);
    parent.child.kill('SIGKILL');
    await expect.poll(() => processesOf(parent.pid), { timeout: 10_000 }).toEqual([]);
    expect(existsSync(dirname(ready.inventory))).toBe(false);
  });

  it('takes its nodes along when it is killed, and the next start sweeps up', async () => {
    const killed = startLb(['demo', '--json']);
    const left = dirname((await readyLineOf(killed)).inventory);
    killed.child.kill('SIGKILL');
    await expect.poll(() => isGone(killed.pid)).toBe(true);
    expect(existsSync(left)).toBe(true);
    const next = startLb(['demo', '--json']);
    await readyLineOf(next);
    expect(existsSync(left)).toBe(false);
  });
});

describe('lb demo', () => {
  it('prints one address', async () => {
    const lb = startLb(['demo']);
    await lb.printed('Ctrl-C ends everything');
    await lb.printed('f5.tianya.cn: BIG-IP pair SIMULATED');
    expect(lb.out().match(/https?:\/\/\S+/g)).toHaveLength(1);
  });

  it.each([
    ['production', ['demo'], { NODE_ENV: 'production' }, 1, 'NODE_ENV=production'],
    [
      'a token of the real Slack',
      ['demo'],
      { SLACK_BOT_TOKEN: 'xoxb-1-real' },
      1,
      'SLACK_BOT_TOKEN',
    ],
    ['an unknown flag', ['demo', '--fast'], {}, 2, '--fast'],
    ['two ways at once', ['demo', '--json', '--script'], {}, 2, 'do not go together'],
  ])('does not start with %s', async (_case, args, env, code, words) => {
    const lb = startLb(args, cleanEnvironment(env));
    expect(await lb.ended).toBe(code);
    expect(lb.err()).toContain(words);
    expect(lb.err()).not.toMatch(/^ +at /m);
    expect(lb.out()).toBe('');
  });
});
