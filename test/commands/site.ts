import { loadInventory } from '../../src/config/inventory.ts';
import type { Inventory } from '../../src/domain/inventory.ts';

const SITE = `
environments:
  production: { roles: { operators: [S0OPS] } }
balancers:
  ha-1: { kind: haproxy, socket: /run/ha-1.sock }
  ha-2: { kind: haproxy, socket: /run/ha-2.sock }
  lvs-1: { kind: lvs, ssh: ops@192.168.100.3 }
  lvs-2: { kind: lvs, ssh: ops@192.168.100.4 }
  solo: { kind: haproxy, socket: /run/solo.sock }
pairs:
  web: { nodes: [ha-1, ha-2] }
  edge: { nodes: [lvs-1, lvs-2], vrrp: VI_1 }
services:
  test.tianya.cn:
    environment: production
    aliases: [tianya]
    members: [192.168.100.74, 192.168.100.75, 192.168.100.78]
    pools: [{ on: web, backend: test.tianya.cn }]
  shop:
    environment: production
    members: [web-1, web-2, 'web-3:8080']
    pools: [{ on: web, backend: shop }]
  video:
    environment: production
    pools: [{ on: edge, vip: '192.168.100.11:80' }]
  api:
    environment: production
    pools: [{ on: solo, backend: api }]
`;

/** A small site for parser tests: members listed as addresses, listed as names, and not listed. */
export function site(): Inventory {
  const result = loadInventory(SITE, 'site.yml');
  if (!result.ok) throw new Error(JSON.stringify(result.faults));
  return result.inventory;
}
