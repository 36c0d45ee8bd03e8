import { parseTcpSocket } from '../../domain/endpoint.ts';
import type { SshHost } from '../../domain/inventory.ts';
import type { RuntimeSocket } from '../../transports/runtime-socket.ts';
import { sshFile } from '../../transports/ssh-file.ts';
import type { SshHosts } from '../../transports/ssh-hosts.ts';
import { sshSocket } from '../../transports/ssh-socket.ts';
import type { ExchangeLimits } from '../../transports/stream-socket.ts';
import { TCP_LIMITS, tcpSocket } from '../../transports/tcp-socket.ts';
import { unixSocket } from '../../transports/unix-socket.ts';
import { localFile } from '../../transports/whole-file.ts';
import type { HaproxyExtras } from './adapter.ts';
import type { HaproxySettings } from './schema.ts';

/** The way to the stats socket that the settings name: this machine, TCP, or a socket on another host by ssh. */
export function wayTo(
  { socket, ssh: host, via }: HaproxySettings,
  limits: ExchangeLimits,
  ssh: SshHosts,
): RuntimeSocket {
  const endpoint = parseTcpSocket(socket);
  if (endpoint !== undefined) return tcpSocket(endpoint, { ...TCP_LIMITS, ...limits });
  if (host === undefined) return unixSocket(socket, limits);
  return overSsh(host, socket, via, limits, ssh);
}

/** The ways to what else the settings name, on the host of the socket. */
export function extrasOf(
  settings: HaproxySettings,
  limits: ExchangeLimits,
  ssh: SshHosts,
): HaproxyExtras {
  const { masterSocket, stateFile, ssh: host } = settings;
  return {
    ...(masterSocket === undefined
      ? {}
      : { master: masterAt(masterSocket, settings, limits, ssh) }),
    ...(stateFile === undefined
      ? {}
      : { stateFile: host === undefined ? localFile(stateFile) : sshFile(host, stateFile, ssh) }),
  };
}

/** The master closes the connection only after we did, unlike a worker. */
function masterAt(
  path: string,
  { ssh: host, via }: HaproxySettings,
  limits: ExchangeLimits,
  ssh: SshHosts,
): RuntimeSocket {
  if (host === undefined) return unixSocket(path, limits, { closesOurSide: 'behind the command' });
  return overSsh(host, path, via, limits, ssh);
}

function overSsh(
  host: SshHost,
  path: string,
  via: HaproxySettings['via'],
  limits: ExchangeLimits,
  ssh: SshHosts,
): RuntimeSocket {
  return sshSocket({ host, path, ...(via === undefined ? {} : { via }) }, ssh, limits);
}
