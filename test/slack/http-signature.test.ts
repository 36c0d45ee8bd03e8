import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/domain/secret.ts';
import { isGenuine } from '../../src/slack/http-signature.ts';

/** The example of docs.slack.dev/authentication/verifying-requests-from-slack, word for word. */
const secret = new Secret('8f742231b10e8888abcd99yyyzzz85a5');
const body = Buffer.from(
  'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
);
const headers = {
  timestamp: '1531420618',
  signature: 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
};

describe("the signature of Slack's own example", () => {
  it('is genuine', () => {
    expect(isGenuine(headers, body, secret)).toBe(true);
  });

  it.each([
    ['another timestamp', { ...headers, timestamp: '1531420619' }, body],
    ['another body', headers, Buffer.concat([body, Buffer.from('&')])],
    ['a shorter signature', { ...headers, signature: headers.signature.slice(0, -2) }, body],
    ['no signature', { ...headers, signature: undefined }, body],
  ])('is not with %s', (_name, given, bytes) => {
    expect(isGenuine(given, bytes, secret)).toBe(false);
  });

  it('is not with another secret', () => {
    expect(isGenuine(headers, body, new Secret('8f742231b10e8888abcd99yyyzzz85a6'))).toBe(false);
  });
});
