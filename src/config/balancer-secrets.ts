import type { F5Balancer, Inventory } from '../domain/inventory.ts';
import { Secret } from '../domain/secret.ts';
import { secretOfFile } from './environment.ts';
import type { ConfigFault } from './fault.ts';

/** The passwords of the balancers, or every fault at once. */
export type BalancerSecrets =
  | { readonly ok: true; readonly secrets: ReadonlyMap<string, Secret> }
  | { readonly ok: false; readonly faults: readonly ConfigFault[] };

/**
 * Reads what the inventory only names: passwords from the environment or from files, by balancer. An empty variable
 * counts as unset. Values are in no fault.
 */
export function readBalancerSecrets(
  inventory: Inventory,
  env: Readonly<Record<string, string | undefined>>,
): BalancerSecrets {
  const secrets = new Map<string, Secret>();
  const faults: ConfigFault[] = [];
  for (const balancer of inventory.balancers.values()) {
    if (balancer.kind !== 'f5') continue;
    const read = passwordOf(balancer, env);
    if ('fault' in read) faults.push(read.fault);
    else secrets.set(balancer.name, new Secret(read.text));
  }
  return faults.length > 0 ? { ok: false, faults } : { ok: true, secrets };
}

function passwordOf(
  { name, password }: F5Balancer,
  env: Readonly<Record<string, string | undefined>>,
): { readonly text: string } | { readonly fault: ConfigFault } {
  const path = `balancers.${name}.password`;
  if ('file' in password) return secretOfFile(path, password.file);
  const text = env[password.env] || undefined;
  if (text !== undefined) return { text };
  const expected = `the password in the environment variable ${password.env}`;
  return { fault: { path, expected, got: 'nothing' } };
}
