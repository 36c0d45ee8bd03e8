import { z } from 'zod';
import { isPlainSocketPath, parseTcpSocket } from '../../domain/endpoint.ts';
import { OperationError } from '../../domain/errors.ts';
import type { Balancer, SshHost } from '../../domain/inventory.ts';

/** The kernel's `sun_path` holds 108 bytes with its closing zero. */
const SOCKET_PATH_BYTES_MAX = 107;

const path = z.string().startsWith('/', 'must be an absolute path');

const socket = z
  .string()
  .refine(
    (text) => text.startsWith('/') || parseTcpSocket(text) !== undefined,
    'must be an absolute path or tcp://host:port',
  )
  .refine((text) => !text.includes('\0'), 'must not hold a zero byte')
  .refine(
    (text) => !text.startsWith('/') || Buffer.byteLength(text) <= SOCKET_PATH_BYTES_MAX,
    `must be at most ${SOCKET_PATH_BYTES_MAX} bytes long`,
  );

const plainPath = z
  .string()
  .refine(isPlainSocketPath, 'must be an absolute path of letters, digits and / . _ + @ -');

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

const settings = z
  .strictObject({
    name: z.string().min(1),
    kind: z.literal('haproxy'),
    socket,
    ssh: sshHost.exactOptional(),
    via: z.enum(['forward', 'socat']).exactOptional(),
    masterSocket: plainPath.exactOptional(),
    stateFile: plainPath.exactOptional(),
    /** Of whoever listens to keepalived there; nothing of the adapter. */
    notify: z.unknown().exactOptional(),
  })
  .refine((given) => given.ssh === undefined || isPlainSocketPath(given.socket), {
    path: ['socket'],
    error: 'must be a path of letters, digits and / . _ + @ - when it is reached by ssh',
  })
  .refine(
    ({ socket: at, masterSocket, stateFile }) =>
      at.startsWith('/') || (masterSocket === undefined && stateFile === undefined),
    {
      path: ['socket'],
      error: 'must be a path, for master socket and state file are on the same host',
    },
  );

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
