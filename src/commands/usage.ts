import { nearestName } from '../domain/names.ts';
import type { Word } from './chat-text.ts';
import { usageLine, type VerbEntry } from './table.ts';

const shownMax = 80;

/** A command that cannot be run as typed; the message is the first line of the usage text. */
export class UsageProblem extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageProblem';
  }
}

/** What somebody typed, safe to show: one pair of quotes, no backticks, cut. */
export function quoted(typed: string): string {
  const characters = [...typed.replaceAll('"', "'").replaceAll('`', "'")];
  const text = characters.slice(0, shownMax).join('');
  return `"${text}${characters.length > shownMax ? '…' : ''}"`;
}

/** ` Did you mean web-1?`, or what to do instead when nothing is near. */
export function suggestion(typed: string, names: Iterable<string>, otherwise = ''): string {
  const nearest = nearestName(typed, names);
  if (nearest !== undefined) return ` Did you mean ${nearest}?`;
  return otherwise === '' ? '' : ` ${otherwise}`;
}

/** Throws UsageProblem when there are more words than `count`. */
export function noMoreThan(words: readonly Word[], count: number): void {
  const extra = words[count];
  if (extra !== undefined) throw new UsageProblem(`Unexpected ${quoted(extra.text)}.`);
}

/** What is wrong, the usage line and an example. */
export function usageText(problem: string, entry: VerbEntry, prefix: string): string {
  const [example] = entry.examples;
  return [
    problem,
    `Usage: ${usageLine(entry, prefix)}`,
    ...(example === undefined ? [] : [`Example: ${prefix} ${example}`]),
  ].join('\n');
}
