import { canonicalAddress, memberText, parseMemberName } from './address.ts';

export interface TcpEndpoint {
  readonly host: string;
  readonly port: number;
}

const HOST_NAME = /^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/;
const USER = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/;
/** What neither a shell nor socat takes for anything but a path. */
const PLAIN_PATH = /^\/[A-Za-z0-9/._+@-]{1,106}$/;
const SSH_PORT = 22;

/** A host with its port, `[IPv6]:port` included; the host is a canonical address or a name. */
function endpointOf(text: string, portWhenNone?: number): TcpEndpoint | undefined {
  const parsed = parseMemberName(text);
  if (parsed === undefined) return undefined;
  const { host, port = portWhenNone } = parsed;
  if (port === undefined) return undefined;
  const isHost = canonicalAddress(host) !== undefined || HOST_NAME.test(host);
  return isHost ? { host, port } : undefined;
}

/** `tcp://host:port` taken apart; undefined for anything else. */
export function parseTcpSocket(text: string): TcpEndpoint | undefined {
  return text.startsWith('tcp://') ? endpointOf(text.slice('tcp://'.length)) : undefined;
}

/** `user@host` or `user@host:port` (22 when left out); undefined for anything else. */
export function parseSshTarget(
  text: string,
): (TcpEndpoint & { readonly user: string }) | undefined {
  const at = text.indexOf('@');
  const user = text.slice(0, Math.max(at, 0));
  const endpoint = endpointOf(text.slice(at + 1), SSH_PORT);
  return endpoint !== undefined && USER.test(user) ? { user, ...endpoint } : undefined;
}

/** `host:port`, with brackets round IPv6. */
export function endpointText(endpoint: TcpEndpoint): string {
  return memberText(endpoint);
}

/** `user@host`, with the port when it is not the usual one. */
export function sshText({ user, host, port }: TcpEndpoint & { readonly user: string }): string {
  if (port !== SSH_PORT) return `${user}@${memberText({ host, port })}`;
  return `${user}@${host}`;
}

/** True where nobody outside this machine can listen in. */
export function isLoopback(host: string): boolean {
  return host === '::1' || host.toLowerCase() === 'localhost' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/** True for the path of a socket that may stand in a command on another host. */
export function isPlainSocketPath(path: string): boolean {
  return PLAIN_PATH.test(path);
}
