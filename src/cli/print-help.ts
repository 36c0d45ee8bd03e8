import { helpText } from '../commands/help.ts';
import { SHELL_ENTRIES } from '../commands/shell-table.ts';
import type { Verb } from '../domain/command.ts';
import { clean } from './print-options.ts';

/** Help for the shell: the verbs this user may run, and the commands that only the shell knows. */
export function printHelp(verbs: ReadonlySet<Verb>, about?: string): string {
  const verbHelp = helpText(verbs, about, 'lb');
  if (about !== undefined) return verbHelp;
  const shell = SHELL_ENTRIES.flatMap(({ words, options, meaning }) => [
    ['lb', words, options].filter((part) => part !== '').join(' '),
    `    ${meaning}`,
  ]);
  return [
    verbHelp,
    '',
    'Only in the shell:',
    ...shell,
    '',
    'Options with every verb: --json, --wait or --no-wait; with status, --watch looks again every 2 s. Approvals are given in Slack only.',
    'Exit codes: 0 done, 1 failed or not known, 2 usage, 3 refused, 4 waiting for approval or for idle members.',
  ].join('\n');
}

/** Usage texts carry what somebody typed; line by line they are safe for a terminal. */
export function printUsage(text: string): string {
  return text.split('\n').map(clean).join('\n');
}
