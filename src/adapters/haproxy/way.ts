import { parseTcpSocket } from '../../domain/endpoint.ts';
import type { RuntimeSocket } from '../../transports/runtime-socket.ts';
import { type SshHosts, sshHosts } from '../../transports/ssh-hosts.ts';
import { sshSocket } from '../../transports/ssh-socket.ts';
import type { ExchangeLimits } from '../../transports/stream-socket.ts';
import { TCP_LIMITS, tcpSocket } from '../../transports/tcp-socket.ts';
import { unixSocket } from '../../transports/unix-socket.ts';
import type { HaproxySettings } from './schema.ts';

/** The way to the stats socket that the settings name: this machine, TCP, or a socket on another host by ssh. */
export function wayTo(
  settings: HaproxySettings,
  limits: ExchangeLimits,
  ssh: SshHosts = sshHosts(),
): RuntimeSocket {
  const { socket, ssh: host, via } = settings;
  const endpoint = parseTcpSocket(socket);
  if (endpoint !== undefined) return tcpSocket(endpoint, { ...TCP_LIMITS, ...limits });
  if (host === undefined) return unixSocket(socket, limits);
  return sshSocket({ host, path: socket, ...(via === undefined ? {} : { via }) }, ssh, limits);
}
