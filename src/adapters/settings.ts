import { z } from 'zod';
import { OperationError } from '../domain/errors.ts';
import type { SshHost } from '../domain/inventory.ts';

const path = z.string().startsWith('/', 'must be an absolute path');

/** A host that is reached by SSH, as the inventory has it; `jump` is another one. */
export const sshHost: z.ZodType<SshHost> = z.lazy(() =>
  z.strictObject({
    user: z.string().min(1),
    host: z.string().min(1),
    port: z.number().int().min(1).max(65_535),
    login: z
      .union([z.strictObject({ keyFile: path }), z.strictObject({ agentSocket: path })])
      .exactOptional(),
    proof: z
      .union([
        z.strictObject({ fingerprint: z.string().startsWith('SHA256:') }),
        z.strictObject({ knownHostsFile: path }),
      ])
      .exactOptional(),
    jump: sshHost.exactOptional(),
  }),
);

/** The settings of a balancer from the inventory; throws UNSUPPORTED with every fault in one line. */
export function settingsOf<Settings>(
  schema: z.ZodType<Settings>,
  balancer: { readonly name: string },
): Settings {
  const result = schema.safeParse(balancer);
  if (result.success) return result.data;
  const faults = result.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`);
  throw new OperationError(
    'UNSUPPORTED',
    `Setting up balancer ${balancer.name}: ${faults.join('; ')}.`,
  );
}
