import { z } from 'zod';
import { isPlainSocketPath, parseTcpSocket } from '../../domain/endpoint.ts';
import type { Balancer } from '../../domain/inventory.ts';
import { settingsOf, sshHost } from '../settings.ts';

/** The kernel's `sun_path` holds 108 bytes with its closing zero. */
const SOCKET_PATH_BYTES_MAX = 107;

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
  return settingsOf(settings, balancer);
}
