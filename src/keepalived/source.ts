/** One line of keepalived.conf that says something, with what stands in its braces. */
export interface Statement {
  /** Without quotes; the first is the keyword. */
  readonly words: readonly string[];
  /** The first line is 1. */
  readonly line: number;
  /** For one host only: `@lvs-1 priority 100`; `@^lvs-1` is for all others. */
  readonly onlyFor?: string;
  readonly block?: readonly Statement[];
}

export interface SourceFault {
  readonly line: number;
  readonly problem: string;
}

export type Source =
  | { readonly ok: true; readonly statements: readonly Statement[] }
  | { readonly ok: false; readonly faults: readonly SourceFault[] };

interface Open {
  readonly statement: { words: string[]; line: number; onlyFor?: string; block?: Statement[] };
  readonly into: Statement[];
}

/**
 * Reads keepalived.conf as keepalived 2.2 does: words, quoted words, comments from `#` or `!` on, a brace at the end of
 * a line or on the next. What would change its meaning behind our back (a byte order mark, CR LF, variables,
 * repeated lines) is a fault, and so is every brace that has no partner: keepalived itself says little of it.
 */
export function parseSource(text: string): Source {
  const faults: SourceFault[] = [];
  const root: Statement[] = [];
  const stack: Open[] = [];
  let into = root;
  let last: Open | undefined;
  const fault = (line: number, problem: string) => faults.push({ line, problem });

  if (text.startsWith('\uFEFF')) {
    fault(1, 'begins with a byte order mark, with which keepalived does not start');
  }
  const lines = text.replace(/^\uFEFF/, '').split('\n');
  if (lines.some((line) => line.endsWith('\r'))) {
    const at = lines.findIndex((line) => line.endsWith('\r')) + 1;
    fault(at, 'has lines that end in CR LF, as Windows writes them; dos2unix takes that away');
  }
  for (const [index, raw] of lines.entries()) {
    const line = index + 1;
    const read = wordsOf(raw.replace(/\r$/, ''));
    if ('problem' in read) {
      fault(line, read.problem);
      continue;
    }
    const [onlyFor, words] = conditionOf(read.words);
    const [first] = words;
    if (first === undefined) continue;
    if (/^[$~]/.test(first)) {
      fault(line, `${first} is a variable or a repetition, which is not followed here`);
      continue;
    }
    if (first === '}') {
      const closed = stack.pop();
      if (closed === undefined) fault(line, 'closes a brace that none opened');
      else into = closed.into;
      if (words.length > 1) fault(line, `has "${words.slice(1).join(' ')}" behind a closing brace`);
      last = undefined;
      continue;
    }
    if (first === '{') {
      if (last === undefined || last.statement.block !== undefined) {
        fault(line, 'opens a brace that belongs to no keyword');
        continue;
      }
      into = openBlock(last, stack);
      continue;
    }
    const opens = words.at(-1) === '{';
    const own = opens ? words.slice(0, -1) : words;
    if (own.includes('{') || own.includes('}')) {
      fault(line, 'has a brace in the middle of a line');
      continue;
    }
    const statement = { words: [...own], line, ...(onlyFor === undefined ? {} : { onlyFor }) };
    into.push(statement);
    last = { statement, into };
    if (opens) into = openBlock(last, stack);
  }
  for (const { statement } of stack) {
    fault(statement.line, `opens "${statement.words.join(' ')} {" and nothing closes it`);
  }
  if (faults.length > 0) return { ok: false, faults: faults.sort((a, b) => a.line - b.line) };
  return { ok: true, statements: root };
}

function openBlock(opened: Open, stack: Open[]): Statement[] {
  const block: Statement[] = [];
  opened.statement.block = block;
  stack.push(opened);
  return block;
}

function conditionOf(
  words: readonly string[],
): readonly [onlyFor: string | undefined, rest: readonly string[]] {
  const [first = ''] = words;
  return first.startsWith('@') ? [first.slice(1), words.slice(1)] : [undefined, words];
}

function wordsOf(line: string): { words: readonly string[] } | { problem: string } {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (const character of line) {
    if (quote !== undefined) {
      if (character === quote) quote = undefined;
      else word += character;
    } else if (character === '"') {
      quote = character;
      word ??= '';
    } else if (character === '#' || character === '!') break;
    else if (character === ' ' || character === '\t') {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + character;
  }
  if (quote !== undefined) return { problem: 'has a quotation mark without its partner' };
  if (word !== undefined) words.push(word);
  return { words };
}
