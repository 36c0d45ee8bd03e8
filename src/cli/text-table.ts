import { type Colour, clean, type PrintOptions, paint } from './print-options.ts';

/** A cell: text, or text with a colour. */
export type Cell = string | { readonly text: string; readonly colour: Colour | undefined };

const gap = '  ';

/** Columns as wide as their widest cell, a header in bold. On a terminal, lines end at its width with `…`. */
export function textTable(
  header: readonly string[],
  rows: readonly (readonly Cell[])[],
  options: PrintOptions,
  indent = '',
): string {
  const plain = rows.map((row) => row.map((cell) => clean(textOf(cell))));
  const widths = header.map((title, column) =>
    Math.max(title.length, ...plain.map((row) => lengthOf(row[column] ?? ''))),
  );
  const colours = rows.map((row) => row.map((cell) => colourOf(cell)));
  const lines = [header, ...plain].map((row, index) => {
    let left = options.tty ? Math.max(20, options.width) - indent.length : Number.POSITIVE_INFINITY;
    const cells = row.map((text, column) => {
      const last = column === row.length - 1;
      const room = Math.max(0, left);
      const padded = last ? text : pad(text, widths[column] ?? 0);
      const shown = cut(padded, room);
      left -= lengthOf(padded) + gap.length;
      const colour = index === 0 ? 'bold' : colours[index - 1]?.[column];
      return paint(shown, colour, options);
    });
    return `${indent}${cells.join(gap)}`.trimEnd();
  });
  return lines.join('\n');
}

function textOf(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.text;
}

function colourOf(cell: Cell): Colour | undefined {
  return typeof cell === 'string' ? undefined : cell.colour;
}

/** In characters, not in UTF-16 units. */
function lengthOf(text: string): number {
  return [...text].length;
}

function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - lengthOf(text)));
}

function cut(text: string, room: number): string {
  if (lengthOf(text) <= room) return text;
  return room < 1 ? '' : `${[...text].slice(0, room - 1).join('')}…`;
}
