import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadInventory } from '../../src/config/inventory.ts';
import type { Inventory } from '../../src/domain/inventory.ts';
import { hostile, never, seed, spoilt } from './hostile.ts';

const FOLDERS = ['../../examples/', '../fixtures/inventory/'];
const FILES = FOLDERS.flatMap((folder) => {
  const url = new URL(folder, import.meta.url);
  return readdirSync(url)
    .filter((name) => name.endsWith('.yml'))
    .map((name) => readFileSync(new URL(name, url), 'utf8'));
});
const WHOLE = FILES.filter((text) => loadInventory(text, 'inventory.yml').ok);

const SAFE_NAME = /^[A-Za-z0-9_.:-]{1,200}$/;
const OWN_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** What a good inventory must not hold: a name that reaches a device, a key or a queue as more than a name. */
function inventoryFault({ services, balancers, pairs }: Inventory): string | undefined {
  const own = [...services.keys(), ...balancers.keys(), ...pairs.keys()];
  for (const service of services.values()) {
    own.push(...service.aliases, ...service.pools.map(({ lane }) => lane));
    const pool = service.pools.find((one) => !SAFE_NAME.test(one.pool));
    if (pool !== undefined) return `the pool ${pool.pool}`;
    for (const { balancers: on } of service.pools) {
      const unknown = on.find((name) => !balancers.has(name));
      if (unknown !== undefined) return `the balancer ${unknown}`;
    }
  }
  const odd = own.find((name) => !OWN_NAME.test(name));
  return odd === undefined ? undefined : `the name ${JSON.stringify(odd)}`;
}

function textFault(text: string): { readonly ok: boolean; readonly fault?: string } {
  const result = loadInventory(text, 'inventory.yml');
  if (result.ok) {
    const fault = inventoryFault(result.inventory);
    return fault === undefined ? { ok: true } : { ok: true, fault };
  }
  const [first] = result.faults;
  return first === undefined
    ? { ok: false, fault: 'it is refused without a reason' }
    : { ok: false };
}

describe(`an inventory that somebody spoilt (LB_FUZZ_SEED=${seed})`, () => {
  it('is read or refused with reasons, and never throws', () => {
    let good = 0;
    const given = fc.oneof({ weight: 2, arbitrary: spoilt(WHOLE) }, spoilt(FILES));
    never(given, 1_500, (text) => {
      const { ok, fault } = textFault(text);
      if (ok) good += 1;
      return fault;
    });
    expect(good).toBeGreaterThan(10);
  });

  it('is refused when it is no inventory at all', () => {
    const rubbish = fc.oneof(hostile, fc.string({ unit: 'binary', maxLength: 200 }));
    never(rubbish, 1_500, (text) => {
      const { ok, fault } = textFault(text);
      return ok ? `it was taken: ${JSON.stringify(text)}` : fault;
    });
  });
});
