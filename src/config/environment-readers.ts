import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { parseRedisUrl } from '../domain/redis-url.ts';
import { Secret } from '../domain/secret.ts';

/** Level names of the log, loudest last. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** How Slack's deliveries come in. */
export const SLACK_MODES = ['socket', 'http'] as const;
export type SlackMode = (typeof SLACK_MODES)[number];

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

function urlOf(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

function isRedisUrl(text: string): boolean {
  try {
    parseRedisUrl(text);
    return true;
  } catch {
    return false;
  }
}

/** The certificates in a PEM file, or undefined when there is none to be read. */
function certificatesIn(path: string): string | undefined {
  try {
    const text = readFileSync(path, 'utf8');
    // Throws when the first one is none.
    new X509Certificate(text);
    return text;
  } catch {
    return undefined;
  }
}

/** Tokens travel to this address: plain http only within this machine. */
function isSlackApiUrl(text: string): boolean {
  const url = urlOf(text);
  return (
    url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.includes(url.hostname))
  );
}

const secret = (expected: string, fits: (text: string) => boolean) =>
  z
    .string()
    .refine(fits, { error: expected })
    .transform((text) => new Secret(text));

const lockExpected = 'whole milliseconds from 500 to 120000';
const keepExpected = 'a whole number of entries';
const portExpected = 'a port number from 0 (any free one) to 65535';

const listenHost = z
  .string()
  .regex(/^[A-Za-z0-9.:-]{1,253}$/, { error: 'an address or host name to listen on' });
const listenPort = z
  .string()
  .regex(/^\d{1,5}$/, { error: portExpected })
  .transform(Number)
  .refine((port) => port <= 65_535, { error: portExpected });

/** The text of a PEM file that holds this. */
function pemFile(what: string, label: string) {
  const expected = `a readable PEM file with ${what}`;
  return z.string().transform((path, context) => {
    try {
      const text = readFileSync(path, 'utf8');
      if (new RegExp(`^-----BEGIN ${label}-----$`, 'm').test(text)) return text;
    } catch {
      // Said below: no such file, or none that this user may read.
    }
    context.addIssue(expected);
    return z.NEVER;
  });
}

/** How each value is read. Messages are the `expected` of a fault. */
const READERS = {
  REDIS_URL: secret(
    'redis://…, rediss://…, unix:///path, redis+sentinel://…/<master name> or redis+cluster://…',
    isRedisUrl,
  ),
  REDIS_CA: z
    .string()
    .refine((path) => certificatesIn(path) !== undefined, {
      error: 'a readable PEM file with a certificate',
    })
    .transform((path) => certificatesIn(path) ?? ''),
  LB_INVENTORY: z.string(),
  LB_SIGNING_KEY: secret('at least 32 characters', (text) => text.length >= 32),
  LB_SIGNING_KEY_PREVIOUS: secret(
    'keys of at least 32 characters each, separated by commas',
    (text) => text.split(',').every((key) => key.trim().length >= 32),
  ),
  SLACK_BOT_TOKEN: secret('a bot token, which begins with xoxb-', (text) =>
    /^xoxb-[\w-]+$/.test(text),
  ),
  SLACK_APP_TOKEN: secret('an app-level token, which begins with xapp-', (text) =>
    /^xapp-[\w-]+$/.test(text),
  ),
  SLACK_SIGNING_SECRET: secret(
    'the signing secret of the app, 16 to 128 letters and digits',
    (text) => /^[\w-]{16,128}$/.test(text),
  ),
  LB_SLACK_MODE: z.enum(SLACK_MODES, { error: `one of ${SLACK_MODES.join(', ')}` }),
  LB_SLACK_HTTP_HOST: listenHost,
  LB_SLACK_HTTP_PORT: listenPort,
  SLACK_API_URL: z
    .string()
    .refine(isSlackApiUrl, { error: 'an https:// address, or http:// on this machine' })
    .transform((text) => (text.endsWith('/') ? text : `${text}/`)),
  LB_HTTP_HOST: listenHost,
  LB_HTTP_PORT: listenPort,
  LB_NOTIFY_HOST: listenHost,
  LB_NOTIFY_PORT: listenPort,
  LB_NOTIFY_CERT: pemFile('a certificate', 'CERTIFICATE'),
  LB_NOTIFY_KEY: pemFile('a private key', '(?:[A-Z]+ )?PRIVATE KEY'),
  LB_LOG_LEVEL: z.enum(LOG_LEVELS, { error: `one of ${LOG_LEVELS.join(', ')}` }),
  LB_DATA: z.string(),
  LB_AUDIT_DIR: z.string(),
  LB_AUDIT_KEEP: z
    .string()
    .regex(/^\d{1,9}$/, { error: keepExpected })
    .transform(Number),
  LB_JOB_LOCK_MS: z
    .string()
    .regex(/^\d{1,6}$/, { error: lockExpected })
    .transform(Number)
    .refine((ms) => ms >= 500 && ms <= 120_000, { error: lockExpected }),
} as const;

export type EnvironmentName = keyof typeof READERS;

/** Every value as read; which of them are there, `Config` says. */
export type EnvironmentValues = {
  readonly [Name in EnvironmentName]: z.output<(typeof READERS)[Name]>;
};

/** Reads one value, or says what was expected instead. */
export function readValue(
  name: EnvironmentName,
  text: string,
): { readonly value: unknown } | { readonly expected: string } {
  const read = READERS[name].safeParse(text);
  if (read.success) return { value: read.data };
  return { expected: read.error.issues[0]?.message ?? 'another value' };
}
