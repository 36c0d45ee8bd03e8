import { OperationError } from '../domain/errors.ts';

const COMMAND_BYTES_MAX = 1024;
const PRINTABLE_ASCII = /^[\x20-\x7e]+$/;

/**
 * The line as it goes out, with its one newline. Throws UNSAFE_NAME for anything that a line protocol
 * could take for a second command, a payload or an escape: `;`, newline, control characters, `<<`, `\`.
 */
export function oneCommandLine(command: string, doing: string): string {
  const safe =
    PRINTABLE_ASCII.test(command) &&
    command.length <= COMMAND_BYTES_MAX &&
    !command.includes(';') &&
    !command.includes('\\') &&
    !command.includes('<<');
  if (!safe) {
    throw new OperationError(
      'UNSAFE_NAME',
      `${doing}: the command is not one plain line (no ";", "\\", "<<" or control characters, at most ${COMMAND_BYTES_MAX} characters); nothing was sent.`,
    );
  }
  return `${command}\n`;
}
