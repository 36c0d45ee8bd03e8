import type { ErrorCode } from '../domain/errors.ts';

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'the socket does not exist (No such file or directory)',
  ENOTSOCK: 'the path is not a socket',
  EACCES: 'this user may not open the socket (Permission denied)',
  EPERM: 'this user may not open the socket (Operation not permitted)',
  ECONNREFUSED: 'nobody listens there (Connection refused)',
  ECONNRESET: 'the device reset the connection',
  EPIPE: 'the device closed the connection',
  EAGAIN: 'the socket has too many connections waiting',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  ETIMEDOUT: 'no answer from the host',
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the name server did not answer',
};

const FILE_WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this user may not read it (Permission denied)',
  EISDIR: 'it is a directory',
};

/** What the operating system said about a connection, or a file, as a code of ours and in plain words. */
export function wordsOf(
  error: unknown,
  about: 'connection' | 'file' = 'connection',
): {
  readonly code: Extract<ErrorCode, 'UNREACHABLE' | 'PERMISSION'>;
  readonly words: string;
} {
  const errno = error instanceof Error && 'code' in error ? String(error.code) : '';
  const code = errno === 'EACCES' || errno === 'EPERM' ? 'PERMISSION' : 'UNREACHABLE';
  const known = about === 'file' ? FILE_WORDS : WORDS;
  const words = known[errno] ?? (errno || (error instanceof Error ? error.message : String(error)));
  return { code, words };
}
