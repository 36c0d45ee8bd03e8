import { describe, expect, it } from 'vitest';
import { loadInventory } from '../../src/config/inventory.ts';
import { probedVip } from '../../src/domain/probed-vip.ts';

function load(balancers: string, pair: string, pool: string) {
  return loadInventory(
    `
environments:
  production: { roles: { operators: workspace } }
balancers:
${balancers}
pairs:
  edge: { nodes: [one, two]${pair} }
services:
  test.tianya.cn:
    environment: production
    pools:
      - { on: edge, ${pool} }
`,
    'lb.yaml',
  );
}

const lvs = (user: string, extra = '') =>
  `  one: { kind: lvs, ssh: ${user}@192.168.100.3${extra} }
  two: { kind: lvs, ssh: ${user}@192.168.100.4${extra} }`;
const haproxy = (one: string, two: string) =>
  `  one: { kind: haproxy, socket: /run/a.sock${one} }
  two: { kind: haproxy, socket: /run/a.sock${two} }`;
const f5 = `  one: { kind: f5, url: 'https://192.168.1.1', username: u, password: { env: F5_PASSWORD } }
  two: { kind: f5, url: 'https://192.168.1.2', username: u, password: { env: F5_PASSWORD } }`;

const VIP = "vip: '192.168.100.11:80'";
const MARK = 'vip: fwmark:7';
const ssh = (user: string, end: number) => `, ssh: ${user}@192.168.1.${end}`;

describe('a pair with roles', () => {
  it.each([
    ['directors that hold the address of a service', lvs('ops'), ', vrrp: VI_1', VIP],
    ['directors of root behind a mark', lvs('root'), ', vrrp: VI_1', MARK],
    [
      'directors with the helper behind a mark',
      lvs('lb', ', helper: /usr/local/sbin/lb-lvs'),
      ', vrrp: VI_1',
      MARK,
    ],
    ['addresses of its own', lvs('ops'), ', vrrp: VI_1, vips: [192.168.100.11]', MARK],
    [
      'HAProxy on hosts of root',
      haproxy(ssh('root', 3), ssh('root', 4)),
      ', vrrp: VI_1',
      'backend: web',
    ],
    [
      'HAProxy and addresses of its own',
      haproxy(ssh('ops', 3), ssh('ops', 4)),
      ', vrrp: VI_1, vips: [192.168.1.1]',
      'backend: web',
    ],
  ])('may have %s', (_name, balancers, pair, pool) => {
    const result = load(balancers, pair, pool);
    if (!result.ok) throw new Error(JSON.stringify(result.faults));
    expect(result.inventory.pairs.get('edge')?.vrrp).toBe('VI_1');
  });

  it.each([
    ['no witness behind a mark', lvs('ops'), ', vrrp: VI_1', MARK, 'vips beside it'],
    [
      'HAProxy without ssh',
      haproxy('', ssh('root', 4)),
      ', vrrp: VI_1',
      'backend: web',
      'ssh for one',
    ],
    [
      'HAProxy, a user who may not ask keepalived, and no address',
      haproxy(ssh('ops', 3), ssh('root', 4)),
      ', vrrp: VI_1',
      'backend: web',
      'ops may not ask keepalived of one',
    ],
    ['F5', f5, ', vrrp: VI_1', 'pool: /Common/web', 'one is f5'],
    ['addresses and no instance', lvs('ops'), ', vips: [192.168.100.11]', VIP, 'vrrp beside it'],
    ['an address that is none', lvs('ops'), ', vrrp: VI_1, vips: [web]', VIP, 'a list of the addr'],
  ])('is refused with %s', (_name, balancers, pair, pool, words) => {
    const result = load(balancers, pair, pool);
    expect(result.ok).toBe(false);
    expect(JSON.stringify(result)).toContain(words);
  });
});

describe('a pair whose VIP is probed', () => {
  it.each([
    ['at its virtual service', ', vrrp: VI_1, probe: 100ms', VIP, '192.168.100.11', 80],
    [
      'elsewhere',
      ', vrrp: VI_1, probe: 1s, probe_at: 192.168.100.12:443',
      VIP,
      '192.168.100.12',
      443,
    ],
    ['by IPv6', ", vrrp: VI_1, probe: 50ms, probe_at: '[fd00::11]:80'", VIP, 'fd00::11', 80],
  ])('is tried %s', (_name, pair, pool, address, port) => {
    const result = load(lvs('ops'), pair, pool);
    if (!result.ok) throw new Error(JSON.stringify(result.faults));
    expect(probedVip(result.inventory, 'edge')).toEqual({ address, port });
  });

  it.each([
    ['without vrrp', ', probe: 100ms', VIP, 'pairs.edge.probe', 'vrrp beside it'],
    ['too often', ', vrrp: VI_1, probe: 10ms', VIP, 'pairs.edge.probe', 'from 50ms to 10s'],
    ['for no duration', ', vrrp: VI_1, probe: 100', VIP, 'pairs.edge.probe', 'from 50ms to 10s'],
    [
      'nowhere',
      ', vrrp: VI_1, vips: [192.168.1.1], probe: 1s',
      MARK,
      'pairs.edge.probe',
      'probe_at',
    ],
    [
      'by UDP alone',
      ', vrrp: VI_1, probe: 1s',
      "vip: 'udp://192.168.100.11:53'",
      'pairs.edge.probe',
      'no service on this pair has a VIP by TCP',
    ],
    [
      'at a name',
      ', vrrp: VI_1, probe: 1s, probe_at: web:80',
      VIP,
      'pairs.edge.probe_at',
      'the address and port of the VIP',
    ],
    [
      'at a place, and never',
      ', vrrp: VI_1, probe_at: 192.168.100.11:80',
      VIP,
      'pairs.edge.probe_at',
      'probe beside it',
    ],
  ])('is refused %s', (_name, pair, pool, path, words) => {
    const result = load(lvs('ops'), pair, pool);
    if (result.ok) throw new Error('taken');
    expect(result.faults.map((fault) => `${fault.path} ${fault.expected}`)).toEqual([
      expect.stringContaining(`${path} `),
    ]);
    expect(JSON.stringify(result.faults)).toContain(words);
  });
});
