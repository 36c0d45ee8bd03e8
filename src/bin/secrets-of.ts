import { OperationError } from '../domain/errors.ts';
import type { F5Balancer } from '../domain/inventory.ts';
import type { Secret } from '../domain/secret.ts';

/** Looks up what was read at the start; throws UNSUPPORTED for a balancer whose password was not. */
export function secretsOf(secrets: ReadonlyMap<string, Secret>): (balancer: F5Balancer) => Secret {
  return ({ name }) => {
    const secret = secrets.get(name);
    if (secret !== undefined) return secret;
    throw new OperationError(
      'UNSUPPORTED',
      `Setting up balancer ${name}: its password was not read.`,
    );
  };
}
