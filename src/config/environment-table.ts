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

export interface EnvironmentEntry {
  readonly name: EnvironmentName;
  /** `lb serve` with all roles does not start without it. */
  readonly required: boolean;
  /** Never printed; may also be given by `<name>_FILE`, the path of a file that holds it. */
  readonly secret: boolean;
  readonly meaning: string;
  readonly default?: string;
}

/** Every environment variable the product reads. README and docker-compose.yml are checked against it. */
export const ENVIRONMENT = [
  {
    name: 'REDIS_URL',
    required: true,
    secret: true,
    meaning:
      'Redis or Valkey, where jobs and records live: one server, Sentinel or cluster, with or without TLS.',
  },
  {
    name: 'REDIS_CA',
    required: false,
    secret: false,
    meaning:
      'Path of the PEM certificate that vouches for Redis (rediss://); without it those of the system.',
  },
  {
    name: 'LB_INVENTORY',
    required: true,
    secret: false,
    meaning: 'Path of the inventory file.',
  },
  {
    name: 'LB_SIGNING_KEY',
    required: true,
    secret: true,
    meaning:
      'Signs requests, approvals and the audit head; the same in every process, 32 characters or more.',
  },
  {
    name: 'LB_SIGNING_KEY_PREVIOUS',
    required: false,
    secret: true,
    meaning:
      'Keys that LB_SIGNING_KEY replaced, separated by commas; what they signed still counts.',
  },
  {
    name: 'SLACK_BOT_TOKEN',
    required: true,
    secret: true,
    meaning: 'Bot token (xoxb-…) of the Slack app.',
  },
  {
    name: 'SLACK_APP_TOKEN',
    required: true,
    secret: true,
    meaning:
      'App-level token (xapp-…) with connections:write, for Socket Mode; not needed when LB_SLACK_MODE is http.',
  },
  {
    name: 'LB_SLACK_MODE',
    required: false,
    secret: false,
    meaning:
      'How commands and clicks come in: socket (the bot calls Slack), or http (Slack calls the bot, each request signed).',
    default: 'socket',
  },
  {
    name: 'SLACK_SIGNING_SECRET',
    required: false,
    secret: true,
    meaning: 'Signing secret of the Slack app; needed when LB_SLACK_MODE is http.',
  },
  {
    name: 'LB_SLACK_HTTP_HOST',
    required: false,
    secret: false,
    meaning:
      'Address on which /slack/events listens when LB_SLACK_MODE is http; put TLS in front of it.',
    default: '127.0.0.1',
  },
  {
    name: 'LB_SLACK_HTTP_PORT',
    required: false,
    secret: false,
    meaning: 'Port of /slack/events; 0 takes any free one.',
    default: '3000',
  },
  {
    name: 'SLACK_API_URL',
    required: false,
    secret: false,
    meaning: "Slack's Web API; another address for a local Slack.",
    default: 'https://slack.com/api/',
  },
  {
    name: 'LB_HTTP_HOST',
    required: false,
    secret: false,
    meaning: 'Address on which /healthz, /readyz and /metrics listen.',
    default: '127.0.0.1',
  },
  {
    name: 'LB_HTTP_PORT',
    required: false,
    secret: false,
    meaning: 'Port of /healthz, /readyz and /metrics; 0 takes any free one.',
    default: '8080',
  },
  {
    name: 'LB_LOG_LEVEL',
    required: false,
    secret: false,
    meaning: `How much is logged: ${LOG_LEVELS.join(', ')}.`,
    default: 'info',
  },
  {
    name: 'LB_DATA',
    required: false,
    secret: false,
    meaning: 'Directory of the embedded store (trial and demo only).',
    default: './lb-data',
  },
  {
    name: 'LB_AUDIT_DIR',
    required: false,
    secret: false,
    meaning: 'Directory into which a worker copies the audit entries, as signed files.',
  },
  {
    name: 'LB_AUDIT_KEEP',
    required: false,
    secret: false,
    meaning:
      'How many of the last audit entries stay in Redis once they are in closed files; all when unset.',
  },
  {
    name: 'LB_JOB_LOCK_MS',
    required: false,
    secret: false,
    meaning:
      'A worker that died is noticed after this time, in milliseconds; the same in every worker.',
    default: '15000',
  },
] as const satisfies readonly EnvironmentEntry[];

/** The names that always have a value. */
export type DefaultedName = Extract<(typeof ENVIRONMENT)[number], { default: string }>['name'];

/** Reads one value, or says what was expected instead. */
export function readValue(
  name: EnvironmentName,
  text: string,
): { readonly value: unknown } | { readonly expected: string } {
  const read = READERS[name].safeParse(text);
  if (read.success) return { value: read.data };
  return { expected: read.error.issues[0]?.message ?? 'another value' };
}
