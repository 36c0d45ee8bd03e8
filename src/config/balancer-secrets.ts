import type { F5Balancer, Inventory, SecretPlace } from '../domain/inventory.ts';
import { Secret } from '../domain/secret.ts';
import { secretOfFile } from './environment.ts';
import type { ConfigFault } from './fault.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The passwords of the balancers, or every fault at once. */
export type BalancerSecrets =
  | { readonly ok: true; readonly secrets: ReadonlyMap<string, Secret> }
  | { readonly ok: false; readonly faults: readonly ConfigFault[] };

/**
 * Reads what the inventory only names: passwords from the environment or from files, by balancer. An empty variable
 * counts as unset. Values are in no fault.
 */
export function readBalancerSecrets(inventory: Inventory, env: Environment): BalancerSecrets {
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

/** What a reader's curl sends in one word of a header; as long as nobody guesses. */
const TOKEN = /^[A-Za-z0-9._~+/=-]{20,200}$/;
const TOKEN_EXPECTED = 'a token of 20 to 200 letters, digits and . _ ~ + / = -';

/** The tokens by which directors prove who they are, by balancer; each one must have another. */
export function readNotifyTokens(inventory: Inventory, env: Environment): BalancerSecrets {
  const secrets = new Map<string, Secret>();
  const owners = new Map<string, string>();
  const faults: ConfigFault[] = [];
  for (const balancer of inventory.balancers.values()) {
    if (balancer.kind === 'f5' || balancer.notify === undefined) continue;
    const path = `balancers.${balancer.name}.notify.token`;
    const read = secretIn(balancer.notify.token, path, 'the token', env);
    if ('fault' in read) {
      faults.push(read.fault);
      continue;
    }
    const earlier = owners.get(read.text);
    owners.set(read.text, balancer.name);
    if (!TOKEN.test(read.text)) {
      faults.push({ path, expected: TOKEN_EXPECTED, got: `${read.text.length} characters` });
    } else if (earlier !== undefined) {
      faults.push({ path, expected: 'a token of its own', got: `the one of ${earlier}` });
    } else secrets.set(balancer.name, new Secret(read.text));
  }
  return faults.length > 0 ? { ok: false, faults } : { ok: true, secrets };
}

function passwordOf({ name, password }: F5Balancer, env: Environment) {
  return secretIn(password, `balancers.${name}.password`, 'the password', env);
}

function secretIn(
  place: SecretPlace,
  path: string,
  what: string,
  env: Environment,
): { readonly text: string } | { readonly fault: ConfigFault } {
  if ('file' in place) return secretOfFile(path, place.file);
  const text = env[place.env] || undefined;
  if (text !== undefined) return { text };
  const expected = `${what} in the environment variable ${place.env}`;
  return { fault: { path, expected, got: 'nothing' } };
}
