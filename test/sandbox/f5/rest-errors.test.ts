import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type F5Sim, startF5Sim } from '../../../src/sandbox/f5/start.ts';
import { ask, MEMBER, POOL } from './unit-client.ts';

let sim: F5Sim;
beforeAll(async () => {
  sim = await startF5Sim({ pair: true });
});
afterAll(() => sim.close());

const WRONG_POOL = '/mgmt/tm/ltm/pool/~Common~wrong';
const WRONG_MEMBER = `${POOL}/members/~Common~10.200.1.137:80`;
const out = { session: 'user-disabled', state: 'user-up' };

const configError = (code: number, message: string, apiError: number) => ({
  code,
  message,
  errorStack: [],
  apiError,
});

const noPool = configError(404, '01020036:3: The requested Pool (/Common/wrong) was not found.', 3);
const noMember = configError(
  404,
  '01020036:3: The requested Pool Member (/Common/test.tianya.cn /Common/10.200.1.137 80) was not found.',
  3,
);

describe('errors, word for word', () => {
  it.each([
    ['GET', `${WRONG_POOL}/members`, undefined, noPool],
    ['GET', WRONG_POOL, undefined, noPool],
    ['GET', `${WRONG_POOL}/members/~Common~10.0.0.1:80`, undefined, noPool],
    [
      'GET',
      `${POOL}/members/~Common~wrong:80`,
      undefined,
      configError(404, 'Object not found - /Common/wrong:80', 1),
    ],
    ['PATCH', WRONG_MEMBER, out, noMember],
    ['PUT', WRONG_MEMBER, out, noMember],
    ['DELETE', WRONG_MEMBER, undefined, noMember],
    [
      'PATCH',
      `${WRONG_POOL}/members/~Common~10.200.1.137:80`,
      out,
      configError(
        404,
        '01020036:3: The requested Pool Member (/Common/wrong /Common/10.200.1.137 80) was not found.',
        3,
      ),
    ],
    [
      'PATCH',
      '/mgmt/tm/ltm/pool/~Common~v6_pool/members/~Common~2001:db8::99.443',
      out,
      configError(
        404,
        '01020036:3: The requested Pool Member (/Common/v6_pool /Common/2001:db8::99 443) was not found.',
        3,
      ),
    ],
    [
      'POST',
      `${WRONG_POOL}/members`,
      { name: '10.0.0.1:80' },
      configError(404, '01020036:3: The requested pool (/Common/wrong) was not found.', 3),
    ],
    [
      'POST',
      `${POOL}/members`,
      { name: '10.0.0.1:80', partition: 'x' },
      configError(400, 'The requested folder (/x) was not found.', 26_214_401),
    ],
    ['PATCH', MEMBER, {}, configError(400, 'one or more properties must be specified', 26_214_401)],
    [
      'PATCH',
      MEMBER,
      { state: 'up' },
      configError(400, 'invalid property value "state":"up"', 26_214_401),
    ],
    [
      'PATCH',
      MEMBER,
      { session: 'monitor-enabled' },
      configError(400, 'invalid property value "session":"monitor-enabled"', 26_214_401),
    ],
    [
      'PATCH',
      MEMBER,
      { description: '<b>x</b>' },
      configError(400, 'HTML Tag-like Content in the Request URL/Body', 26_214_401),
    ],
    [
      'GET',
      `${POOL}/members/%3Cscript%3E`,
      undefined,
      configError(400, 'HTML Tag-like Content in the Request URL/Body', 26_214_401),
    ],
    [
      'POST',
      '/mgmt/tm/cm',
      { command: 'run', utilCmdArgs: 'config-sync to-group wrong' },
      configError(
        400,
        '01070734:3: Configuration error: Device group (wrong) not found in device group sync',
        3,
      ),
    ],
  ])('%s %s', async (method, path, body, expected) => {
    const { status, json } = await ask(sim, method, path, body === undefined ? {} : { body });
    expect(json).toEqual(expected);
    expect(status).toBe(expected.code);
  });

  it.each([
    ['GET', '/mgmt/tm/ltm/nonsense'],
    ['DELETE', '/mgmt/tm/cm/failover-status'],
    ['GET', '/mgmt/tm/ltm/pool/a/b/c/d'],
  ])('%s %s is not registered', async (method, path) => {
    const { status, json } = await ask(sim, method, path);
    expect(status).toBe(404);
    expect(json).toEqual({
      code: 404,
      message: `Public URI path not registered: ${path.slice('/mgmt'.length)}`,
      referer: '127.0.0.1',
      restOperationId: expect.any(Number),
      kind: ':resterrorresponse',
    });
  });

  it.each(['{"session":', '[]', '7', 'null', 'session=user-disabled'])(
    'refuses the body %s and changes nothing',
    async (body) => {
      expect((await ask(sim, 'PATCH', MEMBER, { body })).status).toBe(400);
      expect((await ask(sim, 'GET', MEMBER)).json.session).toBe('monitor-enabled');
    },
  );

  it('survives addresses that cannot be decoded', async () => {
    for (const path of [`${POOL}/members/~Common~10.9.0.5%1:443`, '/mgmt/tm/%', '/%zz', '//']) {
      const { status } = await ask(sim, 'GET', path);
      expect([400, 404, 200]).toContain(status);
    }
    expect((await ask(sim, 'GET', MEMBER)).status).toBe(200);
  });

  it('refuses a body of more than 5 MB', async () => {
    const body = JSON.stringify({ description: 'x'.repeat(5_100_000) });
    expect((await ask(sim, 'PATCH', MEMBER, { body })).status).toBe(413);
  });
});
