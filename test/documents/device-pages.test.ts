import { describe, expect, it } from 'vitest';
import { loadInventory } from '../../src/config/inventory.ts';
import { fencesOf } from './markdown.ts';

describe.each([
  ['docs/lvs.md', 'lvs', ['lvs-1', 'lvs-2']],
  ['docs/f5.md', 'f5', ['f5-edge']],
])('%s', (page, kind, names) => {
  it(`shows an inventory with ${kind} that loads as it stands`, () => {
    const [shown, ...more] = fencesOf(page).filter(({ language }) => language === 'yaml');
    expect(more).toEqual([]);
    const loaded = loadInventory(shown?.text ?? '', page);
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.faults));
    const balancers = [...loaded.inventory.balancers.values()];
    expect(balancers.map((balancer) => [balancer.name, balancer.kind])).toEqual(
      names.map((name) => [name, kind]),
    );
  });
});
