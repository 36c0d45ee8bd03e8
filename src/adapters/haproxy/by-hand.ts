import { endpointText, isPlainSocketPath, parseTcpSocket } from '../../domain/endpoint.ts';
import type { SshHost } from '../../domain/inventory.ts';
import type { HaproxySettings } from './schema.ts';

/** What a shell takes as it is. */
const PLAIN_WORD = /^[A-Za-z0-9@%+=:,./_-]+$/;
const SSH_PORT = 22;

/** One word for a shell, whatever is in it. */
function shellWord(text: string): string {
  return PLAIN_WORD.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function socatAddress(socket: string): string {
  const endpoint = parseTcpSocket(socket);
  if (endpoint === undefined) return isPlainSocketPath(socket) ? socket : `UNIX-CONNECT:${socket}`;
  return `${endpoint.host.includes(':') ? 'TCP6' : 'TCP'}:${endpointText(endpoint)}`;
}

function sshWords(host: SshHost): readonly string[] {
  const { login, jump } = host;
  return [
    'ssh',
    ...(login !== undefined && 'keyFile' in login ? ['-i', login.keyFile] : []),
    ...(jump === undefined ? [] : ['-J', `${jump.user}@${endpointText(jump)}`]),
    ...(host.port === SSH_PORT ? [] : ['-p', String(host.port)]),
    `${host.user}@${host.host}`,
  ];
}

/**
 * The line that somebody types in a shell to give HAProxy one command when nothing else is there to do it. For
 * reading and copying: the product itself runs no such line.
 */
export function byHand({ socket, ssh }: HaproxySettings, command: string): string {
  const way = [...(ssh === undefined ? [] : sshWords(ssh)), 'socat', 'stdio', socatAddress(socket)];
  // In double quotes as everybody knows the line; what would be more than a word in them is quoted otherwise.
  const words = /["$`\\!]/.test(command) ? shellWord(command) : `"${command}"`;
  return `echo ${words} | ${way.map(shellWord).join(' ')}`;
}
