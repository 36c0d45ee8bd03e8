import type { WriteVerb } from '../domain/command.ts';
import { plainReason, type Word } from './chat-text.ts';
import { quoted, suggestion, UsageProblem } from './usage.ts';

/** A longer reason is cut here and ends in `…`: the change is worth more than the end of its story. */
export const reasonCharactersMax = 1000;

/** The commands that have clauses behind their names. */
export type ClauseCommand = WriteVerb | 'freeze';

interface ClauseShape {
  /** The one or two words that begin it; none where only the flag does. */
  readonly words: readonly string[];
  readonly flags: readonly string[];
  readonly value: 'none' | 'word' | 'reason';
  /** What comes after it, for the fault when nothing does. */
  readonly expected?: string;
  readonly goesWith: readonly ClauseCommand[];
}

const CHANGES: readonly ClauseCommand[] = ['disable', 'enable', 'drain', 'offline', 'weight'];
/** Those of a pair as a whole. */
const SWITCHES: readonly ClauseCommand[] = ['failover', 'failback'];
const TIME = 'a time such as 30m';

/** Every clause by its name; each may stand once, in any order, `because` last. */
const CLAUSES = {
  on: {
    words: ['on'],
    flags: ['--on'],
    value: 'word',
    expected: 'the name of a balancer',
    goesWith: CHANGES,
  },
  now: { words: ['now'], flags: ['--now'], value: 'none', goesWith: ['disable'] },
  weight: {
    words: [],
    flags: ['--weight'],
    value: 'word',
    expected: 'a number from 0 to 256, or a share such as 50%',
    goesWith: ['weight'],
  },
  'until idle': {
    words: ['until', 'idle'],
    flags: ['--until-idle'],
    value: 'none',
    goesWith: ['drain'],
  },
  within: {
    words: ['within'],
    flags: ['--within'],
    value: 'word',
    expected: TIME,
    goesWith: ['drain'],
  },
  // biome-ignore lint/suspicious/noThenProperty: a word of the grammar; nobody awaits this table.
  then: {
    words: ['then'],
    flags: ['--then'],
    value: 'word',
    expected: '"disable", "remove", "keep" or "go back"',
    goesWith: ['drain'],
  },
  for: {
    words: ['for'],
    flags: ['--for'],
    value: 'word',
    expected: TIME,
    goesWith: ['disable', 'drain', 'offline', 'weight', 'freeze'],
  },
  'keep half': {
    words: ['keep', 'half'],
    flags: ['--keep-half'],
    value: 'none',
    goesWith: CHANGES,
  },
  'break glass': {
    words: ['break', 'glass'],
    flags: ['--break-glass'],
    value: 'none',
    goesWith: [...CHANGES, ...SWITCHES],
  },
  because: {
    words: ['because'],
    flags: ['--because', '--reason'],
    value: 'reason',
    expected: 'the reason, in your own words',
    goesWith: [...CHANGES, ...SWITCHES, 'freeze'],
  },
} as const satisfies Record<string, ClauseShape>;

export type ClauseName = keyof typeof CLAUSES;

interface Clause extends ClauseShape {
  readonly name: ClauseName;
}

const ALL: readonly Clause[] = Object.entries(CLAUSES).map(([name, shape]) => ({
  name: name as ClauseName,
  ...shape,
}));
const ALL_FLAGS = ALL.flatMap(({ flags }) => flags);

/** The clauses found, by name, with their values; empty for those that have none. */
export type Clauses = ReadonlyMap<ClauseName, string>;

/** True for a word that begins a clause, or looks like a flag. */
export function beginsClause(word: Word): boolean {
  const typed = word.text.toLowerCase();
  return typed.startsWith('-') || ALL.some(({ words }) => isBeginning(words, typed));
}

function isBeginning(words: readonly string[], typed: string): boolean {
  return words.length > 0 && (typed === words[0] || typed === words.join('-'));
}

/** `--reason=text` is a flag with its value in the same word. */
function flagOf(word: Word): { name: string; value?: string } | undefined {
  const match = /^--?(?<name>[A-Za-z][A-Za-z-]*)(?:=(?<value>.*))?$/.exec(word.text)?.groups;
  if (match?.name === undefined) return undefined;
  const name = `--${match.name.toLowerCase()}`;
  return match.value === undefined ? { name } : { name, value: match.value };
}

/** Throws UsageProblem for a flag in front of the names. */
export function assertNoFlagFirst(words: readonly Word[], command: ClauseCommand): void {
  for (const word of words) {
    const name = flagOf(word)?.name;
    if (name === undefined) continue;
    if (!ALL_FLAGS.includes(name)) throw strayWord(word, name, command);
    throw new UsageProblem(`The flag ${name} goes behind the members.`);
  }
}

/** Reads everything behind the names. `line` is the text the words were found in. Throws UsageProblem. */
export function readClauses(line: string, words: readonly Word[], command: ClauseCommand): Clauses {
  const found = new Map<ClauseName, string>();
  let at = 0;
  while (at < words.length) at = readClause(line, words, at, command, found);
  return found;
}

/** Reads one clause at `at` into `found`; returns where the next begins. */
function readClause(
  line: string,
  words: readonly Word[],
  at: number,
  command: ClauseCommand,
  found: Map<ClauseName, string>,
): number {
  const word = words[at];
  if (word === undefined) return at + 1;
  const flag = flagOf(word);
  const typed = word.text.toLowerCase();
  const clause = ALL.find(({ words: own, flags }) =>
    flag === undefined ? isBeginning(own, typed) : flags.includes(flag.name),
  );
  if (clause === undefined) throw strayWord(word, flag?.name, command);
  assertGoesWith(clause, command);
  const [, second] = clause.words;
  const isTwoWords = flag === undefined && second !== undefined && !typed.includes('-');
  if (isTwoWords && words[at + 1]?.text.toLowerCase() !== second) {
    throw new UsageProblem(`After "${clause.words[0]}" comes "${second}".`);
  }
  if (found.has(clause.name)) throw new UsageProblem(`"${clause.name}" is given twice.`);
  const behind = at + (isTwoWords ? 2 : 1);
  switch (clause.value) {
    case 'none':
      if (flag?.value !== undefined)
        throw new UsageProblem(`The flag ${flag.name} takes no value.`);
      found.set(clause.name, '');
      return behind;
    case 'word': {
      const { value, next } = valueAt(clause, words, behind, flag?.value);
      found.set(clause.name, value);
      return next;
    }
    case 'reason':
      return readReason(line, words, at, flag?.value !== undefined, found);
  }
}

function assertGoesWith(clause: Clause, command: ClauseCommand): void {
  if (clause.goesWith.includes(command)) return;
  throw new UsageProblem(
    `"${clause.name}" does not go with ${command}; it goes with ${clause.goesWith.join(', ')}.`,
  );
}

function valueAt(
  clause: Clause,
  words: readonly Word[],
  at: number,
  inWord: string | undefined,
): { readonly value: string; readonly next: number } {
  const value = inWord ?? words[at]?.text ?? '';
  if (value === '')
    throw new UsageProblem(`After "${clause.name}" comes ${clause.expected ?? 'a value'}.`);
  const next = inWord === undefined ? at + 1 : at;
  const isGoBack = value.toLowerCase() === 'go' && words[next]?.text.toLowerCase() === 'back';
  return clause.name === 'then' && isGoBack
    ? { value: 'go back', next: next + 1 }
    : { value, next };
}

/** The reason runs to the end or to the next known flag, in the words as typed. */
function readReason(
  line: string,
  words: readonly Word[],
  at: number,
  valueInWord: boolean,
  found: Map<ClauseName, string>,
): number {
  const later = words.findIndex((word, index) => index > at && isFlagInReason(line, word));
  const next = later < 0 ? words.length : later;
  const start = words[at]?.start ?? 0;
  const from = valueInWord ? line.indexOf('=', start) + 1 : (words[at]?.end ?? 0);
  const reason = plainReason(line.slice(from, words[next - 1]?.end), reasonCharactersMax);
  if (reason === '') throw new UsageProblem(`After "because" comes ${CLAUSES.because.expected}.`);
  found.set('because', reason);
  return next;
}

/**
 * Phones write `—now` for `--now`, and people write `—now` in a sentence. Which of them it is nobody can tell, and
 * one of them moves clients: it is refused.
 */
function isFlagInReason(line: string, word: Word): boolean {
  const name = word.text.startsWith('--') ? flagOf(word)?.name : undefined;
  if (name === undefined || !ALL_FLAGS.includes(name)) return false;
  if (line.startsWith('--', word.start)) return true;
  throw new UsageProblem(
    `${quoted(line.slice(word.start, word.end))} in the reason may be the flag ${name}. Put the flag before "because", or a space behind the dash.`,
  );
}

function strayWord(word: Word, flag: string | undefined, command: ClauseCommand): UsageProblem {
  const own = ALL.filter(({ goesWith }) => goesWith.includes(command));
  if (flag !== undefined) {
    const flags = own.flatMap((clause) => clause.flags);
    const known = suggestion(flag, flags, `Known are ${flags.join(', ')}.`);
    return new UsageProblem(`Unknown flag ${quoted(flag)}.${known}`);
  }
  const names = own.filter(({ words }) => words.length > 0).map(({ name }) => name);
  const otherwise = command === 'freeze' ? '' : 'Several members are separated by commas.';
  return new UsageProblem(
    `Unexpected ${quoted(word.text)}.${suggestion(word.text, names, otherwise)}`,
  );
}
