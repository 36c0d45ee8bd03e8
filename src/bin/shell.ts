import { printHelp } from '../cli/print-help.ts';
import { findVerb } from '../commands/table.ts';
import { readOptions, SHELL_VERBS } from './shell-options.ts';

/** `lb disable …`, `lb status …`: the same operations as in Slack. Returns the exit code. */
export async function shell(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  const about = options.words[0] === 'help' ? options.words[1] : undefined;
  const known = about === undefined || findVerb(about) !== undefined;
  if (options.words.length === 0 || (options.words[0] === 'help' && known)) {
    process.stdout.write(`${printHelp(new Set(SHELL_VERBS), about)}\n`);
    return 0;
  }
  // Only now: help must not wait for the libraries of queue and store.
  const { runInShell } = await import('./shell-run.ts');
  return runInShell(options);
}
