import { readFileSync } from 'node:fs';
import type { RedisPlace } from '../domain/redis-url.ts';
import { Secret } from '../domain/secret.ts';
import { SigningKeys } from '../domain/signing-keys.ts';
import { type EnvironmentName, type EnvironmentValues, readValue } from './environment-readers.ts';
import { type DefaultedName, ENVIRONMENT, type EnvironmentEntry } from './environment-table.ts';
import { type ConfigFault, shown } from './fault.ts';

/** The environment as read: what was needed and what has a default is there for certain. */
export type Config<Needed extends EnvironmentName = never> = Readonly<
  Pick<EnvironmentValues, Needed | DefaultedName> & Partial<EnvironmentValues>
>;

export type ConfigResult<Needed extends EnvironmentName> =
  | { readonly ok: true; readonly config: Config<Needed> }
  | { readonly ok: false; readonly faults: readonly ConfigFault[] };

/** A secret is one line; more is the wrong file. */
const secretFileBytesMax = 16_384;

type Environment = Readonly<Record<string, string | undefined>>;
type Raw = { readonly text: string } | { readonly fault: ConfigFault } | undefined;

/**
 * Reads every variable of the table, or tells every fault at once. `needs` are the names this process
 * cannot do without. An empty variable counts as unset, as compose files leave them so. Values of secrets
 * are in no fault.
 */
export function readEnvironment<Needed extends EnvironmentName>(
  env: Environment,
  needs: readonly Needed[],
): ConfigResult<Needed> {
  const values: Partial<Record<EnvironmentName, unknown>> = {};
  const faults: ConfigFault[] = [];
  for (const entry of ENVIRONMENT as readonly EnvironmentEntry[]) {
    const raw = rawValue(entry, env);
    if (raw === undefined) {
      if ((needs as readonly string[]).includes(entry.name)) faults.push(missing(entry));
      continue;
    }
    if ('fault' in raw) {
      faults.push(raw.fault);
      continue;
    }
    const read = readValue(entry.name, raw.text);
    if ('value' in read) values[entry.name] = read.value;
    else faults.push(wrong(entry, read.expected, raw.text));
  }
  if (faults.length > 0) return { ok: false, faults };
  return { ok: true, config: Object.freeze(values) as Config<Needed> };
}

function rawValue(entry: EnvironmentEntry, env: Environment): Raw {
  const given = env[entry.name] || undefined;
  const path = entry.secret ? env[`${entry.name}_FILE`] || undefined : undefined;
  if (given !== undefined && path !== undefined) {
    const expected = `either ${entry.name} or ${entry.name}_FILE`;
    return { fault: { path: entry.name, expected, got: 'both' } };
  }
  if (path !== undefined) return secretOfFile(`${entry.name}_FILE`, path);
  const text = given ?? entry.default;
  return text === undefined ? undefined : { text };
}

/** The one line of a file; the fault, under this name, has nothing of it. */
export function secretOfFile(
  name: string,
  path: string,
): { readonly text: string } | { readonly fault: ConfigFault } {
  const expected = 'a readable file that holds one line';
  try {
    const bytes = readFileSync(path);
    const text = bytes.toString('utf8').replace(/\r?\n$/, '');
    if (bytes.length <= secretFileBytesMax && text !== '' && !text.includes('\n')) return { text };
    const got = `${path} with ${text === '' ? 'nothing in it' : `${bytes.length} bytes in it`}`;
    return { fault: { path: name, expected, got } };
  } catch (thrown) {
    const code = (thrown as NodeJS.ErrnoException).code ?? 'unreadable';
    return { fault: { path: name, expected, got: `${path} (${code})` } };
  }
}

function missing(entry: EnvironmentEntry): ConfigFault {
  const file = entry.secret ? ` (or the path of a file in ${entry.name}_FILE)` : '';
  const meaning = entry.meaning.replace(/\.$/, '');
  return { path: entry.name, expected: `${meaning}${file}`, got: 'nothing' };
}

function wrong(entry: EnvironmentEntry, expected: string, text: string): ConfigFault {
  const got = entry.secret ? `a value of ${text.length} characters` : shown(text);
  return { path: entry.name, expected, got };
}

/** The key to sign with, and those whose signatures still count. */
export function signingKeysOf(config: Config<'LB_SIGNING_KEY'>): SigningKeys {
  const previous = config.LB_SIGNING_KEY_PREVIOUS?.reveal().split(',') ?? [];
  return new SigningKeys(
    config.LB_SIGNING_KEY,
    previous.map((key) => new Secret(key.trim())),
  );
}

/** Where Redis is, with what proves that it is the right one. */
export function redisPlaceOf(config: Config<'REDIS_URL'>): RedisPlace {
  const url = config.REDIS_URL.reveal();
  return config.REDIS_CA === undefined ? url : { url, ca: config.REDIS_CA };
}
