import { connect } from 'node:tls';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PRESETS } from '../../../src/sandbox/f5/fault-presets.ts';
import { type F5Sim, startF5Sim } from '../../../src/sandbox/f5/start.ts';
import { ask, logIn, MEMBER, POOL, tokenFor } from './unit-client.ts';

let sim: F5Sim;
beforeAll(async () => {
  sim = await startF5Sim({ pair: true });
});
beforeEach(() => sim.control.reset());
afterAll(() => sim.close());

const write = () =>
  ask(sim, 'PATCH', MEMBER, { body: { session: 'user-disabled', state: 'user-up' } });
const session = async () => (await ask(sim, 'GET', MEMBER)).json.session;
const roles = () => sim.units.map(({ role }) => role);

describe('fault presets', () => {
  it('restarting: every request gets the page in HTML until it is over', async () => {
    sim.control.preset('restarting');
    for (const answer of [await logIn(sim, 'admin'), await write(), await ask(sim, 'GET', POOL)]) {
      expect(answer.status).toBe(503);
      expect(answer.text).toContain('Configuration Utility restarting...');
      expect(answer.headers['content-type']).toContain('text/html');
    }
    sim.control.clearFaults();
    expect(await session()).toBe('monitor-enabled');
  });

  it('busy: one write is refused in JSON, reads are not', async () => {
    sim.control.preset('busy');
    expect(await session()).toBe('monitor-enabled');
    const { status, json } = await write();
    expect([status, json.apiError, json.message]).toEqual([
      503,
      32_964_609,
      'There is an active asynchronous task executing.',
    ]);
    expect((await write()).status).toBe(200);
  });

  it.each([
    ['token-expired', 'X-F5-Auth-Token has expired.'],
    ['token-revoked', 'X-F5-Auth-Token does not exist.'],
  ])('%s: tokens given so far are refused, the next one is good', async (preset, message) => {
    const token = await tokenFor(sim, 'lbops');
    sim.control.preset(preset);
    const { status, json } = await ask(sim, 'GET', POOL, { token });
    expect([status, json.message]).toEqual([401, message]);
    const next = await tokenFor(sim, 'lbops');
    expect((await ask(sim, 'GET', POOL, { token: next })).status).toBe(200);
  });

  it('token-limit: no token is given', async () => {
    sim.control.preset('token-limit');
    const { status, json } = await logIn(sim, 'lbops');
    expect([status, json.message]).toEqual([
      400,
      'Bad Request: user lbops has reached maximum active login tokens',
    ]);
  });

  it('bad-password: nobody gets in by password, but a token goes on', async () => {
    const token = await tokenFor(sim, 'lbops');
    sim.control.preset('bad-password');
    expect((await logIn(sim, 'lbops')).status).toBe(401);
    expect((await ask(sim, 'GET', POOL)).status).toBe(401);
    expect((await ask(sim, 'GET', POOL, { token })).status).toBe(200);
  });

  it('slow: every answer takes that long', async () => {
    sim.control.preset('slow:80');
    const began = performance.now();
    await session();
    expect(performance.now() - began).toBeGreaterThanOrEqual(79);
  });

  it('drop-before: the connection is cut, and nothing was done', async () => {
    sim.control.preset('drop-before');
    await expect(write()).rejects.toThrow();
    expect(await session()).toBe('monitor-enabled');
  });

  it('drop-after: the connection is cut, and it was done', async () => {
    sim.control.preset('drop-after');
    await expect(write()).rejects.toThrow();
    expect(await session()).toBe('user-disabled');
  });

  it('flap-failover: each look at the role is followed by a failover', async () => {
    sim.control.preset('flap-failover', { times: 2 });
    const look = async () => {
      await ask(sim, 'GET', '/mgmt/tm/cm/failover-status');
      return roles();
    };
    expect(await look()).toEqual(['standby', 'active']);
    expect(await look()).toEqual(['active', 'standby']);
    expect(await look()).toEqual(['active', 'standby']);
  });

  it('sync-pending and sync-disconnected show on the page', async () => {
    const status = () => sim.control.state()[0]?.sync;
    sim.control.preset('sync-pending');
    expect(status()).toBe('Changes Pending');
    sim.control.preset('sync-disconnected');
    expect(status()).toBe('Disconnected');
    sim.control.clearFaults();
    expect(status()).toBe('Changes Pending');
  });

  it('member-vanishes: it is deleted just before it is written', async () => {
    sim.control.preset('member-vanishes');
    expect(await session()).toBe('monitor-enabled');
    const { status, json } = await write();
    expect(status).toBe(404);
    expect(json.message).toContain('The requested Pool Member (');
    expect((await ask(sim, 'GET', `${POOL}/members`)).json.items).toHaveLength(4);
  });

  it('ignored-write: the answer says it was done, reading says it was not', async () => {
    sim.control.preset('ignored-write');
    expect((await write()).json.session).toBe('user-disabled');
    expect(await session()).toBe('monitor-enabled');
    await write();
    expect(await session()).toBe('user-disabled');
  });

  it('cert-changed: another certificate is presented', async () => {
    const presented = () =>
      new Promise<string>((resolve, reject) => {
        const socket = connect(
          { port: sim.units[0]?.port ?? 0, host: '127.0.0.1', rejectUnauthorized: false },
          () => {
            resolve(socket.getPeerCertificate().fingerprint256);
            socket.destroy();
          },
        );
        socket.once('error', reject);
      });
    expect(await presented()).toBe(sim.fingerprint256);
    sim.control.preset('cert-changed', { unit: 'bigip-a' });
    expect(await presented()).not.toBe(sim.fingerprint256);
    expect(await presented()).toBe(sim.units[0]?.fingerprint256);
    expect(sim.units[1]?.fingerprint256).toBe(sim.fingerprint256);
    expect(await session()).toBe('monitor-enabled');
  });

  it('html, huge and truncated spoil an answer', async () => {
    sim.control.preset('html');
    expect((await ask(sim, 'GET', POOL)).text).toContain('<html>');
    sim.control.preset('huge');
    expect((await ask(sim, 'GET', POOL)).text.length).toBe(20 * 1024 * 1024);
    sim.control.preset('truncated');
    await expect(ask(sim, 'GET', POOL)).rejects.toThrow();
  });

  it('concern one unit where one is named, and the requests that match', async () => {
    sim.control.preset('restarting', { unit: 'bigip-b' });
    expect((await ask(sim, 'GET', POOL)).status).toBe(200);
    expect((await ask(sim, 'GET', POOL, { unit: 1 })).status).toBe(503);
    sim.control.setFaults([{ match: '/cm/sync-status', status: 500, body: { code: 500 } }]);
    expect((await ask(sim, 'GET', POOL, { unit: 1 })).status).toBe(200);
    expect((await ask(sim, 'GET', '/mgmt/tm/cm/sync-status')).status).toBe(500);
    expect((await ask(sim, 'GET', '/mgmt/tm/cm/sync-status')).status).toBe(200);
  });

  it('are known by name, and others are refused with the list', () => {
    for (const name of PRESETS.filter((preset) => !preset.includes('<'))) {
      expect(() => sim.control.preset(name)).not.toThrow();
    }
    expect(() => sim.control.preset('nonsense')).toThrow(/restarting, busy/);
  });
});
