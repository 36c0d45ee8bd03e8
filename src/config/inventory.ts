import type { z } from 'zod';
import type { Inventory } from '../domain/inventory.ts';
import { nearestName } from '../domain/names.ts';
import { buildInventory } from './build-inventory.ts';
import { crossCheck, type Finding } from './cross-check.ts';
import { type ConfigFault, type PathPart, pathText, shown, valueAt } from './fault.ts';
import { inventorySchema } from './inventory-schema.ts';
import { outlineOf } from './outline.ts';
import { readYaml } from './yaml-text.ts';

export type InventoryResult =
  | { readonly ok: true; readonly inventory: Inventory }
  | { readonly ok: false; readonly faults: readonly ConfigFault[] };

const charactersMax = 1_000_000;

/** The inventory in a YAML text, frozen, or every fault at once, in the order of the file. `fileName` is for messages. */
export function loadInventory(yamlText: string, fileName: string): InventoryResult {
  if (yamlText.length > charactersMax) {
    const expected = `at most ${charactersMax} characters`;
    return { ok: false, faults: [{ path: fileName, expected, got: String(yamlText.length) }] };
  }
  const yaml = readYaml(yamlText);
  if (!yaml.isWhole) return { ok: false, faults: yaml.faults };
  if (yaml.data === null || yaml.data === undefined) {
    const expected = 'an inventory with environments, balancers and services';
    return { ok: false, faults: [{ path: fileName, expected, got: 'nothing' }] };
  }
  const parsed = inventorySchema.safeParse(yaml.data);
  const shape = parsed.success
    ? []
    : parsed.error.issues.flatMap((issue) => findings(issue, yaml.data));
  const found = [...shape, ...crossCheck(outlineOf(yaml.data))].map((finding): ConfigFault => {
    const { path, expected, got } = finding;
    const line = yaml.lineOf(path);
    return {
      path: pathText(path) || fileName,
      expected,
      got,
      ...(line === undefined ? {} : { line }),
    };
  });
  const faults = [...yaml.faults, ...found].sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
  if (!parsed.success || faults.length > 0) return { ok: false, faults };
  return { ok: true, inventory: buildInventory(parsed.data) };
}

function findings(issue: z.core.$ZodIssue, data: unknown): readonly Finding[] {
  const path = issue.path.map((part): PathPart => (typeof part === 'symbol' ? String(part) : part));
  if (issue.code === 'unrecognized_keys') {
    const known = issue.message.split(', ');
    return issue.keys.map((key) => {
      const nearest = nearestName(key, known);
      const hint = nearest === undefined ? '' : ` (nearest: ${nearest})`;
      return {
        path: [...path, key],
        expected: `one of ${issue.message}${hint}`,
        got: `the key ${shown(key)}`,
      };
    });
  }
  const value = valueAt(data, path);
  // Somebody may have written the password itself where its place belongs.
  const isSecret = path.at(-1) === 'password' && typeof value !== 'object';
  const got = isSecret && value !== undefined ? `a ${typeof value}, not shown` : shown(value);
  return [{ path, expected: issue.message, got }];
}
