import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type F5Sim, startF5Sim } from '../../../src/sandbox/f5/start.ts';
import { ask, logIn, MEMBER, POOL, tokenFor } from './unit-client.ts';

let sim: F5Sim;
beforeAll(async () => {
  sim = await startF5Sim({ pair: true, password: 'Tr0ub4dor&3' });
});
beforeEach(() => sim.control.reset());
afterAll(() => sim.close());

const call = async (method: string, path: string, body?: object, headers = {}) => {
  const response = await fetch(`${sim.controlUrl}${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, text: await response.text() };
};

describe('the control API', () => {
  it('does what its methods do', async () => {
    const pool = '/Common/test.tianya.cn';
    const member = '192.168.100.42:80';
    await call('POST', '/monitor', { pool, member, result: 'down' });
    await call('POST', '/connections', { pool, member, current: 3 });
    await call('POST', '/failover', { to: 'bigip-b' });
    await call('POST', '/sync', { changedOn: 'bigip-a' });
    const { units } = JSON.parse((await call('GET', '/state')).text);
    expect(units[1]).toMatchObject({ role: 'active', sync: 'Changes Pending' });
    expect(units[0].pools[1].members[0]).toMatchObject({ state: 'down', connections: 3 });
    await call('POST', '/clock', { advance: 1_000 });
    await call('POST', '/restart', { unit: 'bigip-a' });
    await call('PUT', '/latency', { baseMs: 1 });
    await call('POST', '/reset');
    expect(sim.control.state()[0]).toMatchObject({ role: 'active', sync: 'In Sync' });
  });

  it('takes faults as names, names with settings, and rules, in place of those before', async () => {
    const faults = ['slow:1', { preset: 'busy', times: 2 }, { match: '/cm/', status: 500 }];
    expect((await call('PUT', '/faults', faults)).status).toBe(200);
    const { faults: read } = JSON.parse((await call('GET', '/faults')).text);
    expect(read.map(({ times }: { times: number }) => times)).toEqual([-1, 2, 1]);
    await call('POST', '/reset');
    expect(sim.control.faults()).toEqual([]);
    await call('PUT', '/faults', ['token-limit']);
    expect(JSON.parse((await call('GET', '/faults')).text).faults).toEqual([]);
    expect((await logIn(sim, 'lbops')).status).toBe(400);
    await call('DELETE', '/faults');
    expect((await logIn(sim, 'lbops')).status).toBe(200);
  });

  it.each([
    ['PUT', '/faults', ['nonsense']],
    ['PUT', '/faults', [{ matches: 'x' }]],
    ['PUT', '/faults', [{ match: '(' }]],
    ['POST', '/monitor', { pool: '/Common/x', member: 'y', result: 'up' }],
    ['POST', '/failover', { to: 'bigip-c' }],
    ['POST', '/clock', { advance: -1 }],
  ])('refuses %s %s %j', async (method, path, body) => {
    const { status, text } = await call(method, path, body);
    expect(status).toBe(400);
    expect(JSON.parse(text).error).toEqual(expect.any(String));
  });

  it('does not know other verbs', async () => {
    expect((await call('POST', '/nonsense', {})).status).toBe(404);
    expect((await call('GET', '/nonsense')).status).toBe(404);
  });

  it('answers no web site that is open in a browser of this machine', async () => {
    expect((await call('POST', '/reset', {}, { origin: 'http://example.com' })).status).toBe(403);
    expect((await call('POST', '/reset', {}, { 'content-type': 'text/plain' })).status).toBe(415);
    const { port } = new URL(sim.controlUrl);
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(Number(port), '127.0.0.1');
      socket.end('GET /state HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n');
      socket.once('data', (bytes) => resolve(bytes.toString()));
    });
    expect(answer).toContain('403');
  });
});

describe('the request log', () => {
  it('has a line for every request, with its label and answer', async () => {
    await call('POST', '/label', { label: 'first' });
    await ask(sim, 'GET', POOL);
    await call('POST', '/label', { label: null });
    await ask(sim, 'GET', `${POOL}/members?$top=1`, { unit: 1 });
    const lines = (await call('GET', '/log')).text.trim().split('\n');
    const [first, second] = lines.map((line) => JSON.parse(line));
    expect(first).toMatchObject({ label: 'first', unit: 'bigip-a', method: 'GET' });
    expect(first).toMatchObject({ url: POOL, status: 200, ms: expect.any(Number) });
    expect(JSON.parse(first.resp).name).toBe('test.tianya.cn');
    expect(second).toMatchObject({ seq: first.seq + 1, unit: 'bigip-b' });
    expect(second).not.toHaveProperty('label');
    await call('DELETE', '/log');
    expect((await call('GET', '/log')).text).toBe('');
  });

  it('holds no secret, whichever way it came', async () => {
    const token = await tokenFor(sim, 'lbops');
    await logIn(sim, 'lbops', 'an0ther-secret');
    await ask(sim, 'GET', MEMBER, { token });
    await ask(sim, 'GET', MEMBER);
    await ask(sim, 'PATCH', MEMBER, { body: `{"password" : "Tr0ub4dor&3", "x": ` });
    await ask(sim, 'PATCH', `/mgmt/shared/authz/tokens/${token}`, { token, body: { timeout: 60 } });
    await ask(sim, 'GET', '/mgmt/shared/authz/tokens');
    await ask(sim, 'POST', '/iControl/iControlPortal.cgi', {
      body: '<password>Tr0ub4dor&amp;3</password>',
      headers: { 'X-iControl-Session': '12345678901' },
    });
    await ask(sim, 'DELETE', `/mgmt/shared/authz/tokens/${token}`, { token });
    const log = JSON.stringify(sim.control.log());
    expect(sim.control.log()).toHaveLength(9);
    const basic = Buffer.from(`admin:${sim.password}`).toString('base64');
    for (const secret of ['Tr0ub4dor', 'an0ther-secret', token, basic, '12345678901']) {
      expect(log).not.toContain(secret);
    }
  });
});

describe('starting', () => {
  it('listens on this machine only, says that it is simulated, and has one certificate for both', async () => {
    const { headers } = await ask(sim, 'GET', '/');
    expect(headers['x-simulated']).toBe('bigip');
    expect(sim.units.map(({ url }) => url)).toEqual([
      expect.stringMatching(/^https:\/\/127\.0\.0\.1:\d+$/),
      expect.stringMatching(/^https:\/\/127\.0\.0\.1:\d+$/),
    ]);
    expect(sim.units[0]?.certificate).toBe(sim.units[1]?.certificate);
  });

  it('leaves nothing open when a port is taken', async () => {
    const port = sim.units[0]?.port ?? 0;
    await expect(startF5Sim({ port })).rejects.toThrow(/EADDRINUSE/);
  });

  it('refuses a seed with every fault named', async () => {
    const seed = { pools: [{ pool: 'web', members: ['10.0.0.1', '10.0.0.2:99999'] }] };
    await expect(startF5Sim({ seed })).rejects.toThrow(/expected \/Partition\/name/);
    await expect(startF5Sim({ seed })).rejects.toThrow(/expected address:port/);
  });

  it('takes pools of its own, with weights, states, health and connections', async () => {
    const own = await startF5Sim({
      drainSeconds: 0,
      seed: {
        pools: [
          {
            pool: '/Shop/web',
            monitor: '/Common/http',
            members: [
              { member: 'web-1:80', address: '10.0.0.1', ratio: 5, connections: 9 },
              { member: '10.0.0.2:80', state: 'forced_offline' },
              { member: '10.0.0.3:80', health: 'down', partition: 'Common' },
            ],
          },
        ],
      },
    });
    const pool = '/mgmt/tm/ltm/pool/~Shop~web/members';
    const { items } = (await ask(own, 'GET', pool)).json;
    expect(
      items.map((item: Record<string, unknown>) => [item.fullPath, item.address, item.state]),
    ).toEqual([
      ['/Common/10.0.0.3:80', '10.0.0.3', 'down'],
      ['/Shop/10.0.0.2:80', '10.0.0.2', 'user-down'],
      ['/Shop/web-1:80', '10.0.0.1', 'up'],
    ]);
    expect(items[2].ratio).toBe(5);
    expect(own.control.state()[0]?.pools[0]?.members[2]?.connections).toBe(9);
    await own.close();
  });
});
