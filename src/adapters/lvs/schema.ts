import { z } from 'zod';
import { settingsOf, sshHost } from '../settings.ts';

/** It stands in a command on the director. */
const plainPath = z
  .string()
  .regex(
    /^\/[A-Za-z0-9/._+-]{1,200}$/,
    'must be an absolute path of letters, digits and / . _ + -',
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
  return settingsOf(settings, balancer);
}
