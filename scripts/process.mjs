import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** Something the set-up cannot do by itself; the message says what to type. */
export class SetupError extends Error {}

/**
 * Runs a program to its end and returns its exit code (128 + signal number when a signal ended it).
 * `output: 'inherit'` shows what it prints, a file's number notes it there; otherwise the last of it is returned
 * as `text`.
 * When the signal `stop` is aborted, the program is asked to end; its end is awaited all the same.
 */
export function run(command, args, { cwd, env, output = 'collect', stop } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env,
      stdio: stdioFor(output),
    });
    const end = () => child.kill();
    stop?.addEventListener('abort', end);
    let text = '';
    const collect = (bytes) => {
      text = (text + bytes).slice(-20_000);
    };
    child.stdout?.on('data', collect);
    child.stderr?.on('data', collect);
    child.once('error', (error) => resolve({ code: 127, text: `${command}: ${error.message}` }));
    child.once('close', (code, signal) => {
      stop?.removeEventListener('abort', end);
      resolve({ code: code ?? 128 + (constants.signals[signal] ?? 0), text });
    });
  });
}

function stdioFor(output) {
  if (output === 'inherit') return 'inherit';
  return output === 'collect' ? ['ignore', 'pipe', 'pipe'] : ['ignore', output, output];
}

/** The last lines of what a program printed, for an error message. */
export function tail(text, lines = 15) {
  return text.trim().split('\n').slice(-lines).join('\n');
}
