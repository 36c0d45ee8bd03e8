import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type F5Sim, startF5Sim } from '../../../src/sandbox/f5/start.ts';
import { ask, LOGIN, logIn, MEMBER, POOL, tokenFor } from './unit-client.ts';

const SYS = '/mgmt/tm/sys';

let sim: F5Sim;
beforeAll(async () => {
  sim = await startF5Sim();
});
beforeEach(() => sim.control.reset());
afterAll(() => sim.close());

describe('logging in', () => {
  it('gives a token of 26 characters that lives 1200 s', async () => {
    const { status, json } = await logIn(sim, 'lbops');
    expect(status).toBe(200);
    expect(json.token.token).toMatch(/^[A-Z2-7]{26}$/);
    expect(json.token).toMatchObject({ timeout: 1200, userName: 'lbops', partition: '[All]' });
    expect(json.token.expirationMicros - json.token.lastUpdateMicros).toBe(1_200_000_000);
    expect((await ask(sim, 'GET', SYS, { token: json.token.token })).status).toBe(200);
  });

  it('says in the device’s words that a password is wrong, and does not repeat it', async () => {
    const { status, json, text } = await logIn(sim, 'lbops', 'hunter2');
    expect(status).toBe(401);
    expect(json).toMatchObject({
      code: 401,
      message: 'Authentication failed.',
      kind: ':resterrorresponse',
    });
    expect(json.restOperationId).toEqual(expect.any(Number));
    expect(text).not.toContain('hunter2');
  });

  it('refuses a token after its life, and one that was never given, in different words', async () => {
    const token = await tokenFor(sim, 'lbops');
    sim.control.advance(1_199_000);
    expect((await ask(sim, 'GET', SYS, { token })).status).toBe(200);
    sim.control.advance(2_000);
    const late = await ask(sim, 'GET', SYS, { token });
    expect([late.status, late.json.message]).toEqual([401, 'X-F5-Auth-Token has expired.']);
    const unknown = await ask(sim, 'GET', SYS, { token: 'A'.repeat(26) });
    expect([unknown.status, unknown.json.message]).toEqual([
      401,
      'X-F5-Auth-Token does not exist.',
    ]);
  });

  it('lets the life of a token be changed, up to 36000 s', async () => {
    const token = await tokenFor(sim, 'lbops');
    const path = `/mgmt/shared/authz/tokens/${token}`;
    const tooLong = await ask(sim, 'PATCH', path, { token, body: { timeout: 36_001 } });
    expect([tooLong.status, tooLong.json.message]).toEqual([
      406,
      'Auth-token absolute timeout (36000 seconds) exceeded',
    ]);
    await ask(sim, 'PATCH', path, { token, body: { timeout: 36_000 } });
    sim.control.advance(35_999_000);
    expect((await ask(sim, 'GET', SYS, { token })).status).toBe(200);
  });

  it('gives lbops 100 tokens and no more, while admin has no limit', async () => {
    const tokens: string[] = [];
    for (let count = 0; count < 100; count += 1) tokens.push(await tokenFor(sim, 'lbops'));
    const refused = await logIn(sim, 'lbops');
    expect(refused.status).toBe(400);
    expect(refused.json.message).toBe(
      'Bad Request: user lbops has reached maximum active login tokens',
    );
    const [first = ''] = tokens;
    await ask(sim, 'DELETE', `/mgmt/shared/authz/tokens/${first}`, { token: first });
    expect((await logIn(sim, 'lbops')).status).toBe(200);
    for (let count = 0; count < 101; count += 1)
      expect((await logIn(sim, 'admin')).status).toBe(200);
  });

  it('forgets a token that was logged out, and lets nobody end the token of another', async () => {
    const own = await tokenFor(sim, 'lbops');
    const other = await tokenFor(sim, 'admin');
    const path = (token: string) => `/mgmt/shared/authz/tokens/${token}`;
    expect((await ask(sim, 'DELETE', path(other), { token: own })).status).toBe(404);
    expect((await ask(sim, 'DELETE', path(own), { token: own })).status).toBe(200);
    expect((await ask(sim, 'GET', SYS, { token: own })).status).toBe(401);
    expect((await ask(sim, 'GET', SYS, { token: other })).status).toBe(200);
  });

  it('wants a login provider that it knows', async () => {
    const body = { username: 'admin', password: sim.password, loginProviderName: 'nonsense' };
    const { status, json } = await ask(sim, 'POST', LOGIN, { basic: null, body });
    expect([status, json.message]).toEqual([401, 'loginProviderName is invalid.']);
  });
});

describe('Basic credentials', () => {
  it('are asked for in HTML, with a challenge', async () => {
    const { status, statusText, headers, text } = await ask(sim, 'GET', SYS, { basic: null });
    expect(status).toBe(401);
    expect(statusText).toBe('F5 Authorization Required');
    expect(headers['www-authenticate']).toMatch(/^Basic realm=/);
    expect(text).toContain('<title>401 Unauthorized</title>');
  });

  it('are enough for the administrator and for nobody else', async () => {
    expect((await ask(sim, 'GET', SYS)).status).toBe(200);
    expect((await ask(sim, 'GET', SYS, { basic: `lbops:${sim.password}` })).status).toBe(401);
    expect((await ask(sim, 'GET', SYS, { basic: 'admin:wrong' })).status).toBe(401);
  });
});

describe('the role Operator', () => {
  it('may take a member out and bring it back, and nothing else', async () => {
    const token = await tokenFor(sim, 'lbops');
    const patch = (path: string, body: object) => ask(sim, 'PATCH', path, { token, body });
    const out = { session: 'user-disabled', state: 'user-up' };
    expect((await patch(MEMBER, out)).status).toBe(200);
    expect((await patch(MEMBER, { ratio: 5 })).status).toBe(403);
    expect((await patch(POOL, { description: 'mine' })).status).toBe(403);
    expect((await ask(sim, 'DELETE', MEMBER, { token })).status).toBe(403);
    const member = { name: '192.168.100.99:80' };
    expect((await ask(sim, 'POST', `${POOL}/members`, { token, body: member })).status).toBe(403);
    const bash = { command: 'run', utilCmdArgs: '-c "tmsh show sys version"' };
    expect((await ask(sim, 'POST', '/mgmt/tm/util/bash', { token, body: bash })).status).toBe(403);
    expect((await ask(sim, 'GET', MEMBER, { token })).json).toMatchObject({
      session: 'user-disabled',
      ratio: 1,
    });
  });
});
