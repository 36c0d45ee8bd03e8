import { type Colour, clean, type PrintOptions, paint } from './print-options.ts';

/** A cell: text, or text with a colour. */
export type Cell = string | { readonly text: string; readonly colour: Colour | undefined };

const gap = '  ';

/** A last column narrower than this is left to the terminal to wrap. */
const wrapColumnsMin = 16;

/**
 * Columns as wide as their widest cell, the header in bold. On a terminal the last column is wrapped at
 * its width; nothing is ever cut.
 */
export function textTable(
  header: readonly string[],
  rows: readonly (readonly Cell[])[],
  options: PrintOptions,
  indent = '',
): string {
  const all = [header.map((text): Cell => ({ text, colour: 'bold' })), ...rows];
  const widths = header.map((_title, column) =>
    Math.max(...all.map((row) => lengthOf(plain(row[column])))),
  );
  const before = widths.slice(0, -1).reduce((sum, width) => sum + width + gap.length, 0);
  const left = indent.length + before;
  const room = options.tty && options.width - left >= wrapColumnsMin ? options.width - left : 0;
  return all
    .map((row) => {
      const cells = row
        .slice(0, -1)
        .map((cell, column) => padded(cell, widths[column] ?? 0, options));
      const [first = '', ...more] = wrapped(plain(row.at(-1)), room);
      const last = paint(first, colourOf(row.at(-1)), options);
      const line = `${indent}${[...cells, last].join(gap)}`.trimEnd();
      return [line, ...more.map((part) => `${' '.repeat(left)}${part}`)].join('\n');
    })
    .join('\n');
}

function plain(cell: Cell | undefined): string {
  if (cell === undefined) return '';
  return clean(typeof cell === 'string' ? cell : cell.text);
}

function colourOf(cell: Cell | undefined): Colour | undefined {
  return typeof cell === 'object' ? cell.colour : undefined;
}

/** In characters, not in UTF-16 units. */
function lengthOf(text: string): number {
  return [...text].length;
}

/** The colour ends with the text, not with the column. */
function padded(cell: Cell, width: number, options: PrintOptions): string {
  const text = plain(cell);
  const space = ' '.repeat(Math.max(0, width - lengthOf(text)));
  return `${paint(text, colourOf(cell), options)}${space}`;
}

/** Lines of at most `room` characters, broken between words; all in one line when `room` is 0. */
function wrapped(text: string, room: number): readonly string[] {
  if (room === 0 || lengthOf(text) <= room) return [text];
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line !== undefined && lengthOf(line) + 1 + lengthOf(word) <= room)
      lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}
