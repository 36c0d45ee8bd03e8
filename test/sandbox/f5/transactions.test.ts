import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type F5Sim, startF5Sim } from '../../../src/sandbox/f5/start.ts';
import { ask, MEMBER, POOL } from './unit-client.ts';

const OTHER = `${POOL}/members/~Common~192.168.100.43:80`;
const ABSENT = `${POOL}/members/~Common~192.168.100.99:80`;

let sim: F5Sim;
beforeAll(async () => {
  sim = await startF5Sim();
});
beforeEach(() => sim.control.reset());
afterAll(() => sim.close());

const body = { session: 'user-disabled', state: 'user-up' };
const session = async (path: string) => (await ask(sim, 'GET', path)).json.session;

async function begin(): Promise<{ id: number; headers: Record<string, string> }> {
  const { json } = await ask(sim, 'POST', '/mgmt/tm/transaction', { body: {} });
  expect(json).toMatchObject({ state: 'STARTED', timeoutSeconds: 120, failureReason: '' });
  return { id: json.transId, headers: { 'X-F5-REST-Coordination-Id': String(json.transId) } };
}

const commit = (id: number) =>
  ask(sim, 'PATCH', `/mgmt/tm/transaction/${id}`, { body: { state: 'VALIDATING' } });

describe('a transaction', () => {
  it('does its writes at the commit and not before, while reads are answered', async () => {
    const { id, headers } = await begin();
    for (const path of [MEMBER, OTHER]) await ask(sim, 'PATCH', path, { body, headers });
    expect((await ask(sim, 'GET', MEMBER, { headers })).json.session).toBe('monitor-enabled');
    const { json } = await commit(id);
    expect(json.state).toBe('COMPLETED');
    expect([await session(MEMBER), await session(OTHER)]).toEqual([
      'user-disabled',
      'user-disabled',
    ]);
  });

  it('is done whole or not at all', async () => {
    const { id, headers } = await begin();
    for (const path of [MEMBER, ABSENT]) await ask(sim, 'PATCH', path, { body, headers });
    const { status, json } = await commit(id);
    expect(status).toBe(404);
    expect(json.message).toMatch(/^transaction failed:01020036:3: /);
    expect(await session(MEMBER)).toBe('monitor-enabled');
  });

  it('ends after 120 s', async () => {
    const { id, headers } = await begin();
    await ask(sim, 'PATCH', MEMBER, { body, headers });
    sim.control.advance(121_000);
    expect((await commit(id)).status).toBe(404);
    expect(await session(MEMBER)).toBe('monitor-enabled');
  });
});

describe('util/bash', () => {
  const run = async (utilCmdArgs: string) =>
    (await ask(sim, 'POST', '/mgmt/tm/util/bash', { body: { command: 'run', utilCmdArgs } })).json
      .commandResult;

  it.each([
    '-c "tmsh -c \\"show sys version\\""',
    '-c "tmsh show sys version"',
    "-c 'tmsh show /sys version'",
  ])('unwraps %s', async (args) => {
    expect(await run(args)).toContain('Version     17.1.1');
  });

  it('runs nothing of this machine', async () => {
    expect(await run('-c "cat /etc/passwd"')).toBe('bash: cat: command not found\n');
    expect(await run('-c "tmsh delete ltm pool x"')).toContain('Syntax Error');
  });
});
