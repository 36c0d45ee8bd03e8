import { expect, test } from 'vitest';
import { startLocalSlack } from '../../../src/sandbox/slack/local-slack.ts';
import { SEED } from './workspace-seed.ts';

// Put together, so that nothing in this file looks like a token to a scanner.
const realBot = ['xoxb', '1234567890', '1234567890123', 'abcDEF'].join('-');
const realApp = ['xapp', '1', 'A0123', 'abcDEF'].join('-');

test.each([
  ['in production', { environment: { NODE_ENV: 'production' } }, 'NODE_ENV'],
  ['with a real bot token', { botToken: realBot }, 'botToken'],
  ['with a real app token', { appToken: realApp }, 'appToken'],
  ['beside a real token in the environment', { environment: { MY_SLACK: realBot } }, 'MY_SLACK'],
])('does not start %s, says why, and shows no token', async (_name, options, why) => {
  const error = await startLocalSlack({ ...SEED, ...options }).then(
    () => undefined,
    (thrown: Error) => thrown,
  );
  expect(error?.name).toBe('LocalSlackRefused');
  expect(error?.message).toContain(why);
  expect(error?.message).not.toContain(realBot);
  expect(error?.message).not.toContain(realApp);
});

test('starts beside made-up tokens, on the loopback address alone', async () => {
  const environment = { NODE_ENV: 'test', SLACK_BOT_TOKEN: 'xoxb-local' };
  const slack = await startLocalSlack({ ...SEED, environment });
  expect(new URL(slack.url).hostname).toBe('127.0.0.1');
  await slack.close();
});

test('a port in use is an error, not a silent other port', async () => {
  const first = await startLocalSlack(SEED);
  const port = Number(new URL(first.url).port);
  await expect(startLocalSlack({ ...SEED, port })).rejects.toThrow('EADDRINUSE');
  await first.close();
});
