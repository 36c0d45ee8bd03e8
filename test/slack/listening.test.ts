import { expect, it } from 'vitest';
import type { SlackApp } from '../../src/slack/app.ts';
import { startListening } from '../../src/slack/listening.ts';
import { handClock } from '../fakes/hand-clock.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };

it('leaves no timer behind when it is stopped: a process would not end before it', async () => {
  const clock = handClock(0);
  const app: SlackApp = {
    botUserId: 'U0LBBOT',
    teamId: 'T0LOCAL',
    start: async () => {},
    stop: async () => {},
    connected: () => true,
    url: () => undefined,
  };
  const listening = await startListening({
    begin: async () => app,
    onRefused: () => {},
    clock,
    log,
  });
  await listening.stop(10_000);
  expect(clock.sleepers()).toBe(0);
});
