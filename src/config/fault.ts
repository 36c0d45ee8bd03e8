/** One mistake in what people wrote: where, what would be right, what stands there. */
export interface ConfigFault {
  /** For instance `services.test.tianya.cn.pools[0].on` or `LB_HTTP_PORT`. */
  readonly path: string;
  readonly expected: string;
  readonly got: string;
  /** Line of the file, when it is known; the first is 1. */
  readonly line?: number;
}

export type PathPart = string | number;

const shownMax = 80;

/** `pools[0].on`. */
export function pathText(path: readonly PathPart[]): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else text += text === '' ? part : `.${part}`;
  }
  return text;
}

/** The value at a path of plain data; undefined when there is none. */
export function valueAt(data: unknown, path: readonly PathPart[]): unknown {
  let value = data;
  for (const part of path) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, part))
      return undefined;
    value = (value as Record<PathPart, unknown>)[part];
  }
  return value;
}

/** A value as shown behind `got`: short, on one line, without control characters. */
export function shown(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value))
    return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  if (typeof value === 'object')
    return `a block with ${Object.keys(value).join(', ') || 'nothing'}`;
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  const clean = text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '?');
  return clean.length > shownMax ? `${clean.slice(0, shownMax)}…` : clean;
}
