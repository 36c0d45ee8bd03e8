import { dirname } from 'node:path';
import type { SFTPWrapper } from 'ssh2';
import type { ErrorCode } from '../domain/errors.ts';
import type { SshHost } from '../domain/inventory.ts';
import { untilEnded } from './deadline.ts';
import type { SshHosts } from './ssh-hosts.ts';
import type { SshSession } from './ssh-login.ts';
import { printable } from './ssh-words.ts';
import { WayFault } from './stream-socket.ts';
import { besidePath, fileFault, WHOLE_FILE_MODE, type WholeFile } from './whole-file.ts';

/** Status codes of SFTP (draft-ietf-secsh-filexfer-02). */
const NO_SUCH_FILE = 2;
const PERMISSION_DENIED = 3;
const OP_UNSUPPORTED = 8;

/** A file on another host, over the one ssh connection there; by SFTP, so no shell and no command takes part. */
export function sshFile(host: SshHost, path: string, hosts: SshHosts): WholeFile {
  const { connection, giveBack } = hosts.take(host);
  const where = `${path} on ${connection.name}`;
  return {
    path,
    async replace(text, options) {
      const { signal } = options;
      const late = () => fileFault('TIMEOUT', where, 'it took too long', options);
      let session: SshSession | undefined;
      let sftp: SFTPWrapper | undefined;
      const work = async () => {
        session = await connection.session();
        sftp = await openSftp(session);
        await replaceBy(sftp, path, text, signal);
      };
      try {
        await untilEnded(work(), signal, late);
      } catch (thrown) {
        if (signal.aborted) throw late();
        const { code, words } = wordsFor(thrown, path);
        const isLost = session?.lost.aborted === true;
        throw fileFault(
          code,
          where,
          isLost ? 'the ssh connection was lost' : words,
          options,
          thrown,
        );
      } finally {
        if (session?.lost.aborted === false) sftp?.end();
      }
    },
    close() {
      giveBack();
      return Promise.resolve();
    },
  };
}

function openSftp(session: SshSession): Promise<SFTPWrapper> {
  return new Promise((resolve, reject) => {
    if (session.lost.aborted) throw new WayFault('UNREACHABLE', 'the ssh connection was lost');
    session.client.sftp((error, sftp) => {
      if (error !== undefined) {
        const words = `the ssh server offers no SFTP (Subsystem sftp, or the key forbids it): ${printable(error.message)}`;
        return reject(new WayFault('UNREACHABLE', words, { cause: error }));
      }
      // What goes wrong later is told to whoever waits for an answer.
      sftp.on('error', () => {});
      resolve(sftp);
    });
  });
}

async function replaceBy(
  sftp: SFTPWrapper,
  path: string,
  text: string,
  signal: AbortSignal,
): Promise<void> {
  const beside = besidePath(path);
  try {
    await answered(sftp, (done) =>
      sftp.writeFile(beside, text, { mode: WHOLE_FILE_MODE, flag: 'wx' }, done),
    );
    await answered(sftp, (done) => sftp.chmod(beside, WHOLE_FILE_MODE, done));
    signal.throwIfAborted();
    await answered(sftp, (done) => sftp.ext_openssh_rename(beside, path, done));
  } catch (thrown) {
    sftp.unlink(beside, () => {});
    throw thrown;
  }
}

/** One request; a channel that closes without an answer is an answer too. */
function answered(
  sftp: SFTPWrapper,
  ask: (done: (error?: Error | null) => void) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const onClose = () => reject(new WayFault('UNREACHABLE', 'the ssh server ended the transfer'));
    sftp.once('close', onClose);
    ask((error) => {
      sftp.removeListener('close', onClose);
      if (error === undefined || error === null) resolve();
      else reject(error);
    });
  });
}

function wordsFor(thrown: unknown, path: string): { code: ErrorCode; words: string } {
  if (thrown instanceof WayFault) return { code: thrown.code, words: thrown.message };
  const status = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
  const folder = dirname(path);
  switch (status) {
    case NO_SUCH_FILE:
      return { code: 'UNREACHABLE', words: `there is no folder ${folder}` };
    case PERMISSION_DENIED:
      return { code: 'PERMISSION', words: `this user may not write in ${folder}` };
    case OP_UNSUPPORTED:
      return { code: 'UNSUPPORTED', words: 'the ssh server cannot replace a file in one step' };
    default:
      return {
        code: 'UNREACHABLE',
        words: printable(thrown instanceof Error ? thrown.message : String(thrown)),
      };
  }
}
