import { OperationError } from '../domain/errors.ts';

const COMMAND_BYTES_MAX = 1024;
/** HAProxy resets a connection whose line does not fit into its buffer (`tune.bufsize`, 16 kB). */
const QUESTIONS_BYTES_MAX = 8 * 1024;
const QUESTION = /^show [a-z]/;
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

/**
 * Several commands that only read, in one line, as a command-line socket answers them one after the other. Throws
 * UNSAFE_NAME for a command that could not go alone, and for one that is more than a question.
 */
export function oneQuestionLine(questions: readonly string[], doing: string): string {
  const commands = questions.map((question) => oneCommandLine(question, doing).trimEnd());
  const odd = commands.find((command) => !QUESTION.test(command));
  if (odd !== undefined) {
    throw new OperationError(
      'UNSAFE_NAME',
      `${doing}: ${JSON.stringify(odd.slice(0, 120))} is no question, only those go together; nothing was sent.`,
    );
  }
  const line = `${commands.join(';')}\n`;
  if (commands.length === 0 || line.length > QUESTIONS_BYTES_MAX) {
    throw new OperationError(
      'UNSAFE_NAME',
      `${doing}: ${commands.length} questions of ${line.length} characters are not one line (at most ${QUESTIONS_BYTES_MAX}); nothing was sent.`,
    );
  }
  return line;
}
