import { rawOf, tokensOf } from './lines.ts';

/** A line as keepalived sees it, after its definitions and repetitions. */
export interface Read {
  readonly text: string;
  readonly line: number;
  /** It stands so in no file: a definition or a repetition made it. */
  readonly isMade: boolean;
}

export interface Pending extends Read {
  /** Definitions to make before it is read, for a turn of a repetition. */
  readonly define?: readonly (readonly [name: string, value: string])[];
}

/** The lines a file has become are ever so many: then somebody makes a mistake, or fun of us. */
const LINES_MAX = 50_000;
const DEPTH_MAX = 16;

/**
 * Definitions (`$NAME=VALUE`, of several lines as well) and repetitions (`~SEQ`, `~SEQx`, `~LST`) of keepalived 2.2.
 * `next` hands out one line after the other, until undefined; what it cannot follow goes to `fault`.
 */
export class Expansion {
  readonly #definitions = new Map<string, string>();
  readonly #waiting: Pending[];
  readonly #fault: (line: number, problem: string) => void;
  #count = 0;

  constructor(
    lines: readonly { readonly text: string; readonly line: number }[],
    fault: (line: number, problem: string) => void,
  ) {
    this.#waiting = lines.map((each) => ({ ...each, isMade: false })).reverse();
    this.#fault = fault;
  }

  next(): Read | undefined {
    for (;;) {
      const read = this.#waiting.pop();
      if (read === undefined) return undefined;
      this.#count += 1;
      if (this.#count > LINES_MAX) {
        this.#fault(read.line, `makes more than ${LINES_MAX} lines of this file`);
        return undefined;
      }
      for (const [name, value] of read.define ?? []) this.#definitions.set(name, value);
      const text = read.text.trim();
      const definition = /^\$([A-Za-z_][A-Za-z0-9_]*)=(.*)$/su.exec(text);
      if (definition !== null) {
        this.#define(definition[1] ?? '', definition[2] ?? '', read);
        continue;
      }
      if (/^~(SEQx?|LST)\(/u.test(text)) {
        this.#repeat(text, read);
        continue;
      }
      if (/^include[rmwba]?\s/u.test(text)) return read;
      const made = this.#replaced(read.text);
      if (made === undefined) {
        this.#fault(read.line, 'has a definition that names itself');
        continue;
      }
      if (made === read.text) return read;
      this.#putFirst(
        made.split('\n').map((line) => ({ text: line, line: read.line, isMade: true })),
      );
    }
  }

  /** Of several lines where each but the last ends in a backslash. */
  #define(name: string, first: string, { line }: Read): void {
    const lines = [first];
    while (/\\$/u.test(lines.at(-1) ?? '')) {
      const more = this.#waiting.pop();
      if (more === undefined) {
        this.#fault(line, `defines $${name}, and the file ends within`);
        break;
      }
      lines.push(more.text.trimEnd());
    }
    const value = lines.map((each) => each.replace(/[ \t]*\\$/u, '').trim());
    this.#definitions.set(name, value.filter((each, index) => index > 0 || each !== '').join('\n'));
  }

  #replaced(text: string): string | undefined {
    let now = text;
    for (let depth = 0; depth < DEPTH_MAX; depth += 1) {
      const next = now.replace(
        /\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*)(?=\s|$))/gu,
        (all, braced, plain) => this.#definitions.get(braced ?? plain) ?? all,
      );
      if (next === now) return now;
      now = next;
      // Its lines are looked at one by one, for they may define something on the way.
      if (now.includes('\n')) return now;
    }
    return undefined;
  }

  #repeat(text: string, { line }: Read): void {
    const turns = turnsOf(text);
    if (turns === undefined) {
      this.#fault(line, `has a repetition that is not followed here: ${text.slice(0, 60)}`);
      return;
    }
    this.#putFirst(turns.map((turn) => ({ ...turn, line, isMade: true })));
  }

  #putFirst(lines: readonly Pending[]): void {
    if (this.#waiting.length + lines.length > LINES_MAX) this.#count = LINES_MAX;
    for (const each of [...lines.slice(0, LINES_MAX)].reverse()) this.#waiting.push(each);
  }
}

function turnsOf(text: string): readonly Omit<Pending, 'line' | 'isMade'>[] | undefined {
  const [, word = '', inside = '', rest = ''] =
    /^~(SEQx?|LST)\(([^()]*)\)\s*(.*)$/su.exec(text) ?? [];
  if (word === 'LST') {
    const [names = [], ...values] = itemsOf(inside);
    if (names.length === 0 || values.length === 0) return undefined;
    if (values.some((each) => each.length !== names.length)) return undefined;
    return values.map((each) => ({
      text: rest,
      define: names.map((name, index) => [name, each[index] ?? ''] as const),
    }));
  }
  const [name = '', ...words] = inside.split(',').map((each) => each.trim());
  const numbers = words.map(Number);
  if (name === '' || numbers.length === 0 || numbers.length > 3) return undefined;
  if (numbers.some((each, index) => !Number.isInteger(each) || words[index] === '')) {
    return undefined;
  }
  const end = numbers.at(-1) ?? 0;
  const start = numbers.length === 1 ? (end > 0 ? 1 : -1) : (numbers[0] ?? 0);
  const step = numbers.length === 3 ? (numbers[1] ?? 0) : end >= start ? 1 : -1;
  const turns = Math.floor((end - start) / step) + 1;
  if (step === 0 || turns > LINES_MAX) return undefined;
  return Array.from({ length: Math.max(0, turns) }, (_none, index) => {
    const value = start + index * step;
    return { text: rest, define: [[name, value.toString(word === 'SEQx' ? 16 : 10)] as const] };
  });
}

/** `A, B` or `{A, B}, {1, 2}`: what belongs together, together. */
function itemsOf(inside: string): readonly (readonly string[])[] {
  const items = inside.match(/\{[^{}]*\}|[^,{}]+/gu) ?? [];
  return items
    .map((item) => item.trim())
    .filter((item) => item !== '')
    .map((item) =>
      item.startsWith('{')
        ? item
            .slice(1, -1)
            .split(',')
            .map((each) => each.trim())
        : [item],
    );
}

/** The line without its comment. */
export function withoutComment(line: string): string {
  return rawOf(tokensOf(line).tokens.filter(({ kind }) => kind !== 'comment'));
}
