import type { PrintOptions } from '../cli/print-options.ts';
import type { Verb } from '../domain/command.ts';

/** The verbs of a shell; approvals are given in Slack only. */
export const SHELL_VERBS: readonly Verb[] = [
  'status',
  'pools',
  'compare',
  'drain',
  'disable',
  'offline',
  'enable',
  'weight',
  'failover',
  'failback',
  'cancel',
  'history',
  'whoami',
  'help',
];

/** What was typed, read. */
export interface ShellOptions {
  readonly words: readonly string[];
  readonly print: PrintOptions;
  /** `until decided` is the middle way: a change that waits for approval is left waiting. */
  readonly wait: 'until over' | 'until decided' | 'no';
  /** Asks again and again, until a signal; with `status` alone. */
  readonly watch: boolean;
}

const REASON_WORDS = ['because', '--because', '--reason'];
const FLAGS = ['--json', '--wait', '--no-wait', '--watch'];

export function readOptions(args: readonly string[]): ShellOptions {
  // What stands behind `because` belongs to the reason, whatever it looks like.
  const reasonAt = args.findIndex((arg) => REASON_WORDS.includes(arg));
  const before = reasonAt < 0 ? args : args.slice(0, reasonAt);
  const flags = new Set(before.filter((arg) => FLAGS.includes(arg)));
  const words = [
    ...before.filter((arg) => !flags.has(arg)),
    ...(reasonAt < 0 ? [] : args.slice(reasonAt)),
  ];
  const tty = process.stdout.isTTY === true;
  return {
    words,
    print: { tty, json: flags.has('--json'), width: process.stdout.columns ?? 120 },
    watch: flags.has('--watch'),
    wait: flags.has('--no-wait') ? 'no' : flags.has('--wait') ? 'until over' : 'until decided',
  };
}
