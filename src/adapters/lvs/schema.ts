import { z } from 'zod';
import { OperationError } from '../../domain/errors.ts';
import type { SshHost } from '../../domain/inventory.ts';

const path = z.string().startsWith('/', 'must be an absolute path');
/** It stands in a command on the director. */
const plainPath = z
  .string()
  .regex(
    /^\/[A-Za-z0-9/._+-]{1,200}$/,
    'must be an absolute path of letters, digits and / . _ + -',
  );

const sshHost: z.ZodType<SshHost> = z.lazy(() =>
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

const settings = z.strictObject({
  name: z.string().min(1),
  kind: z.literal('lvs'),
  ssh: sshHost,
  /** Path of the helper on the director; without it, ipvsadm is run by sudo, or by root as it is. */
  helper: plainPath.exactOptional(),
  disableBy: z.enum(['weight', 'delete']).exactOptional(),
  /** From where members are tried; the director, when it is not said. */
  checkFrom: z.enum(['director', 'worker']).exactOptional(),
  whenUndone: z.enum(['restore', 'refuse']).exactOptional(),
  /** Of whoever listens to keepalived there; nothing of the adapter. */
  notify: z.unknown().exactOptional(),
});

export type LvsSettings = Readonly<z.infer<typeof settings>>;

/** The settings of one director from the inventory; throws UNSUPPORTED with every fault in one line. */
export function lvsSettings(balancer: { readonly name: string }): LvsSettings {
  const result = settings.safeParse(balancer);
  if (result.success) return result.data;
  const faults = result.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`);
  throw new OperationError(
    'UNSUPPORTED',
    `Setting up balancer ${balancer.name}: ${faults.join('; ')}.`,
  );
}
