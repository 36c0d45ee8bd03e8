/** A piece of a line; the pieces of all lines, put together, are the file. */
export interface Token {
  readonly kind: 'gap' | 'word' | 'open' | 'close' | 'comment';
  /** As written, with its quotes. */
  readonly raw: string;
}

export interface Line {
  readonly tokens: readonly Token[];
  /** `\n`, `\r\n`, or nothing behind the last line. */
  readonly ending: string;
  /** A quotation that the line does not close. */
  readonly isOpenQuotation: boolean;
}

/** The lines of a file, with nothing lost: `textOf` is the inverse. A byte order mark is a part of the first word. */
export function linesOf(text: string): readonly Line[] {
  const pieces = text.split('\n');
  const last = pieces.pop() ?? '';
  const lines = pieces.map((piece) => {
    const isDos = piece.endsWith('\r');
    return { ...tokensOf(isDos ? piece.slice(0, -1) : piece), ending: isDos ? '\r\n' : '\n' };
  });
  return last === '' ? lines : [...lines, { ...tokensOf(last), ending: '' }];
}

export function textOf(lines: readonly Line[]): string {
  return lines.map(({ tokens, ending }) => rawOf(tokens) + ending).join('');
}

export function rawOf(tokens: readonly Token[]): string {
  return tokens.map(({ raw }) => raw).join('');
}

const PIECE =
  /(?<gap>[ \t]+)|(?<comment>[#!].*)|(?<open>\{)|(?<close>\})|(?<word>(?:\$\{[^{}"]*\}|\\.|\\$|"(?:\\.|[^"\\])*"|[^ \t#!{}"\\])+)|(?<rest>.+)/suy;

/**
 * As keepalived 2.2 cuts a line: a comment from `#` or `!` on, also within a word, unless quoted or behind a backslash;
 * braces wherever they stand, but for those of `${NAME}`.
 */
export function tokensOf(line: string): Omit<Line, 'ending'> {
  const tokens: Token[] = [];
  PIECE.lastIndex = 0;
  for (let at = 0; at < line.length; at = PIECE.lastIndex) {
    const { gap, comment, open, close, word, rest } = PIECE.exec(line)?.groups ?? {};
    if (gap !== undefined) tokens.push({ kind: 'gap', raw: gap });
    else if (comment !== undefined) tokens.push({ kind: 'comment', raw: comment });
    else if (open !== undefined) tokens.push({ kind: 'open', raw: open });
    else if (close !== undefined) tokens.push({ kind: 'close', raw: close });
    else if (word !== undefined) tokens.push({ kind: 'word', raw: word });
    else {
      tokens.push({ kind: 'word', raw: rest ?? line.slice(at) });
      return { tokens, isOpenQuotation: true };
    }
  }
  return { tokens, isOpenQuotation: false };
}

/** What a word says: without its quotes, and without the backslash that kept a sign from being a comment. */
export function wordText(raw: string): string {
  return raw.replace(
    /\\([#!])|"((?:\\.|[^"\\])*)"/gsu,
    (_all, escaped, quoted) => escaped ?? quoted,
  );
}
