import type { Secret } from '../../src/domain/secret.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { LocalSlack } from '../../src/sandbox/slack/local-slack.ts';
import { createAnnouncer } from '../../src/slack/announcer.ts';
import { createSlackApp, type SlackApp } from '../../src/slack/app.ts';
import { identify } from '../../src/slack/identity.ts';
import {
  appToken,
  botToken,
  inventory,
  keptLog,
  RememberingOperations,
  realClock,
  signingSecret,
  startSlack,
} from './running.ts';
import { cardContext, record } from './sample.ts';

/** How deliveries come in; the same tests run over both. */
export type Way = 'Socket Mode' | 'signed HTTP';
export const WAYS: readonly Way[] = ['Socket Mode', 'signed HTTP'];

interface BuildOptions {
  readonly clock?: Clock;
  readonly appToken?: Secret;
  /** Port for signed HTTP; any free one. */
  readonly port?: number;
}

/** The bot connected to a local Slack, with operations that remember. */
export class RunningBot {
  readonly operations = new RememberingOperations();
  readonly log = keptLog();
  readonly slack: LocalSlack;
  readonly way: Way;
  app: SlackApp | undefined;

  constructor(slack: LocalSlack, way: Way) {
    this.slack = slack;
    this.way = way;
  }

  async build(options: BuildOptions = {}): Promise<SlackApp> {
    const web = { botToken, apiUrl: this.slack.apiUrl, log: this.log };
    return createSlackApp({
      ...web,
      receiver:
        this.way === 'Socket Mode'
          ? { kind: 'socket', appToken: options.appToken ?? appToken }
          : { kind: 'http', signingSecret, host: '127.0.0.1', port: options.port ?? 0 },
      identity: await identify(web),
      operations: this.operations,
      inventory,
      clock: options.clock ?? realClock,
    });
  }

  async start(options: BuildOptions = {}): Promise<SlackApp> {
    await this.app?.stop(0);
    this.app = await this.build(options);
    await this.app.start();
    this.slack.setRequestUrl(this.app.url());
    return this.app;
  }

  async close(): Promise<void> {
    await this.app?.stop(0);
    await this.slack.close();
  }

  /** Types `/lb …` as the operator. */
  lb(text: string, user = 'U0OPS') {
    return this.slack.human.command({ user, channel: 'C0OPS', command: '/lb', text });
  }

  /** What only this person was told. */
  heard(user = 'U0OPS'): string {
    return this.slack.state
      .ephemerals(user)
      .map((message) => message.text)
      .join('\n---\n');
  }

  logged(message: string): boolean {
    return this.log.lines.some((line) => line.message === message);
  }

  /** Posts the card of a change, a waiting one when none is given, and returns its timestamp. */
  async postedCard(of = record('waiting')): Promise<string> {
    const announcer = createAnnouncer({
      botToken,
      apiUrl: this.slack.apiUrl,
      log: this.log,
      identity: async () => ({ botId: 'B0LBBOT' }),
    });
    return (await announcer.postCard('C0OPS', cardContext(of))).ts;
  }
}

export async function startBot(way: Way = 'Socket Mode'): Promise<RunningBot> {
  const bot = new RunningBot(await startSlack(), way);
  await bot.start();
  return bot;
}
