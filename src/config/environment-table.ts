import { type EnvironmentName, LOG_LEVELS } from './environment-readers.ts';

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
    name: 'LB_NOTIFY_HOST',
    required: false,
    secret: false,
    meaning:
      'Address on which the role watch listens for what keepalived tells; without TLS this machine alone.',
    default: '127.0.0.1',
  },
  {
    name: 'LB_NOTIFY_PORT',
    required: false,
    secret: false,
    meaning: 'Port of /notify; unset, nobody listens; 0 takes any free one.',
  },
  {
    name: 'LB_NOTIFY_CERT',
    required: false,
    secret: false,
    meaning: 'Path of the PEM certificate of /notify, with those that vouch for it.',
  },
  {
    name: 'LB_NOTIFY_KEY',
    required: false,
    secret: false,
    meaning: 'Path of the private key (PEM) of LB_NOTIFY_CERT.',
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
