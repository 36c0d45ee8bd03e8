import { z } from 'zod';
import { OperationError } from '../../domain/errors.ts';
import type { Balancer } from '../../domain/inventory.ts';

/** The kernel's `sun_path` holds 108 bytes with its closing zero. */
const SOCKET_PATH_BYTES_MAX = 107;

const settings = z.strictObject({
  name: z.string().min(1),
  kind: z.literal('haproxy'),
  socket: z
    .string()
    .startsWith('/', 'must be an absolute path')
    .refine((path) => !path.includes('\0'), 'must not hold a zero byte')
    .refine(
      (path) => Buffer.byteLength(path) <= SOCKET_PATH_BYTES_MAX,
      `must be at most ${SOCKET_PATH_BYTES_MAX} bytes long`,
    ),
});

export type HaproxySettings = Readonly<z.infer<typeof settings>>;

/** The settings of one HAProxy from the inventory; throws UNSUPPORTED with every fault in one line. */
export function haproxySettings(balancer: Balancer): HaproxySettings {
  const result = settings.safeParse(balancer);
  if (result.success) return result.data;
  const faults = result.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`);
  throw new OperationError(
    'UNSUPPORTED',
    `Setting up balancer ${balancer.name}: ${faults.join('; ')}.`,
  );
}
