import { isLoopback, isPlainSocketPath, parseTcpSocket } from '../domain/endpoint.ts';
import { type PathPart, shown } from './fault.ts';
import type { Outline } from './outline.ts';

type BalancerOutline =
  Outline['balancers'] extends ReadonlyMap<string, infer Value> ? Value : never;

interface WayFinding {
  readonly path: readonly PathPart[];
  readonly expected: string;
  readonly got: string;
}

const SSH_KEYS = [
  'ssh_key',
  'ssh_agent',
  'host_key',
  'known_hosts',
  'jump',
  'jump_host_key',
  'via',
] as const;

/** Keys of a balancer that do not go together: what is reached how, and what proves who is there. */
export function wayFaults({ balancers }: Outline): readonly WayFinding[] {
  return [...balancers].flatMap(([name, given]) => {
    const at = (key: keyof BalancerOutline, expected: string): WayFinding => ({
      path: ['balancers', name, key],
      expected,
      got: shown(given[key]),
    });
    return [...socketFaults(given, at), ...hostFaults(given, at), ...sshFaults(given, at)];
  });
}

type At = (key: keyof BalancerOutline, expected: string) => WayFinding;

function socketFaults(given: BalancerOutline, at: At): readonly WayFinding[] {
  const { socket = '', ssh, insecure_socket: isAccepted } = given;
  const endpoint = parseTcpSocket(socket);
  if (ssh !== undefined) {
    if (isPlainSocketPath(socket) || (endpoint === undefined && !socket.startsWith('/'))) return [];
    const expected =
      'a path on that host, of letters, digits and / . _ + @ -, because ssh is given';
    return [at('socket', expected)];
  }
  const isInsecure = endpoint !== undefined && !isLoopback(endpoint.host);
  if (isInsecure && isAccepted === undefined) {
    const expected =
      'the word accepted, because whoever reaches that port is admin: it has no password and no encryption (ssh has both)';
    return [at('insecure_socket', expected)];
  }
  if (!isInsecure && isAccepted !== undefined && socket !== '') {
    return [at('insecure_socket', 'nothing: only a tcp:// socket of another host needs it')];
  }
  return [];
}

/** What is on the host of the socket can be reached only the way a socket with a path is. */
function hostFaults(given: BalancerOutline, at: At): readonly WayFinding[] {
  if (given.ssh !== undefined || !given.socket?.startsWith('tcp://')) return [];
  return (['master_socket', 'server_state_file'] as const)
    .filter((key) => given[key] !== undefined)
    .map((key) => at(key, 'nothing with a tcp:// socket: it needs a socket with a path, or ssh'));
}

function sshFaults(given: BalancerOutline, at: At): readonly WayFinding[] {
  const found: WayFinding[] = [];
  if (given.ssh === undefined) {
    for (const key of SSH_KEYS) {
      if (given[key] !== undefined) found.push(at(key, 'nothing, as long as ssh names no host'));
    }
    return found;
  }
  if (given.ssh_key !== undefined && given.ssh_agent !== undefined) {
    found.push(at('ssh_agent', 'either ssh_key or ssh_agent'));
  }
  if (given.jump === undefined && given.jump_host_key !== undefined) {
    found.push(at('jump_host_key', 'nothing, as long as jump names no host'));
  }
  const isHostKnown = given.host_key !== undefined;
  const isJumpKnown = given.jump === undefined || given.jump_host_key !== undefined;
  if (isHostKnown && isJumpKnown && given.known_hosts !== undefined) {
    found.push(at('known_hosts', 'nothing: the fingerprints given are what counts'));
  }
  return found;
}
