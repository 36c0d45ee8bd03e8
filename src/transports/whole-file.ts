import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type ErrorCode, OperationError } from '../domain/errors.ts';

export interface ReplaceOptions {
  /** Begins every error message. */
  readonly doing: string;
  readonly signal: AbortSignal;
}

/** A file that is only ever replaced as a whole: whoever reads it finds the old text or the new one, never a part. */
export interface WholeFile {
  readonly path: string;
  /** Throws `OperationError`: PERMISSION, UNREACHABLE, HOST_KEY, TIMEOUT; the old text then still stands there. */
  replace(text: string, options: ReplaceOptions): Promise<void>;
  /** Gives back what is held open for it. */
  close(): Promise<void>;
}

/** Others must be able to read it: the programs that start from it do not run as our user. It holds no secret. */
export const WHOLE_FILE_MODE = 0o644;

/** A name beside the file, so that moving it there is one step of the same file system. */
export function besidePath(path: string): string {
  return `${path}.${randomUUID().slice(0, 8)}.new`;
}

export function fileFault(
  code: ErrorCode,
  path: string,
  words: string,
  { doing }: ReplaceOptions,
  cause?: unknown,
): OperationError {
  return new OperationError(code, `${doing}: ${path} was not replaced: ${words}.`, { cause });
}

/** A file on this machine. */
export function localFile(path: string): WholeFile {
  return {
    path,
    async replace(text, options) {
      const { signal } = options;
      const beside = besidePath(path);
      try {
        const file = await open(beside, 'wx', WHOLE_FILE_MODE);
        try {
          await file.chmod(WHOLE_FILE_MODE);
          await file.writeFile(text, { signal });
          await file.sync();
        } finally {
          await file.close();
        }
        signal.throwIfAborted();
        await rename(beside, path);
      } catch (thrown) {
        await rm(beside, { force: true }).catch(() => undefined);
        if (signal.aborted) {
          throw fileFault('TIMEOUT', path, 'it took too long', options, thrown);
        }
        const { code, words } = wordsFor(thrown, path);
        throw fileFault(code, path, words, options, thrown);
      }
    },
    close: () => Promise.resolve(),
  };
}

function wordsFor(thrown: unknown, path: string): { code: ErrorCode; words: string } {
  const errno = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  const folder = dirname(path);
  switch (errno) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return { code: 'PERMISSION', words: `this user may not write in ${folder}` };
    case 'ENOENT':
    case 'ENOTDIR':
      return { code: 'UNREACHABLE', words: `there is no folder ${folder}` };
    case 'EISDIR':
      return { code: 'UNREACHABLE', words: 'it is a folder' };
    case 'ENOSPC':
    case 'EDQUOT':
      return { code: 'UNREACHABLE', words: 'the disk is full' };
    default:
      return { code: 'UNREACHABLE', words: errno || String(thrown) };
  }
}
