import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { byHand } from '../../../src/adapters/haproxy/by-hand.ts';
import { createAdapter } from '../../../src/adapters/registry.ts';
import type { HaproxyBalancer } from '../../../src/domain/inventory.ts';

const settings = (over: Partial<HaproxyBalancer>) =>
  ({ name: 'ha-1', kind: 'haproxy', socket: '/run/haproxy/admin.sock', ...over }) as const;
const ops = { user: 'ops', host: '192.168.1.4', port: 22 };
const command = 'disable server shop/web-1';

describe('the line to type by hand', () => {
  it.each<[string, Partial<HaproxyBalancer>, string]>([
    ['a socket on this machine', {}, 'socat stdio /run/haproxy/admin.sock'],
    ['TCP', { socket: 'tcp://127.0.0.1:9999' }, 'socat stdio TCP:127.0.0.1:9999'],
    ['TCP by IPv6', { socket: 'tcp://[::1]:9999' }, "socat stdio 'TCP6:[::1]:9999'"],
    ['ssh', { ssh: ops }, 'ssh ops@192.168.1.4 socat stdio /run/haproxy/admin.sock'],
    [
      'ssh with a key, a port and a host between',
      {
        ssh: {
          ...ops,
          port: 2222,
          login: { keyFile: '/etc/lb/id' },
          jump: { user: 'gate', host: 'bastion', port: 22 },
        },
      },
      'ssh -i /etc/lb/id -J gate@bastion:22 -p 2222 ops@192.168.1.4 socat stdio /run/haproxy/admin.sock',
    ],
    ['an odd path', { socket: "/run/it's here" }, "socat stdio 'UNIX-CONNECT:/run/it'\\''s here'"],
  ])('goes by %s', (_what, over, way) => {
    expect(byHand(settings(over), command)).toBe(`echo "disable server shop/web-1" | ${way}`);
  });

  it('says to a shell what the command says, whatever is in it', async () => {
    for (const odd of [command, 'a "b" $(touch x) `id` \\ !', "it's $HOME"]) {
      const line = byHand(settings({}), odd).replace(/ \| .*$/s, '');
      const { stdout } = await promisify(execFile)('bash', ['--norc', '-c', line]);
      expect(stdout).toBe(`${odd}\n`);
    }
  });

  it('comes with every adapter', async () => {
    const adapter = createAdapter(settings({}), { clock: { now: () => 0 } });
    expect(adapter.byHand?.(command)).toBe(byHand(settings({}), command));
    await adapter.close();
  });
});
