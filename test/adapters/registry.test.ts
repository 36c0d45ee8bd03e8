import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ADAPTERS, createAdapter } from '../../src/adapters/registry.ts';
import type { Balancer, HaproxyBalancer } from '../../src/domain/inventory.ts';

const FOLDER = new URL('../../src/adapters/', import.meta.url);
const clock = { now: () => 0 };

describe('the registry of adapters', () => {
  it('lists exactly the folders there are', () => {
    const folders = readdirSync(FOLDER, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
    expect(Object.keys(ADAPTERS).sort()).toEqual(folders.sort());
  });

  it.each(Object.keys(ADAPTERS))('%s has the files every adapter has', (kind) => {
    for (const file of ['adapter.ts', 'commands.ts', 'parse.ts', 'schema.ts', 'readme.md']) {
      expect(existsSync(new URL(`${kind}/${file}`, FOLDER)), file).toBe(true);
    }
  });

  it('makes the adapter of a balancer, bound to its name', () => {
    const balancer: Balancer = { name: 'ha-1', kind: 'haproxy', socket: '/run/haproxy/admin.sock' };
    expect(createAdapter(balancer, { clock })).toMatchObject({ kind: 'haproxy', balancer: 'ha-1' });
  });

  it.each<[string, Omit<HaproxyBalancer, 'name' | 'kind'>]>([
    ['TCP', { socket: 'tcp://127.0.0.1:9999' }],
    ['ssh', { socket: '/run/x', ssh: { user: 'ops', host: 'ha-2', port: 22 } }],
    [
      'ssh through another host, by socat',
      {
        socket: '/run/x',
        via: 'socat',
        ssh: {
          user: 'ops',
          host: 'ha-2',
          port: 22,
          login: { agentSocket: '/run/agent' },
          proof: { fingerprint: 'SHA256:x' },
          jump: { user: 'ops', host: 'gate', port: 22, proof: { knownHostsFile: '/k' } },
        },
      },
    ],
  ])('makes one that is reached by %s, without opening anything', async (_name, place) => {
    const adapter = createAdapter({ name: 'ha-2', kind: 'haproxy', ...place }, { clock });
    expect(adapter.balancer).toBe('ha-2');
    await adapter.close();
  });

  it.each<Balancer>([
    { name: 'ha-1', kind: 'haproxy', socket: '/run/x', notify: { token: { env: 'TOKEN' } } },
    {
      name: 'lvs-1',
      kind: 'lvs',
      ssh: { user: 'root', host: '192.168.100.3', port: 22 },
      notify: { token: { file: '/etc/lb/token' } },
    },
  ])('makes that of a $kind balancer whose keepalived tells by itself', async (balancer) => {
    const adapter = createAdapter(balancer, { clock });
    expect(adapter.balancer).toBe(balancer.name);
    await adapter.close();
  });

  it.each([
    ['a relative socket', 'run/admin.sock', 'must be an absolute path'],
    ['a socket path the kernel would cut', `/${'x'.repeat(107)}`, 'at most 107 bytes'],
    ['a zero byte', '/run/a\u0000b', 'zero byte'],
    ['TCP without a port', 'tcp://ha-2', 'tcp://host:port'],
  ])('refuses %s in plain words', (_name, socket, words) => {
    expect(() => createAdapter({ name: 'ha-1', kind: 'haproxy', socket }, { clock })).toThrow(
      expect.objectContaining({ code: 'UNSUPPORTED', message: expect.stringContaining(words) }),
    );
  });

  it.each<[string, Omit<HaproxyBalancer, 'name' | 'kind'>]>([
    ['a state file that is no plain path', { socket: '/run/x', stateFile: '/tmp/a b' }],
    ['a master that is no path', { socket: '/run/x', masterSocket: 'tcp://127.0.0.1:1' }],
    ['a master beside TCP', { socket: 'tcp://127.0.0.1:1', masterSocket: '/run/m' }],
    ['a state file beside TCP', { socket: 'tcp://127.0.0.1:1', stateFile: '/run/m' }],
  ])('refuses %s', (_name, place) => {
    expect(() => createAdapter({ name: 'ha-1', kind: 'haproxy', ...place }, { clock })).toThrow(
      expect.objectContaining({ code: 'UNSUPPORTED' }),
    );
  });

  it.each(['/run/a b', '/run/$(id)', 'tcp://127.0.0.1:1'])(
    'refuses %s on another host: it would stand in a command there',
    (socket) => {
      const ssh = { user: 'ops', host: 'ha-2', port: 22 };
      expect(() =>
        createAdapter({ name: 'ha-2', kind: 'haproxy', socket, ssh }, { clock }),
      ).toThrow(expect.objectContaining({ code: 'UNSUPPORTED' }));
    },
  );
});
