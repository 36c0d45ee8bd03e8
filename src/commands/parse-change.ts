import type { ChangeCommand, WriteVerb } from '../domain/command.ts';
import type { Inventory, Service } from '../domain/inventory.ts';
import { plainReason, type Word } from './chat-text.ts';
import { readMembers, takeMemberWords } from './member-list.ts';
import { readService } from './service-name.ts';
import { quoted, suggestion, UsageProblem } from './usage.ts';

/** A longer reason is cut here and ends in `…`: the change is worth more than the end of its story. */
export const reasonCharactersMax = 1000;

const CLAUSES = ['on', 'keep half', 'because'];
const FLAGS = ['--on', '--keep-half', '--because', '--reason'];

/** The clauses after the members, as found so far. */
interface Clauses {
  on?: string;
  reason?: string;
  keepHalf?: true;
}

/** `<service> <member>[,…] [on <balancer>] [keep half] [because <text>]`, flags accepted too. Throws UsageProblem. */
export function parseChange(
  verb: WriteVerb,
  line: string,
  words: readonly Word[],
  inventory: Inventory,
): ChangeCommand {
  assertNoFlagFirst(words.slice(0, 2));
  const service = readService(words[0]?.text, inventory);
  const list = takeMemberWords(words.slice(1), isClause);
  const members = readMembers(list.entries, service);
  const clauses = readClauses(line, words.slice(1 + list.wordCount));
  if (clauses.on !== undefined) assertBalancer(clauses.on, service, inventory);
  return {
    verb,
    service: service.name,
    members,
    ...(clauses.on === undefined ? {} : { on: clauses.on }),
    ...(clauses.reason === undefined ? {} : { reason: clauses.reason }),
    ifPairFails: clauses.keepHalf ? 'keep half' : 'put back',
  };
}

function assertNoFlagFirst(words: readonly Word[]): void {
  for (const word of words) {
    const name = flagOf(word)?.name;
    if (name === undefined) continue;
    if (!FLAGS.includes(name)) throw strayWord(word, name);
    throw new UsageProblem(`The flag ${name} goes behind the members.`);
  }
}

/** `--reason=text` is a flag with its value in the same word. */
function flagOf(word: Word): { name: string; value?: string } | undefined {
  const match = /^--?(?<name>[A-Za-z][A-Za-z-]*)(?:=(?<value>.*))?$/.exec(word.text)?.groups;
  if (match?.name === undefined) return undefined;
  const name = `--${match.name.toLowerCase()}`;
  return match.value === undefined ? { name } : { name, value: match.value };
}

function isKnownFlag(word: Word): boolean {
  return word.text.startsWith('--') && FLAGS.includes(flagOf(word)?.name ?? '');
}

function isClause(word: Word): boolean {
  return (
    /^-/.test(word.text) || ['on', 'keep', 'keep-half', 'because'].includes(word.text.toLowerCase())
  );
}

function readClauses(line: string, words: readonly Word[]): Clauses {
  const found: Clauses = {};
  let at = 0;
  while (at < words.length) at = readClause(line, words, at, found);
  return found;
}

/** Reads one clause at `at` into `found`; returns where the next begins. */
function readClause(line: string, words: readonly Word[], at: number, found: Clauses): number {
  const word = words[at];
  if (word === undefined) return at + 1;
  const flag = flagOf(word);
  switch (flag?.name ?? word.text.toLowerCase()) {
    case 'on':
    case '--on': {
      once(found.on, 'on');
      const name = flag?.value ?? words[at + 1]?.text;
      if (name === undefined || name === '')
        throw new UsageProblem('After "on" comes the name of a balancer.');
      found.on = name;
      return at + (flag?.value === undefined ? 2 : 1);
    }
    case 'keep':
      if (words[at + 1]?.text.toLowerCase() !== 'half')
        throw new UsageProblem('After "keep" comes "half".');
      once(found.keepHalf, 'keep half');
      found.keepHalf = true;
      return at + 2;
    case 'keep-half':
    case '--keep-half':
      if (flag?.value !== undefined) throw new UsageProblem('The flag --keep-half takes no value.');
      once(found.keepHalf, 'keep half');
      found.keepHalf = true;
      return at + 1;
    case 'because':
    case '--because':
    case '--reason':
      once(found.reason, 'because');
      return readReason(line, words, at, flag?.value !== undefined, found);
    default:
      throw strayWord(word, flag?.name);
  }
}

/** The reason runs to the end or to the next known flag, in the words as typed. */
function readReason(
  line: string,
  words: readonly Word[],
  at: number,
  valueInWord: boolean,
  found: Clauses,
): number {
  const later = words.findIndex((word, index) => index > at && isKnownFlag(word));
  const next = later < 0 ? words.length : later;
  const start = words[at]?.start ?? 0;
  const from = valueInWord ? line.indexOf('=', start) + 1 : (words[at]?.end ?? 0);
  const reason = plainReason(line.slice(from, words[next - 1]?.end), reasonCharactersMax);
  if (reason === '') throw new UsageProblem('After "because" comes the reason, in your own words.');
  found.reason = reason;
  return next;
}

function once(value: unknown, clause: string): void {
  if (value !== undefined) throw new UsageProblem(`"${clause}" is given twice.`);
}

function strayWord(word: Word, flag: string | undefined): UsageProblem {
  if (flag !== undefined) {
    const known = suggestion(flag, FLAGS, `Known are ${FLAGS.join(', ')}.`);
    return new UsageProblem(`Unknown flag ${quoted(flag)}.${known}`);
  }
  const near = suggestion(word.text, CLAUSES, 'Several members are separated by commas.');
  return new UsageProblem(`Unexpected ${quoted(word.text)}.${near}`);
}

function assertBalancer(name: string, service: Service, inventory: Inventory): void {
  const home = [...new Set(service.pools.flatMap((pool) => pool.balancers))];
  if (home.includes(name)) return;
  const nodes = inventory.pairs.get(name)?.nodes;
  if (nodes !== undefined) {
    throw new UsageProblem(
      `${quoted(name)} is a pair. Name one of its balancers (${nodes.join(', ')}), or leave "on" away for all.`,
    );
  }
  if (inventory.balancers.has(name)) {
    throw new UsageProblem(
      `${service.name} has no pool on balancer ${quoted(name)}; it is on ${home.join(', ')}.`,
    );
  }
  const near = suggestion(name, home, `${service.name} is on ${home.join(', ')}.`);
  throw new UsageProblem(`Unknown balancer ${quoted(name)}.${near}`);
}
