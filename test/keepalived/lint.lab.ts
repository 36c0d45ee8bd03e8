import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KEEPALIVED_CONF } from '../lab/director-files.ts';
import type { Lab } from '../lab/lab.ts';
import { useLab } from '../lab/use-lab.ts';
import { CHANNEL, OPERATORS } from '../stage/inventory.ts';
import { directorBlock, LVS_POOL } from '../stage/lvs-inventory.ts';
import { startLb } from '../stage/worker-process.ts';

const KEPT = `${KEEPALIVED_CONF}.kept`;

let lab: Lab;
let stop: () => Promise<void> = async () => {};
const folder = mkdtempSync(join(tmpdir(), 'lb-'));
const inventory = join(folder, 'inventory.yaml');

beforeAll(async () => {
  ({ lab, stop } = await useLab());
  const yaml = `environments:
  production:
    roles: { viewers: workspace, operators: [${OPERATORS}] }
balancers:
${directorBlock(lab, 'lvs-1', 'helper', 'helper: /usr/local/sbin/lb-lvs')}
${directorBlock(lab, 'lvs-2', 'root')}
pairs:
  edge: { nodes: [lvs-1, lvs-2], vrrp: VI_1 }
services:
  shop: { environment: production, channel: ${CHANNEL}, pools: [{ on: edge, vip: "${LVS_POOL}" }] }
`;
  writeFileSync(inventory, yaml);
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await stop();
});

async function lint(): Promise<{ readonly code: number | null; readonly said: string }> {
  const run = startLb(['keepalived', 'lint', 'edge'], { LB_INVENTORY: inventory });
  const code = await run.exited;
  return { code, said: run.output() + run.errors() };
}

describe('lb keepalived lint of a live pair', () => {
  it('finds nothing in two directors that fit, and what does not fit as soon as it is in a file', async () => {
    expect(await lint()).toEqual({ code: 0, said: 'OK\n' });
    // Only the file: what runs is as it was, so nothing fails over.
    await lab
      .director('lvs-2')
      .ask(
        `cp -p ${KEEPALIVED_CONF} ${KEPT} && sed -i -e 's/auth_pass .*/auth_pass another1/' -e 's/priority .*/priority 100/' ${KEEPALIVED_CONF}`,
      );
    try {
      const { code, said } = await lint();
      expect(code).toBe(1);
      expect(said).toContain(
        'ERROR  VI_1: the authentication differs between lvs-1 and lvs-2: two masters.',
      );
      expect(said).toContain('ERROR  VI_1: both have priority 100; it must differ.');
      expect(said).not.toMatch(/tianya11|another1/);
    } finally {
      await lab.director('lvs-2').ask(`mv ${KEPT} ${KEEPALIVED_CONF}`);
    }
  });
});
