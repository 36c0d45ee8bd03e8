import { type ErrorCode, faultOf, OperationError } from '../../domain/errors.ts';
import type { RuntimeSocket } from '../../transports/runtime-socket.ts';
import { READ } from './commands.ts';
import { type ProcessInfo, parseInfo, unexpected } from './parse.ts';

/** `show servers state`, `set server … state` and `show stat` by number exist since 1.6; older is not tried. */
const OLDEST_VERSION = [1, 6] as const;
/** Each time the process that answered was on its way out, or another one than was thought. */
const ATTEMPTS_MAX = 3;
/** What a worker that is on its way out says of what only its successor has. */
const OF_AN_OLD_WORKER: readonly ErrorCode[] = ['NO_SUCH_POOL', 'UNREACHABLE'];

/** A command that only reads, and what fails where its answer is none. */
export interface Question {
  readonly command: string;
  readonly parse: (answer: string) => unknown;
}

/** What one process answered in one exchange: an answer for each question, a refusal among them. */
export interface Answers {
  readonly process: ProcessInfo;
  readonly answers: readonly string[];
}

export interface Asking {
  /** Begins every error message. */
  readonly doing: string;
  readonly signal: AbortSignal;
}

/**
 * Asks all questions in one exchange. `undefined` when the process that answered is an old one, which only ends what it
 * began: `show info` is the last question, so whoever is not stopping there was not when the others were answered.
 */
export async function askProcess(
  socket: RuntimeSocket,
  questions: readonly Question[],
  { doing, signal }: Asking,
): Promise<Answers | undefined> {
  const commands = [...questions.map(({ command }) => command), READ.info()];
  const reply = await socket.ask(commands, { doing, signal, isWhole: isWholeText });
  const answers = answersOf(reply);
  const last = answers.at(-1) ?? '';
  if (answers.length !== commands.length) {
    throw wrongCount(questions, answers, reply, doing);
  }
  const process = parseInfo(last, doing);
  assertKnownVersion(process.version, doing);
  return process.stopping ? undefined : { process, answers: answers.slice(0, -1) };
}

/** What the first attempt that finds a running process gives; UNREACHABLE when none does. */
export async function ofRunningProcess<T>(
  doing: string,
  attempt: () => Promise<T | undefined>,
): Promise<T> {
  for (let count = 1; count <= ATTEMPTS_MAX; count += 1) {
    const found = await attempt();
    if (found !== undefined) return found;
  }
  throw new OperationError(
    'UNREACHABLE',
    `${doing}: HAProxy is being reloaded; the process that answered is stopping or was replaced meanwhile.`,
  );
}

/** Every answer ends with an empty line, and holds none. */
const isWholeText = (reply: string) => reply.endsWith('\n\n');

function answersOf(reply: string): readonly string[] {
  return reply
    .split('\n\n')
    .slice(0, -1)
    .map((answer) => `${answer}\n\n`);
}

/** What is wrong with one of the answers says more than that one is missing. */
function wrongCount(
  questions: readonly Question[],
  answers: readonly string[],
  reply: string,
  doing: string,
): OperationError {
  for (const [at, answer] of answers.entries()) {
    try {
      questions[at]?.parse(answer);
    } catch (thrown) {
      if (!OF_AN_OLD_WORKER.includes(faultOf(thrown).code)) {
        return thrown instanceof OperationError ? thrown : unexpected(doing, 'no answer', answer);
      }
    }
  }
  const asked = questions.length + 1;
  if (answers.length > asked) {
    return unexpected(doing, `${answers.length} answers to ${asked} questions`, reply);
  }
  return new OperationError(
    'CUT_REPLY',
    `${doing}: the answer broke off: ${answers.length} of ${asked} came.`,
  );
}

function assertKnownVersion(version: string, doing: string): void {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  const [oldestMajor, oldestMinor] = OLDEST_VERSION;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  throw new OperationError(
    'UNSUPPORTED',
    `${doing}: HAProxy ${version} is older than ${OLDEST_VERSION.join('.')}, its commands are missing.`,
  );
}
