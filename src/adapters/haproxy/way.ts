import { parseTcpSocket } from '../../domain/endpoint.ts';
import type { RuntimeSocket } from '../../transports/runtime-socket.ts';
import { sshFile } from '../../transports/ssh-file.ts';
import { type SshHosts, sshHosts } from '../../transports/ssh-hosts.ts';
import { sshSocket } from '../../transports/ssh-socket.ts';
import type { ExchangeLimits } from '../../transports/stream-socket.ts';
import { TCP_LIMITS, tcpSocket } from '../../transports/tcp-socket.ts';
import { unixSocket } from '../../transports/unix-socket.ts';
import { localFile } from '../../transports/whole-file.ts';
import type { HaproxyWays } from './adapter.ts';
import type { HaproxySettings } from './schema.ts';

/** The ways to everything the settings name: on this machine, over TCP, or on another host by ssh. Opens nothing yet. */
export function waysTo(
  settings: HaproxySettings,
  limits: ExchangeLimits,
  ssh: SshHosts = sshHosts(),
): HaproxyWays {
  const { masterSocket, stateFile, ssh: host } = settings;
  const fileAt = (path: string) =>
    host === undefined ? localFile(path) : sshFile(host, path, ssh);
  return {
    socket: socketAt(settings.socket, settings, limits, ssh),
    ...(masterSocket === undefined
      ? {}
      : { master: socketAt(masterSocket, settings, limits, ssh) }),
    ...(stateFile === undefined ? {} : { stateFile: fileAt(stateFile) }),
  };
}

function socketAt(
  socket: string,
  { ssh: host, via }: HaproxySettings,
  limits: ExchangeLimits,
  ssh: SshHosts,
): RuntimeSocket {
  const endpoint = parseTcpSocket(socket);
  if (endpoint !== undefined) return tcpSocket(endpoint, { ...TCP_LIMITS, ...limits });
  if (host === undefined) return unixSocket(socket, limits);
  return sshSocket({ host, path: socket, ...(via === undefined ? {} : { via }) }, ssh, limits);
}
