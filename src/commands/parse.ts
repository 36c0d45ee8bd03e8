import type { Command } from '../domain/command.ts';
import type { Inventory } from '../domain/inventory.ts';
import { oneLine, type Word, wordsOf } from './chat-text.ts';
import { parseChange } from './parse-change.ts';
import { parseDecision } from './parse-decision.ts';
import { parseFreeze } from './parse-freeze.ts';
import { parseSwitch } from './parse-switch.ts';
import { readService, readServiceOrPair } from './service-name.ts';
import { ALL_VERBS, findVerb, type VerbEntry } from './table.ts';
import { noMoreThan, quoted, suggestion, UsageProblem, usageText } from './usage.ts';

export type Parsed =
  | { readonly kind: 'command'; readonly command: Command }
  | { readonly kind: 'usage'; readonly text: string };

const textLengthMax = 4000;

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
    case 'drain':
    case 'offline':
    case 'weight':
      return parseChange(verb, line, words, inventory);
    case 'failover':
    case 'failback':
      return parseSwitch(verb, line, words, inventory);
    case 'approve':
    case 'deny':
    case 'cancel':
    case 'extend':
    case 'acknowledge':
      return parseDecision(verb, words);
    case 'freeze':
      return parseFreeze(line, words, inventory);
    case 'history':
      noMoreThan(words, 1);
      return words.length === 0
        ? { verb }
        : { verb, ...readServiceOrPair(words[0]?.text, inventory) };
    case 'unfreeze':
    case 'status': {
      noMoreThan(words, 1);
      const [name] = words;
      return name === undefined
        ? { verb }
        : { verb, service: readService(name.text, inventory).name };
    }
    case 'compare':
      noMoreThan(words, 1);
      return { verb, ...readServiceOrPair(words[0]?.text, inventory) };
    case 'pools':
    case 'whoami':
      noMoreThan(words, 0);
      return { verb };
    case 'help':
      noMoreThan(words, 1);
      return { verb, ...aboutOf(words[0]) };
  }
}

function aboutOf(word: Word | undefined): { about?: string } {
  if (word === undefined) return {};
  const about = findVerb(word.text)?.verb;
  if (about !== undefined) return { about };
  throw new UsageProblem(`There is no verb ${quoted(word.text)}.${nearestVerb(word.text)}`);
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
