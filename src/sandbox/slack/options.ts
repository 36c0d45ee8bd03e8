import { Breakages } from './breakages.ts';
import type { TrafficSource } from './traffic.ts';

export interface UserSeed {
  readonly id: string;
  readonly name: string;
  readonly real_name?: string;
  readonly is_bot?: boolean;
  readonly deleted?: boolean;
  readonly is_restricted?: boolean;
  readonly is_ultra_restricted?: boolean;
  /** Another workspace's id makes the user a stranger (Slack Connect). */
  readonly team_id?: string;
}

export interface ChannelSeed {
  readonly id: string;
  readonly name: string;
  readonly is_private?: boolean;
  readonly is_ext_shared?: boolean;
  readonly is_archived?: boolean;
  /** Default: the bot and every user who is neither a bot, deleted nor a stranger. */
  readonly members?: readonly string[];
}

export interface UserGroupSeed {
  readonly id: string;
  readonly handle: string;
  readonly name?: string;
  readonly users: readonly string[];
  readonly disabled?: boolean;
}

/** Everything but `users` and `channels` has a default. All ids are the caller's, so tests can name them. */
export interface LocalSlackOptions {
  readonly users: readonly UserSeed[];
  readonly channels: readonly ChannelSeed[];
  readonly userGroups?: readonly UserGroupSeed[];
  readonly team?: { readonly id: string; readonly name: string; readonly domain: string };
  readonly app?: {
    readonly id: string;
    readonly botUserId: string;
    readonly botId: string;
    readonly botName: string;
  };
  /** Slash commands the app has registered. */
  readonly commands?: readonly string[];
  readonly botToken?: string;
  readonly appToken?: string;
  readonly signingSecret?: string;
  readonly scopes?: readonly string[];
  /** Deliver by signed HTTP to this URL instead of Socket Mode. */
  readonly requestUrl?: string;
  /** TCP port on 127.0.0.1; 0 takes a free one. */
  readonly port?: number;
  readonly ackTimeoutMs?: number;
  readonly triggerTtlMs?: number;
  readonly responseUrlTtlMs?: number;
  readonly responseUrlUses?: number;
  /** Bot messages older than this can no longer be edited; unset: no limit. */
  readonly editWindowMs?: number;
  /** Sustained posts per second and channel; 0 or unset: no limit. */
  readonly postPerSecond?: number;
  /** Posts a channel takes at once before `postPerSecond` bites. */
  readonly postBurst?: number;
  readonly socketPingMs?: number;
  /** Requests that reach the members, for the strip at the top of the page. */
  readonly traffic?: TrafficSource;
  /** What people may break on the page; more may be added later. */
  readonly breakages?: Breakages;
  /** One line beside the banner: what else here is not real. */
  readonly notice?: string;
  /** Environment of the process, only to refuse to start beside production or real tokens. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** Where a fault of this server itself is told; default: nowhere. */
  readonly warn?: (text: string) => void;
}

type Optional = 'requestUrl' | 'editWindowMs' | 'traffic' | 'notice';

export type Settings = Required<Omit<LocalSlackOptions, Optional | 'environment'>> & {
  readonly traffic: TrafficSource | undefined;
  readonly notice: string | undefined;
  /** Changed while it runs: the app's port is often known later. */
  requestUrl: string | undefined;
  editWindowMs: number | undefined;
};

/** Thrown instead of starting: this server lets anybody press any button. */
export class LocalSlackRefused extends Error {
  constructor(reason: string) {
    super(`The local Slack does not start: ${reason}`);
    this.name = 'LocalSlackRefused';
  }
}

export const DEFAULT_SCOPES: readonly string[] = [
  'commands',
  'chat:write',
  'channels:read',
  'channels:history',
  'groups:read',
  'groups:history',
  'users:read',
  'usergroups:read',
  'im:write',
];

/** Fills in the defaults. Throws LocalSlackRefused beside production or real tokens. */
export function settle(options: LocalSlackOptions): Settings {
  refuseProduction(options);
  return {
    users: options.users,
    channels: options.channels,
    userGroups: options.userGroups ?? [],
    team: options.team ?? { id: 'T0LOCAL', name: 'Local Slack', domain: 'local' },
    app: options.app ?? { id: 'A0LB', botUserId: 'U0LBBOT', botId: 'B0LBBOT', botName: 'lb' },
    commands: options.commands ?? ['/lb'],
    botToken: options.botToken ?? 'xoxb-local',
    appToken: options.appToken ?? 'xapp-local',
    signingSecret: options.signingSecret ?? 'local-signing-secret',
    scopes: options.scopes ?? DEFAULT_SCOPES,
    requestUrl: options.requestUrl,
    port: options.port ?? 0,
    ackTimeoutMs: options.ackTimeoutMs ?? 3_000,
    triggerTtlMs: options.triggerTtlMs ?? 3_000,
    responseUrlTtlMs: options.responseUrlTtlMs ?? 30 * 60_000,
    responseUrlUses: options.responseUrlUses ?? 5,
    editWindowMs: options.editWindowMs,
    postPerSecond: options.postPerSecond ?? 0,
    postBurst: options.postBurst ?? 5,
    socketPingMs: options.socketPingMs ?? 10_000,
    traffic: options.traffic,
    breakages: options.breakages ?? new Breakages(),
    notice: options.notice,
    now: options.now ?? Date.now,
    warn: options.warn ?? (() => undefined),
  };
}

/** `xoxb-` and a digit is a bot token of the real Slack; `xapp-1-` an app token. */
const REAL_TOKEN = /^(?:xox[a-z](?:\.xox[a-z])?-\d|xapp-\d)/;

function refuseProduction(options: LocalSlackOptions): void {
  const environment = options.environment ?? {};
  if (environment.NODE_ENV === 'production') {
    throw new LocalSlackRefused('NODE_ENV is "production".');
  }
  for (const name of ['botToken', 'appToken'] as const) {
    if (REAL_TOKEN.test(options[name] ?? '')) {
      throw new LocalSlackRefused(`${name} looks like a token of the real Slack.`);
    }
  }
  for (const [name, value] of Object.entries(environment)) {
    if (REAL_TOKEN.test(value ?? '')) {
      throw new LocalSlackRefused(
        `the environment variable ${name} looks like a token of the real Slack; unset it.`,
      );
    }
  }
}
