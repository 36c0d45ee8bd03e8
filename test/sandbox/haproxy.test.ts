import { mkdtempSync, rmSync } from 'node:fs';
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

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
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
