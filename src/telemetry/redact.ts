import { Secret } from '../domain/secret.ts';

const MASK = '[secret]';

/** Shapes of secrets that must not be printed whoever wrote the text they stand in. */
const SHAPES: readonly (readonly [RegExp, string])[] = [
  // Slack tokens: xoxb-, xoxp-, xoxe.xoxp-, xapp- …
  [/(?:xox[a-z](?:\.xox[a-z])?|xapp|xwfp)-[A-Za-z0-9-]+/g, MASK],
  // User and password of any URL: redis://user:pass@host; a password may hold an @.
  [/\b([a-z][a-z0-9+.-]{1,30}:\/\/)[^\s/"'<>]*@/gi, `$1${MASK}@`],
  [/\b(Bearer|Basic)\s+[A-Za-z0-9+/._~=-]{8,}/gi, `$1 ${MASK}`],
  // Whoever holds it can write to the channel, or open the socket.
  [/(https:\/\/hooks\.slack\.com\/)[^\s"'<>]+/g, `$1${MASK}`],
  [/([?&](?:ticket|token|password|secret)=)[^\s&"'<>]+/gi, `$1${MASK}`],
];

/** Field names whose text is a secret whatever it looks like. */
const SECRET_FIELD =
  /^(?:password|passwd|pass|secret|token|authorization|cookie|signing_?key|api_?key|response_url)$|(?:_|-|[a-z](?=[A-Z]))(?:password|secret|token)$/i;

const depthMax = 8;
const itemsMax = 200;
const textLengthMax = 10_000;

/** What is safe to print. Made once per log, with the secrets this process knows. */
export interface Redaction {
  text(text: string): string;
  /** Plain data for JSON: no Secret, no cycle, errors as name, message, code, stack and cause. */
  data(value: unknown): unknown;
}

export function redaction(secrets: readonly Secret[] = []): Redaction {
  const known = [...new Set(secrets.flatMap((secret) => partsOf(secret.reveal())))].sort(
    (a, b) => b.length - a.length,
  );

  const text = (given: string): string => {
    let safe = given;
    for (const value of known) safe = safe.replaceAll(value, MASK);
    for (const [shape, mask] of SHAPES) safe = safe.replace(shape, mask);
    // Cut last: half a token no longer has its shape.
    return safe.length > textLengthMax ? `${safe.slice(0, textLengthMax)}… (cut)` : safe;
  };

  const data = (value: unknown, depth: number, around: readonly object[]): unknown => {
    if (typeof value === 'string') return text(value);
    if (typeof value === 'bigint' || typeof value === 'symbol') return String(value);
    if (typeof value === 'function') return '[function]';
    if (value === null || typeof value !== 'object') return value;
    if (value instanceof Secret) return MASK;
    if (value instanceof Date)
      return Number.isNaN(value.getTime()) ? 'no date' : value.toISOString();
    if (value instanceof URL) return text(value.href);
    if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
    if (around.includes(value)) return '[circular]';
    if (depth >= depthMax) return '[deeper]';
    const inside = [...around, value];
    const next = (inner: unknown) => data(inner, depth + 1, inside);
    if (Array.isArray(value)) return list(value, next);
    if (value instanceof Set) return list([...value], next);
    if (value instanceof Map)
      return fields(
        [...value].map(([k, v]) => [String(k), v]),
        next,
      );
    return fields(entriesOf(value), next);
  };

  const fields = (
    entries: readonly (readonly [string, unknown])[],
    next: (v: unknown) => unknown,
  ) =>
    Object.fromEntries(
      entries
        .slice(0, itemsMax)
        .map(([key, inner]) => [
          text(key),
          SECRET_FIELD.test(key) && inner !== undefined && inner !== null ? MASK : next(inner),
        ]),
    );

  return { text, data: (value) => data(value, 0, []) };
}

/** A value, and the password when it is an address with one: clients put that alone into their errors. */
function partsOf(value: string): readonly string[] {
  const password = URL.canParse(value) ? new URL(value).password : '';
  // Shorter ones would blot out ordinary words.
  return [value, password, decoded(password)].filter((part) => part.length >= 6);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function list(values: readonly unknown[], next: (value: unknown) => unknown): readonly unknown[] {
  const shown = values.slice(0, itemsMax).map(next);
  return values.length > itemsMax ? [...shown, `${values.length - itemsMax} more`] : shown;
}

/** Own fields; of an error also the ones that JSON leaves out. A getter that throws is said so. */
function entriesOf(value: object): readonly (readonly [string, unknown])[] {
  const keys = new Set(Object.keys(value));
  if (value instanceof Error)
    for (const key of ['name', 'message', 'stack', 'cause', 'errors']) keys.add(key);
  return [...keys].flatMap((key) => {
    try {
      const inner: unknown = Reflect.get(value, key);
      return inner === undefined ? [] : [[key, inner] as const];
    } catch {
      return [[key, '[unreadable]'] as const];
    }
  });
}
