import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startHaproxy } from '../../src/sandbox/haproxy.ts';
import { haproxyConfig } from '../../src/sandbox/haproxy-config.ts';
import { startMembers } from '../../src/sandbox/members.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lb-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

const SERVER = { name: 'a', address: '127.0.0.1', port: 1 };

function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

/** A process that has ended and waits for its parent to notice is none any more. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

describe('the sandbox HAProxy', () => {
  it('carries traffic to its servers and leaves no process behind, reloads included', async () => {
    const members = await startMembers({ names: ['a'], directory });
    const servers = members.members.map(({ name, address, port }) => ({ name, address, port }));
    const haproxy = await startHaproxy({ directory, name: 'ha-1', backend: 'web', servers });
    expect(await (await fetch(haproxy.frontUrl)).text()).toBe('a\n');
    const first = haproxy.pid();
    await haproxy.reload();
    const second = haproxy.pid();
    expect(second).not.toBe(first);
    expect(await (await fetch(haproxy.frontUrl)).text()).toBe('a\n');
    await haproxy.stop();
    await haproxy.stop();
    expect([first, second].filter(isAlive)).toEqual([]);
    await members.close();
  });

  it('ends at once also when it is frozen', async () => {
    const haproxy = await startHaproxy({
      directory,
      name: 'ha-1',
      backend: 'web',
      servers: [SERVER],
    });
    haproxy.freeze();
    const startedMs = performance.now();
    await haproxy.stop();
    expect(performance.now() - startedMs).toBeLessThan(1_500);
    expect(isAlive(haproxy.pid())).toBe(false);
  });

  it('as a master with workers keeps the master over a reload and leaves no process behind', async () => {
    const members = await startMembers({ names: ['a'], directory });
    const servers = members.members.map(({ name, address, port }) => ({ name, address, port }));
    const settings = { directory, name: 'ha-1', backend: 'web', servers, master: true };
    const haproxy = await startHaproxy(settings);
    const master = parentOf(haproxy.pid());
    const slow = fetch(`${haproxy.frontUrl}/slow?ms=60000`).catch(() => 'cut');
    const first = haproxy.pid();
    await haproxy.reload();
    const second = haproxy.pid();
    expect(second).not.toBe(first);
    expect([first, second].map(parentOf)).toEqual([master, master]);
    expect(await (await fetch(haproxy.frontUrl)).text()).toBe('a\n');
    haproxy.freeze();
    await haproxy.stop();
    expect(await slow).toBe('cut');
    await expect.poll(() => [master, first, second].filter(isAlive)).toEqual([]);
    await members.close();
  });

  it('says no word of a state file that nobody asked for', () => {
    const config = { node: 'a', frontPort: 1, adminSocket: '/x', checkEveryMs: 1 };
    const backends = [{ name: 'web', servers: [] }];
    expect(haproxyConfig({ ...config, backends })).not.toContain('server-state');
    const kept = haproxyConfig({ ...config, backends, stateFile: '/y' });
    expect(kept).toContain('\n    server-state-file /y\n');
    expect(kept).toContain('\n    load-server-state-from-file global\n');
  });

  it('that is not installed is named with its Debian package', async () => {
    const settings = { directory, name: 'ha-1', backend: 'web', servers: [SERVER] };
    await expect(
      startHaproxy({ ...settings, binary: join(directory, 'haproxy') }),
    ).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('Debian package haproxy'),
    });
  });

  it('that does not start says why, in HAProxy’s words', async () => {
    const twice = { directory, name: 'ha-1', backend: 'web', servers: [SERVER, SERVER] };
    await expect(startHaproxy({ ...twice, balance: 'nonsense' })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringMatching(/Starting HAProxy ha-1: .*\[ALERT\].*balance/),
    });
  });

  it('takes no value that would add a line to its configuration', () => {
    const config = {
      node: 'ha-1',
      frontPort: 1,
      adminSocket: '/tmp/x',
      checkEveryMs: 500,
      backends: [{ name: 'web\n    server evil 10.0.0.1:80', servers: [] }],
    };
    expect(() => haproxyConfig(config)).toThrow(expect.objectContaining({ code: 'UNSAFE_NAME' }));
  });
});
