import { z } from 'zod';
import { Secret } from '../domain/secret.ts';

/** Level names of the log, loudest last. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

function urlOf(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

/** TCP, TLS or the path of a unix socket: `unix:///run/redis/redis.sock`. */
function isRedisUrl(text: string): boolean {
  const url = urlOf(text);
  if (url?.protocol === 'unix:') return url.host === '' && url.pathname.length > 1;
  return (url?.protocol === 'redis:' || url?.protocol === 'rediss:') && url.hostname !== '';
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
const portExpected = 'a port number from 0 (any free one) to 65535';

/** How each value is read. Messages are the `expected` of a fault. */
const READERS = {
  REDIS_URL: secret('redis://…, rediss://… or unix:///path', isRedisUrl),
  LB_INVENTORY: z.string(),
  LB_SIGNING_KEY: secret('at least 32 characters', (text) => text.length >= 32),
  SLACK_BOT_TOKEN: secret('a bot token, which begins with xoxb-', (text) =>
    /^xoxb-[\w-]+$/.test(text),
  ),
  SLACK_APP_TOKEN: secret('an app-level token, which begins with xapp-', (text) =>
    /^xapp-[\w-]+$/.test(text),
  ),
  SLACK_API_URL: z
    .string()
    .refine(isSlackApiUrl, { error: 'an https:// address, or http:// on this machine' })
    .transform((text) => (text.endsWith('/') ? text : `${text}/`)),
  LB_HTTP_HOST: z
    .string()
    .regex(/^[A-Za-z0-9.:-]{1,253}$/, { error: 'an address or host name to listen on' }),
  LB_HTTP_PORT: z
    .string()
    .regex(/^\d{1,5}$/, { error: portExpected })
    .transform(Number)
    .refine((port) => port <= 65_535, { error: portExpected }),
  LB_LOG_LEVEL: z.enum(LOG_LEVELS, { error: `one of ${LOG_LEVELS.join(', ')}` }),
  LB_DATA: z.string(),
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
    meaning: 'Redis or Valkey, where jobs and records live.',
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
    name: 'SLACK_BOT_TOKEN',
    required: true,
    secret: true,
    meaning: 'Bot token (xoxb-…) of the Slack app.',
  },
  {
    name: 'SLACK_APP_TOKEN',
    required: true,
    secret: true,
    meaning: 'App-level token (xapp-…) with connections:write, for Socket Mode.',
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
    meaning: 'Address on which /healthz and /readyz listen.',
    default: '127.0.0.1',
  },
  {
    name: 'LB_HTTP_PORT',
    required: false,
    secret: false,
    meaning: 'Port of /healthz and /readyz; 0 takes any free one.',
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
