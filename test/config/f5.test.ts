import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readBalancerSecrets } from '../../src/config/balancer-secrets.ts';
import { loadInventory } from '../../src/config/inventory.ts';

const HEX = 'ab'.repeat(32);
const PIN = Array.from({ length: 32 }, () => 'AB').join(':');

const text = (f5: string, pool = 'on: edge, pool: test.tianya.cn', more = '') => `
environments: { production: {} }
balancers:
  edge: { kind: f5, ${f5} }
  ha-1: { kind: haproxy, socket: /run/x }
${more}
services:
  shop:
    environment: production
    pools:
      - { ${pool} }
`;

const LOGIN = 'username: lbops, password: { env: F5_PASSWORD }';
const ONE = `url: "https://192.168.100.2", ${LOGIN}`;

function faultsOf(yaml: string): readonly string[] {
  const result = loadInventory(yaml, 'inventory.yml');
  if (result.ok) return [];
  return result.faults.map(
    ({ path, expected, got }) => `${path}: expected ${expected}, got ${got}`,
  );
}

function balancer(f5: string) {
  const result = loadInventory(text(f5), 'inventory.yml');
  if (!result.ok) throw new Error(JSON.stringify(result.faults));
  return result.inventory.balancers.get('edge');
}

describe('an F5 balancer of the inventory', () => {
  it('is one unit with as little as an address and a login', () => {
    expect(balancer(ONE)).toEqual({
      name: 'edge',
      kind: 'f5',
      units: [{ host: '192.168.100.2', port: 443 }],
      username: 'lbops',
      password: { env: 'F5_PASSWORD' },
      sync: 'warn',
      api: 'rest',
    });
  });

  it('is a pair, each unit pinned to its own certificate', () => {
    const pair = `url: "https://a.example:8443", peer: "https://[2001:db8::2]", fingerprint: ${HEX}, peer_fingerprint: "${PIN.toLowerCase()}", traffic_group: /Common/traffic-group-1, sync: auto, ${LOGIN}`;
    expect(balancer(pair)).toMatchObject({
      units: [
        { host: 'a.example', port: 8443, proof: { fingerprint: PIN } },
        { host: '2001:db8::2', port: 443, proof: { fingerprint: PIN } },
      ],
      trafficGroup: '/Common/traffic-group-1',
      sync: 'auto',
    });
  });

  it('is known by authorities in a file', () => {
    expect(balancer(`${ONE}, ca: /etc/lb/ca.pem`)).toMatchObject({
      units: [{ proof: { caFile: '/etc/lb/ca.pem' } }],
    });
  });

  it.each([
    ['http', `url: "http://192.168.100.2", ${LOGIN}`, /edge\.url: expected .*https:\/\/host/],
    ['a path', `url: "https://a/mgmt", ${LOGIN}`, /edge\.url: expected/],
    ['a password in the address', `url: "https://u:p@a", ${LOGIN}`, /edge\.url: expected/],
    ['no login', 'url: "https://a"', /edge\.username: expected the name of a user/],
    ['a short fingerprint', `${ONE}, fingerprint: AA`, /edge\.fingerprint: expected .*32 pairs/],
    [
      'a peer without its own',
      `${ONE}, peer: "https://b", fingerprint: ${HEX}`,
      /peer_fingerprint/,
    ],
    [
      'a fingerprint of nobody',
      `${ONE}, peer_fingerprint: ${HEX}`,
      /as long as peer names no unit/,
    ],
    ['two proofs', `${ONE}, fingerprint: ${HEX}, ca: /x`, /edge\.ca: expected nothing/],
    ['the same unit twice', `${ONE}, peer: "https://192.168.100.2:443"`, /a unit of its own/],
    ['copying by soap', `${ONE}, api: soap, sync: auto`, /edge\.sync: expected warn/],
    ['groups by soap', `${ONE}, api: soap, traffic_group: /Common/x`, /edge\.traffic_group/],
    ['a key of HAProxy', `${ONE}, socket: /run/x`, /edge\.socket: expected one of/],
  ])('has not %s', (_what, f5, words) => {
    const faults = faultsOf(text(f5));
    expect(faults.join('\n')).toMatch(words);
  });

  it('never holds the password itself, and what stands there is not shown', () => {
    const faults = faultsOf(text('url: "https://a", username: u, password: hunter2'));
    expect(faults).toEqual([
      'balancers.edge.password: expected where the password is kept, never the password itself: { env: NAME } or { file: /path }, got a string, not shown',
    ]);
  });

  it('stands in no pair: its units are one balancer', () => {
    const pairs = 'pairs: { both: { nodes: [edge, ha-1] } }';
    expect(faultsOf(text(ONE, 'on: ha-1, backend: x', pairs))).toEqual([
      expect.stringMatching(/pairs\.both\.nodes\[0\]: expected no F5/),
    ]);
  });
});

describe('a pool on an F5', () => {
  it.each(['test.tianya.cn', '/Common/test.tianya.cn', '/Tenant_A/app/web'])('is %s', (pool) => {
    const result = loadInventory(text(ONE, `on: edge, pool: ${pool}`), 'inventory.yml');
    expect(result.ok && result.inventory.services.get('shop')?.pools).toMatchObject([
      { on: 'edge', pool, lane: 'edge', balancers: ['edge'] },
    ]);
  });

  it.each([
    [
      'on: edge, backend: x',
      [/pools\[0\]\.backend: expected nothing: edge is f5/, /pool: expected/],
    ],
    ['on: ha-1, pool: x', [/pools\[0\]\.backend: expected the name/, /pool: expected nothing/]],
    ['on: edge', [/pools\[0\]\.pool: expected the name of the pool, got nothing/]],
    ['on: edge, pool: "x; y"', [/pools\[0\]\.pool: expected the pool's name/]],
    [
      'on: edge, pool: x }\n      - { on: edge, pool: /Common/x',
      [/pools\[1\].*service shop has it/],
    ],
  ])('%s is refused', (pool, words) => {
    const faults = faultsOf(text(ONE, pool));
    expect(faults).toHaveLength(words.length);
    for (const pattern of words) expect(faults.join('\n')).toMatch(pattern);
  });
});

describe('the password of an F5', () => {
  const read = (place: string, env: Record<string, string>) => {
    const result = loadInventory(
      text(`url: "https://a", username: u, password: ${place}`),
      'inventory.yml',
    );
    if (!result.ok) throw new Error(JSON.stringify(result.faults));
    return readBalancerSecrets(result.inventory, env);
  };

  it('is read from the environment or from a file, and prints as a secret', () => {
    const directory = mkdtempSync(join(tmpdir(), 'lb-f5-'));
    const file = join(directory, 'password');
    writeFileSync(file, 'hunter2\n');
    try {
      for (const found of [read('{ env: F5 }', { F5: 'hunter2' }), read(`{ file: ${file} }`, {})]) {
        expect(found.ok && found.secrets.get('edge')?.reveal()).toBe('hunter2');
        expect(found.ok && `${found.secrets.get('edge')}`).toBe('[secret]');
      }
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it.each([
    ['{ env: F5 }', {}, /edge\.password.*the environment variable F5/],
    ['{ env: F5 }', { F5: '' }, /edge\.password.*the environment variable F5/],
    ['{ file: /no/such/file }', {}, /edge\.password.*ENOENT/],
  ])('%s that is not there is a fault', (place, env, words) => {
    const found = read(place, env);
    expect(JSON.stringify(found)).toMatch(words);
    expect(found.ok).toBe(false);
  });
});
