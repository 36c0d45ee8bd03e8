/** How to print. Every printer returns text without a final line break and changes nothing. */
export interface PrintOptions {
  /** Colours, and tables wrapped at `width`; a pipe gets neither. */
  readonly tty: boolean;
  /** One JSON document instead of text. */
  readonly json: boolean;
  /** Columns of the terminal. */
  readonly width: number;
}

export type Colour = 'red' | 'green' | 'yellow' | 'bold' | 'dim';

const CODES: Record<Colour, string> = { red: '31', green: '32', yellow: '33', bold: '1', dim: '2' };

export function paint(text: string, colour: Colour | undefined, options: PrintOptions): string {
  if (!options.tty || colour === undefined || text === '') return text;
  return `\u001B[${CODES[colour]}m${text}\u001B[0m`;
}

/** One line that a terminal cannot be steered with: no control or invisible characters. Device words pass through here. */
export function clean(text: string): string {
  return text
    .replace(/[\t\n\v\f\r\u0085\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '');
}

/** Milliseconds since the epoch as `2026-11-20 12:03:04 UTC`. */
export function timeText(at: number): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return 'an unknown time';
  return `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
