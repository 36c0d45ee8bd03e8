import { Expansion } from './expansion.ts';
import { type Line, linesOf, rawOf, type Token, textOf, tokensOf, wordText } from './lines.ts';

/** What keepalived.conf says in one place: a keyword with its words, and what stands in its braces. */
export interface Statement {
  /** Without quotes; the first is the keyword. */
  readonly words: readonly string[];
  /** The first line is 1. */
  readonly line: number;
  /** Absent in a text that is no file. */
  readonly file?: string;
  /** For one host only: `@lvs-1 priority 100`; `@^lvs-1` is for all others. */
  readonly onlyFor?: string;
  readonly block?: readonly Statement[];
  /** Of the closing brace. */
  readonly endLine?: number;
  /** A definition or a repetition made it: it stands so in no file. */
  readonly isMade?: true;
}

export interface SourceFault {
  readonly line: number;
  readonly problem: string;
}

export type Source =
  | {
      readonly ok: true;
      readonly statements: readonly Statement[];
      readonly lines: readonly Line[];
    }
  | {
      readonly ok: false;
      readonly faults: readonly SourceFault[];
      readonly lines: readonly Line[];
    };

export interface SourceOptions {
  /** For the statements, to say where they stand. */
  readonly file?: string;
  /** The config-id of keepalived there: definitions for one host only are made for this one. */
  readonly host?: string;
}

/** The file again, byte for byte, also one with faults. */
export function printSource({ lines }: Pick<Source, 'lines'>): string {
  return textOf(lines);
}

/** Keywords that include files. */
export const INCLUDED = /^include[rmwba]?$/u;
const INCLUDE = /^(include[rmwba]?)\s+(\S.*?)\s*$/su;

interface Draft {
  words: string[];
  line: number;
  file?: string;
  onlyFor?: string;
  block?: Draft[];
  endLine?: number;
  isMade?: true;
}

/**
 * Reads keepalived.conf as keepalived 2.2 does. What changes its meaning behind our back (a byte order mark, CR LF, a
 * definition for some hosts only) is a fault, and so is every brace without a partner, of which keepalived says little.
 */
export function parseSource(text: string, { file, host }: SourceOptions = {}): Source {
  const faults: SourceFault[] = [];
  const fault = (line: number, problem: string) => faults.push({ line, problem });
  const lines = linesOf(text);
  if (text.startsWith('\uFEFF')) {
    fault(1, 'begins with a byte order mark, with which keepalived does not start');
  }
  const dos = lines.findIndex(({ ending }) => ending === '\r\n');
  if (dos >= 0) {
    fault(dos + 1, 'has lines that end in CR LF, as Windows writes them; dos2unix takes that away');
  }
  const bodies = lines.flatMap((each, index) => {
    const line = index + 1;
    if (each.isOpenQuotation) fault(line, 'has a quotation mark without its partner');
    const body = rawOf(each.tokens.filter(({ kind }) => kind !== 'comment'));
    const { onlyFor, rest } = conditionOf(body.replace(/^\uFEFF/u, ''));
    if (onlyFor === undefined || !/^\$\w+=/u.test(rest)) return [{ text: body, line }];
    if (host === undefined) {
      fault(
        line,
        `defines ${rest.split('=', 1)[0]} for some hosts only, and which this is is not known`,
      );
    }
    return host !== undefined && isFor(onlyFor, host) ? [{ text: rest, line }] : [];
  });

  const root: Draft[] = [];
  const stack: { readonly statement: Draft; readonly into: Draft[] }[] = [];
  let into = root;
  let last: { readonly statement: Draft; readonly into: Draft[] } | undefined;
  const expansion = new Expansion(bodies, fault);
  for (let read = expansion.next(); read !== undefined; read = expansion.next()) {
    const { line } = read;
    const { onlyFor, rest } = conditionOf(read.text.replace(/^\uFEFF/u, ''));
    for (const part of includeOf(rest) ?? partsOf(tokensOf(rest).tokens)) {
      if (part === 'open') {
        if (last === undefined || last.statement.block !== undefined) {
          fault(line, 'opens a brace that belongs to no keyword');
          continue;
        }
        last.statement.block = [];
        stack.push(last);
        into = last.statement.block;
        last = undefined;
      } else if (part === 'close') {
        const closed = stack.pop();
        if (closed === undefined) fault(line, 'closes a brace that none opened');
        else {
          closed.statement.endLine = line;
          into = closed.into;
        }
        last = undefined;
      } else {
        if (part.at(-1)?.endsWith('\\'))
          fault(line, 'goes on in the next line, which is not followed here');
        const statement: Draft = { words: part, line };
        if (file !== undefined) statement.file = file;
        if (onlyFor !== undefined) statement.onlyFor = onlyFor;
        if (read.isMade) statement.isMade = true;
        into.push(statement);
        last = { statement, into };
      }
    }
  }
  for (const { statement } of stack) {
    fault(statement.line, `opens "${statement.words.join(' ')} {" and nothing closes it`);
  }
  if (faults.length === 0) return { ok: true, statements: root as readonly Statement[], lines };
  return { ok: false, faults: faults.sort((a, b) => a.line - b.line), lines };
}

/** Whether a line with `@…` counts on this host. */
export function isFor(onlyFor: string, host: string): boolean {
  return onlyFor.startsWith('^') ? onlyFor.slice(1) !== host : onlyFor === host;
}

function conditionOf(text: string): { readonly onlyFor?: string; readonly rest: string } {
  const { id, rest } = /^[ \t]*@(?<id>[^ \t]*)(?<rest>.*)$/su.exec(text)?.groups ?? {};
  return id === undefined || rest === undefined
    ? { rest: text.trim() }
    : { onlyFor: id, rest: rest.trim() };
}

/** An include is seen before anything else: the braces of its pattern open nothing. */
function includeOf(text: string): readonly string[][] | undefined {
  const [, keyword, pattern] = INCLUDE.exec(text) ?? [];
  return keyword === undefined ? undefined : [[keyword, wordText(pattern ?? '')]];
}

/** A line of several parts, as in `virtual_ipaddress { 192.168.100.11 }`. */
function partsOf(tokens: readonly Token[]): readonly (string[] | 'open' | 'close')[] {
  const parts: (string[] | 'open' | 'close')[] = [];
  for (const { kind, raw } of tokens) {
    if (kind === 'open' || kind === 'close') parts.push(kind);
    if (kind !== 'word') continue;
    const words = parts.at(-1);
    if (Array.isArray(words)) words.push(wordText(raw));
    else parts.push([wordText(raw)]);
  }
  return parts;
}
