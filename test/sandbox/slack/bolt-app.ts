import type { AddressInfo } from 'node:net';
import {
  App,
  type BlockAction,
  type ButtonAction,
  HTTPReceiver,
  LogLevel,
  RespondError,
  type SlashCommand,
  SocketModeReceiver,
} from '@slack/bolt';
import type { WebClientOptions } from '@slack/web-api';
import { expect } from 'vitest';
import type { LocalSlack } from '../../../src/sandbox/slack/local-slack.ts';

export interface RunningApp {
  readonly app: App;
  /** What each listener got, word for word. */
  readonly commands: SlashCommand[];
  readonly clicks: BlockAction<ButtonAction>[];
  stop(): Promise<void>;
}

const approveCard = (text: string) => [
  { type: 'section' as const, text: { type: 'mrkdwn' as const, text } },
  {
    type: 'actions' as const,
    block_id: 'approval',
    elements: [
      {
        type: 'button' as const,
        action_id: 'approve',
        style: 'primary' as const,
        value: 'change-1',
        text: { type: 'plain_text' as const, text: 'Approve' },
      },
    ],
  },
];

/** A small app made with the real Bolt: `/lb …` posts a card, the button edits it. */
export async function startBoltApp(
  slack: LocalSlack,
  mode: 'socket' | 'http',
): Promise<RunningApp> {
  // A fresh object for each client: Bolt writes into what it is given.
  const clientOptions = (): WebClientOptions => ({
    slackApiUrl: slack.apiUrl,
    timeout: 2_000,
    retryConfig: { retries: 0 },
  });
  const logLevel = LogLevel.ERROR;
  const socketReceiver = new SocketModeReceiver({
    appToken: slack.appToken,
    clientPingTimeout: 500,
    logLevel,
    installerOptions: { clientOptions: clientOptions() },
  });
  const receiver =
    mode === 'socket'
      ? socketReceiver
      : new HTTPReceiver({ signingSecret: slack.signingSecret, logLevel });
  const app = new App({
    token: slack.botToken,
    receiver,
    logLevel,
    clientOptions: clientOptions(),
    convoStore: false,
    deferInitialization: true,
  });
  const commands: SlashCommand[] = [];
  const clicks: BlockAction<ButtonAction>[] = [];

  let running = 0;
  app.use(async ({ next }) => {
    running += 1;
    try {
      await next();
    } finally {
      running -= 1;
    }
  });

  app.command('/lb', async ({ command, ack, client, respond }) => {
    commands.push(command);
    if (command.text === 'silence') return;
    if (command.text === 'publish') {
      await ack({ response_type: 'in_channel', text: 'For all to see' });
      return;
    }
    if (command.text === 'chatter') {
      await ack();
      for (let n = 1; n <= 6; n += 1) {
        await respond({ response_type: 'ephemeral', text: `word ${n}` }).catch((error: unknown) => {
          const status = error instanceof RespondError ? error.statusCode : String(error);
          return client.chat.postMessage({
            channel: command.channel_id,
            text: `word ${n} refused: ${status}`,
          });
        });
      }
      return;
    }
    await ack({ response_type: 'ephemeral', text: `Queued: ${command.text}` });
    const text = `<@${command.user_id}> asks: ${command.text}`;
    await client.chat.postMessage({
      channel: command.channel_id,
      text,
      blocks: approveCard(text),
      metadata: { event_type: 'change', event_payload: { id: 'change-1' } },
    });
  });

  app.action<BlockAction<ButtonAction>>('approve', async ({ ack, body, client }) => {
    clicks.push(body);
    await ack();
    if (body.channel === undefined || body.message === undefined) return;
    await client.chat.update({
      channel: body.channel.id,
      ts: body.message.ts,
      text: `approved by <@${body.user.id}>`,
    });
  });

  await app.init();
  if (mode === 'socket') {
    await app.start();
  } else {
    const server = await app.start({ port: 0, host: '127.0.0.1' });
    if (!(server && 'address' in server)) throw new Error('the HTTP receiver gave no server');
    const { port } = server.address() as AddressInfo;
    slack.setRequestUrl(`http://127.0.0.1:${port}/slack/events`);
  }
  return {
    app,
    commands,
    clicks,
    stop: async () => {
      await expect.poll(() => running, { interval: 5 }).toBe(0);
      if (mode === 'socket') await socketReceiver.client.disconnect();
      else await app.stop();
    },
  };
}
