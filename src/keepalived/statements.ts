import { isFor, type Statement } from './source.ts';

/** Without the lines that are for other hosts; all of them where the host is not known. */
export function forHost(
  statements: readonly Statement[],
  host: string | undefined,
): readonly Statement[] {
  return statements
    .filter(({ onlyFor }) => onlyFor === undefined || host === undefined || isFor(onlyFor, host))
    .map((each) =>
      each.block === undefined ? each : { ...each, block: forHost(each.block, host) },
    );
}

export function named(
  statements: readonly Statement[],
  ...keywords: readonly string[]
): readonly Statement[] {
  return statements.filter(({ words }) => keywords.includes(words[0] ?? ''));
}

/** What stands behind the keyword; of several the last one, as in keepalived. */
export function lastValue(
  block: readonly Statement[],
  ...keywords: readonly string[]
): string | undefined {
  return named(block, ...keywords)
    .at(-1)
    ?.words.slice(1)
    .join(' ');
}

/** Of a keyword that may stand alone, with `on`, `off` and the like. */
export function isOn(block: readonly Statement[], keyword: string): boolean {
  const value = lastValue(block, keyword);
  return value !== undefined && !['off', 'false', 'no'].includes(value);
}
