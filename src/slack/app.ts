import type { Secret } from '../domain/secret.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import { GuardedApp } from './door.ts';
import { driftActions } from './drift-id.ts';
import { httpLink } from './http.ts';
import type { SlackIdentity } from './identity.ts';
import { respondTimeoutMs } from './limits.ts';
import type { SlackLink } from './link.ts';
import { commandListener, type ListenerOptions } from './listeners/command.ts';
import { decisionListener } from './listeners/decision.ts';
import { driftListener } from './listeners/drift.ts';
import { homeListener } from './listeners/home.ts';
import { slackLogger } from './logger.ts';
import { socketLink } from './socket.ts';
import { createTell } from './tell.ts';
import { clientOptions, webClient } from './web.ts';

export type ReceiverOptions =
  | { readonly kind: 'socket'; readonly appToken: Secret }
  | {
      readonly kind: 'http';
      readonly signingSecret: Secret;
      readonly host: string;
      /** 0 takes any free one. */
      readonly port: number;
    };

export interface SlackAppOptions extends Pick<ListenerOptions, 'operations' | 'inventory'> {
  readonly botToken: Secret;
  /** How deliveries come in. */
  readonly receiver: ReceiverOptions;
  /** Base address of the Web API, ending in a slash; default: the real Slack. */
  readonly apiUrl?: string | undefined;
  /** From `identify`. */
  readonly identity: SlackIdentity;
  readonly clock: Clock;
  readonly log: Log;
}

export interface SlackApp {
  readonly botUserId: string;
  readonly teamId: string;
  /** Resolves when deliveries can arrive; throws an OperationError of one clear line. */
  start(): Promise<void>;
  /** Refuses new deliveries, waits for those under way at most `graceMs`, closes the connection. */
  stop(graceMs: number): Promise<void>;
  connected(): boolean;
  /** Where Slack must send deliveries, as seen from this machine; undefined in Socket Mode. */
  url(): string | undefined;
}

/** The bot: takes slash commands and clicks and hands them to the operations. */
export function createSlackApp(options: SlackAppOptions): SlackApp {
  const { identity, log, clock, operations, inventory } = options;
  const tell = createTell(webClient(options, respondTimeoutMs), log);
  const link = linkOf(options);
  const app = new GuardedApp(
    {
      token: options.botToken.reveal(),
      botId: identity.botId,
      botUserId: identity.botUserId,
      tokenVerificationEnabled: false,
      receiver: link.receiver,
      clientOptions: clientOptions(options),
      logger: slackLogger(log),
      convoStore: false,
      deferInitialization: true,
    },
    { identity, log, clock, tell },
  );
  // One listener per kind, for every name: all matching listeners of Bolt run, and unmatched ones are silent.
  app.command(/^\//, commandListener({ operations, inventory, clock, tell }));
  app.action(driftActions, driftListener({ operations, tell }));
  app.action(/^(?!drift\.)/, decisionListener({ operations, tell }));
  app.event('app_home_opened', homeListener({ operations }));
  return {
    botUserId: identity.botUserId,
    teamId: identity.teamId,
    connected: () => link.connected(),
    url: () => link.url(),
    async start() {
      await app.init();
      await link.open();
      const { teamId: team, botUserId: bot } = identity;
      const url = link.url();
      if (url === undefined) log.info('Connected to Slack', { team, bot });
      else log.info('Listening for Slack', { team, bot, url });
    },
    async stop(graceMs) {
      const left = await app.drain(graceMs);
      if (left > 0) log.warn('Stopped with deliveries under way', { left });
      await link.close();
    },
  };
}

function linkOf({ receiver, apiUrl, log, clock }: SlackAppOptions): SlackLink {
  switch (receiver.kind) {
    case 'socket':
      return socketLink({ appToken: receiver.appToken, apiUrl, log, clock });
    case 'http':
      return httpLink({ ...receiver, log, clock });
  }
}
