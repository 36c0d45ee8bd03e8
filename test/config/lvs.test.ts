import { describe, expect, it } from 'vitest';
import { loadInventory } from '../../src/config/inventory.ts';

const FILE = `
environments:
  production: { roles: { operators: workspace } }
balancers:
  lvs-1: { kind: lvs, ssh: ops@192.168.100.3 }
  lvs-2:
    kind: lvs
    ssh: ops@192.168.100.4:2222
    ssh_key: /etc/lb/key
    host_key: SHA256:${'A'.repeat(43)}
    helper: /usr/local/sbin/lb-lvs
    disable_by: delete
pairs:
  edge: { nodes: [lvs-1, lvs-2], vrrp: VI_1 }
services:
  test.tianya.cn:
    environment: production
    members: ['192.168.100.78:80', '[fd00::78]:80']
    pools:
      - { on: edge, vip: '192.168.100.11:80' }
      - { on: edge, vip: 'udp://192.168.100.11:53' }
      - { on: edge, vip: 'tcp://[FD00::0:11]:80' }
      - { on: edge, vip: fwmark:7 }
`;

function load(text: string) {
  return loadInventory(text, 'lb.yaml');
}

describe('an inventory with LVS', () => {
  it('has directors, their pair and virtual services in one spelling', () => {
    const result = load(FILE);
    if (!result.ok) throw new Error(JSON.stringify(result.faults));
    const { balancers, pairs, services } = result.inventory;
    expect(balancers.get('lvs-1')).toEqual({
      name: 'lvs-1',
      kind: 'lvs',
      ssh: { user: 'ops', host: '192.168.100.3', port: 22 },
    });
    expect(balancers.get('lvs-2')).toMatchObject({
      ssh: {
        port: 2222,
        login: { keyFile: '/etc/lb/key' },
        proof: { fingerprint: expect.stringMatching(/^SHA256:/) },
      },
      helper: '/usr/local/sbin/lb-lvs',
      disableBy: 'delete',
    });
    expect(pairs.get('edge')).toMatchObject({ vrrp: 'VI_1' });
    expect(services.get('test.tianya.cn')?.pools.map(({ pool }) => pool)).toEqual([
      '192.168.100.11:80',
      'udp://192.168.100.11:53',
      '[fd00::11]:80',
      'fwmark:7',
    ]);
  });

  it.each([
    [
      'no ssh',
      ['kind: lvs, ssh: ops@192.168.100.3', 'kind: lvs'],
      /lvs-1\.ssh: expected the director/,
    ],
    ['a socket', ['ssh: ops@192.168.100.3', 'ssh: ops@192.168.100.3, socket: /x'], /socket/],
    [
      'a helper that is no path',
      ['/usr/local/sbin/lb-lvs', 'lb-lvs; reboot'],
      /helper: expected an absolute path/,
    ],
    ['another way to disable', ['disable_by: delete', 'disable_by: reboot'], /weight or delete/],
    [
      'IPv6 without brackets',
      ["vip: 'udp://192.168.100.11:53'", "vip: 'fd00::11:53'"],
      /vip: expected a virtual service/,
    ],
    ['a backend on LVS', ['vip: fwmark:7', 'backend: web'], /backend: expected nothing/],
    ['no service', ['vip: fwmark:7', 'pool: /Common/web'], /vip: expected the virtual service/],
    [
      'one service in two spellings',
      ['vip: fwmark:7', "vip: 'tcp://192.168.100.11:80'"],
      /listed once/,
    ],
    ['an instance that is no name', ['vrrp: VI_1', "vrrp: 'a b'"], /vrrp_instance/],
  ] as const)('with %s says so', (_what, [from, to], words) => {
    const text = FILE.replace(from, to);
    expect(text).not.toBe(FILE);
    const result = load(text);
    if (result.ok) throw new Error('There is no fault.');
    const lines = result.faults.map(({ path, expected }) => `${path}: expected ${expected}`);
    expect(lines.join('\n')).toMatch(words);
  });
});
