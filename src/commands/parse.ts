import type { Command, DecisionCommand } from '../domain/command.ts';
import type { Inventory } from '../domain/inventory.ts';
import { oneLine, type Word, wordsOf } from './chat-text.ts';
import { parseChange } from './parse-change.ts';
import { readService } from './service-name.ts';
import { ALL_VERBS, findVerb, type VerbEntry } from './table.ts';
import { quoted, suggestion, UsageProblem, usageText } from './usage.ts';

export type Parsed =
  | { readonly kind: 'command'; readonly command: Command }
  | { readonly kind: 'usage'; readonly text: string };

const textLengthMax = 4000;
const CHANGE_ID = /^[A-Za-z0-9_-]{4,64}$/;
const DIGEST_PREFIX = /^[0-9a-f]{4}$/i;

/**
 * Reads what somebody typed after `/lb` or `lb`. Never throws: what cannot be run as typed comes back as
 * plain text (not escaped for Slack) that says what is wrong, the nearest name, the usage and an example.
 * Nothing is corrected on the way. `prefix` is what stands before the verb in those lines.
 */
export function parseCommand(text: string, inventory: Inventory, prefix = '/lb'): Parsed {
  const line = oneLine(text);
  const [first, ...words] = wordsOf(line);
  if (first === undefined) return { kind: 'command', command: { verb: 'help' } };
  const entry = findVerb(first.text);
  if (entry === undefined) return { kind: 'usage', text: unknownVerb(first.text, prefix) };
  try {
    if (text.length > textLengthMax) {
      throw new UsageProblem(
        `The command has ${text.length} characters; at most ${textLengthMax} are read.`,
      );
    }
    return { kind: 'command', command: read(entry, line, words, inventory) };
  } catch (thrown) {
    if (!(thrown instanceof UsageProblem)) throw thrown;
    return { kind: 'usage', text: usageText(thrown.message, entry, prefix) };
  }
}

function read(
  entry: VerbEntry,
  line: string,
  words: readonly Word[],
  inventory: Inventory,
): Command {
  const { verb } = entry;
  switch (verb) {
    case 'disable':
    case 'enable':
      return parseChange(verb, line, words, inventory);
    case 'approve':
    case 'deny':
    case 'cancel':
      return parseDecision(verb, words);
    case 'status':
    case 'history': {
      noMoreThan(words, 1);
      const [name] = words;
      return name === undefined
        ? { verb }
        : { verb, service: readService(name.text, inventory).name };
    }
    case 'pools':
    case 'whoami':
      noMoreThan(words, 0);
      return { verb };
    case 'help':
      noMoreThan(words, 1);
      return { verb, ...aboutOf(words[0]) };
  }
}

function parseDecision(verb: DecisionCommand['verb'], words: readonly Word[]): DecisionCommand {
  const changeId = words[0]?.text.replace(/^#/, '');
  if (changeId === undefined) throw new UsageProblem('The id of the change is missing.');
  if (!CHANGE_ID.test(changeId)) {
    throw new UsageProblem(`${quoted(changeId)} is no id of a change; ids are shown by "history".`);
  }
  if (verb !== 'approve') {
    noMoreThan(words, 1);
    return { verb, changeId };
  }
  noMoreThan(words, 2);
  const digest = words[1]?.text;
  if (digest === undefined) {
    throw new UsageProblem(
      'The four characters are missing; they stand on the card of the change.',
    );
  }
  if (!DIGEST_PREFIX.test(digest)) {
    throw new UsageProblem(
      `${quoted(digest)} is not four characters 0-9 a-f; they stand on the card of the change.`,
    );
  }
  return { verb, changeId, digestPrefix: digest.toLowerCase() };
}

function aboutOf(word: Word | undefined): { about?: string } {
  if (word === undefined) return {};
  const about = findVerb(word.text)?.verb;
  if (about !== undefined) return { about };
  throw new UsageProblem(`There is no verb ${quoted(word.text)}.${nearestVerb(word.text)}`);
}

function noMoreThan(words: readonly Word[], count: number): void {
  const extra = words[count];
  if (extra !== undefined) throw new UsageProblem(`Unexpected ${quoted(extra.text)}.`);
}

function nearestVerb(typed: string): string {
  const verbs = ALL_VERBS.map(({ verb }) => verb);
  return suggestion(typed, verbs, `Verbs: ${verbs.join(', ')}.`);
}

function unknownVerb(typed: string, prefix: string): string {
  return [
    `Unknown verb ${quoted(typed)}.${nearestVerb(typed)}`,
    `Usage: ${prefix} <verb> …`,
    `Example: ${prefix} help`,
  ].join('\n');
}
