/** What a figure must be, and how it is written. */
export type Target =
  | { readonly kind: 'below'; readonly value: number }
  | { readonly kind: 'at least'; readonly value: number }
  /** At most so many times the floor. */
  | { readonly kind: 'times floor'; readonly value: number };

export type Unit = 'ms' | '/s' | 'MB' | '';

export interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: Unit;
  /** The least that any product would need here, measured in the same run. */
  readonly floor?: number;
  readonly target?: Target;
  /** How often it was measured, and what else a reader must know. */
  readonly note?: string;
}

export interface Section {
  readonly title: string;
  readonly rows: readonly Row[];
}

export type Verdict = 'met' | 'MISSED' | '';

/** How many times the floor; absent where there is no floor or it is zero. */
export function ratio(row: Row): number | undefined {
  return row.floor === undefined || row.floor === 0 ? undefined : row.value / row.floor;
}

/** Empty where nothing was promised. A target in floors without a floor counts as missed. */
export function verdict(row: Row): Verdict {
  switch (row.target?.kind) {
    case undefined:
      return '';
    case 'below':
      return row.value < row.target.value ? 'met' : 'MISSED';
    case 'at least':
      return row.value >= row.target.value ? 'met' : 'MISSED';
    case 'times floor':
      return (ratio(row) ?? Number.POSITIVE_INFINITY) <= row.target.value ? 'met' : 'MISSED';
  }
}

/** Three significant digits, no exponent. */
export function figure(value: number): string {
  if (value >= 100) return value.toFixed(0);
  if (value >= 10) return value.toFixed(1);
  return value.toFixed(2);
}

function measured(value: number, unit: Unit): string {
  if (unit === '') return String(value);
  return unit === '/s' ? `${figure(value)}/s` : `${figure(value)} ${unit}`;
}

function targetWords({ target, unit }: Row): string {
  switch (target?.kind) {
    case undefined:
      return '';
    case 'below':
      return `< ${target.value}${unit === '/s' ? '/s' : ` ${unit}`}`;
    case 'at least':
      return `>= ${target.value}${unit === '/s' ? '/s' : ` ${unit}`}`;
    case 'times floor':
      return `<= ${target.value} x floor`;
  }
}

const HEADINGS = ['', 'measured', 'floor', 'ratio', 'target', '', 'note'] as const;

function cells(row: Row): readonly string[] {
  const times = ratio(row);
  return [
    row.name,
    measured(row.value, row.unit),
    row.floor === undefined ? '' : measured(row.floor, row.unit),
    times === undefined ? '' : `${figure(times)} x`,
    targetWords(row),
    verdict(row),
    row.note ?? '',
  ];
}

/** The whole report as a table of plain text, one block per section. */
export function report(sections: readonly Section[]): string {
  const table = sections.map(({ title, rows }) => ({ title, lines: rows.map(cells) }));
  const widths = HEADINGS.map((heading, column) =>
    Math.max(
      heading.length,
      ...table.flatMap(({ lines }) => lines.map((line) => line[column]?.length ?? 0)),
    ),
  );
  // Names stand on the left, figures on the right; the note is last and takes what it needs.
  const isLeft = (column: number) => column === 0 || column >= 4;
  const written = (line: readonly string[]) =>
    line
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return isLeft(column) ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  ')
      .trimEnd();
  return table
    .map(({ title, lines }) => [title, written(HEADINGS), ...lines.map(written)].join('\n'))
    .join('\n\n');
}

/** `12 of 14 targets met; missed: …`. */
export function summary(sections: readonly Section[]): string {
  const promised = sections.flatMap(({ rows }) => rows).filter((row) => row.target !== undefined);
  const missed = promised.filter((row) => verdict(row) === 'MISSED');
  const met = `${promised.length - missed.length} of ${promised.length} targets met`;
  return missed.length === 0
    ? `${met}.`
    : `${met}; missed: ${missed.map(({ name }) => name).join('; ')}.`;
}
