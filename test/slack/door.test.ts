import type { Receiver } from '@slack/bolt';
import { describe, expect, it } from 'vitest';
import { GuardedApp } from '../../src/slack/door.ts';
import { slackLogger } from '../../src/slack/logger.ts';
import { keptLog, realClock } from './running.ts';

const identity = { teamId: 'T0HOME', botUserId: 'U0LBBOT', botId: 'B0LBBOT', appId: 'A0LB' };

/** A receiver whose deliveries the test makes itself. */
const silent: Receiver = {
  init: () => undefined,
  start: async () => undefined,
  stop: async () => undefined,
};

async function door() {
  const told: string[] = [];
  const log = keptLog();
  const app = new GuardedApp(
    {
      token: 'xoxb-test',
      receiver: silent,
      logger: slackLogger(log),
      botId: identity.botId,
      botUserId: identity.botUserId,
      tokenVerificationEnabled: false,
      convoStore: false,
      deferInitialization: true,
    },
    {
      identity,
      log,
      clock: realClock,
      tell: async (_delivery, text) => {
        told.push(text);
      },
    },
  );
  await app.init();
  const deliver = async (body: Record<string, unknown>, ack?: () => Promise<void>) => {
    const acks: unknown[] = [];
    await app.processEvent({
      body,
      ack: async (response: unknown) => {
        acks.push(response);
        await ack?.();
      },
    });
    return acks;
  };
  return { app, deliver, told, log };
}

const from = {
  api_app_id: 'A0LB',
  team: { id: 'T0HOME' },
  user: { id: 'U0OPS', team_id: 'T0HOME' },
  channel: { id: 'C0OPS' },
  trigger_id: '1.2.3',
};

const command = {
  command: '/lb',
  text: '',
  api_app_id: 'A0LB',
  team_id: 'T0HOME',
  user_id: 'U0OPS',
  channel_id: 'C0OPS',
  trigger_id: '1.2.3',
};

describe('the door', () => {
  it.each([
    ['a message shortcut', { ...from, type: 'message_action', callback_id: 'x' }],
    ['a modal', { ...from, type: 'view_submission', view: { callback_id: 'x' } }],
    ['an unknown kind', { ...from, type: 'something_new' }],
    ['a command nobody listens to', command],
  ])('acknowledges %s once', async (_name, body) => {
    const { deliver } = await door();
    expect(await deliver(body)).toEqual([undefined]);
  });

  it('lets a second acknowledgement of a listener go nowhere', async () => {
    const { app, deliver } = await door();
    app.command('/lb', async ({ ack }) => {
      await ack('first');
      await ack('second');
    });
    expect(await deliver(command)).toEqual(['first']);
  });

  it('acknowledges for a listener that forgot to', async () => {
    const { app, deliver } = await door();
    app.command('/lb', async () => undefined);
    expect(await deliver(command)).toEqual([undefined]);
  });

  it('turns a fault before the acknowledgement into the acknowledgement, once', async () => {
    const { app, deliver, told, log } = await door();
    app.command('/lb', () => Promise.reject(new Error('boom')));
    const acks = await deliver(command);
    expect(acks).toHaveLength(1);
    expect(acks[0]).toMatchObject({ response_type: 'ephemeral' });
    expect(told).toEqual([]);
    expect(log.lines.filter((line) => line.level === 'error')).toHaveLength(1);
  });

  it('tells a fault after the acknowledgement, or when that cannot be sent', async () => {
    const { app, deliver, told } = await door();
    app.command('/lb', async ({ ack }) => {
      await ack();
      throw new Error('boom');
    });
    await deliver(command);
    expect(told).toHaveLength(1);
    await deliver({ ...command, team_id: 'T0OTHER' }, () => Promise.reject(new Error('gone')));
    expect(told[1]).toContain('own workspace only');
  });
});
