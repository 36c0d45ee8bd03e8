import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type F5Sim, startF5Sim } from '../../../src/sandbox/f5/start.ts';
import { ask, MEMBER, POOL } from './unit-client.ts';

let sim: F5Sim;
beforeAll(async () => {
  sim = await startF5Sim({ pair: true, drainSeconds: 0 });
});
afterAll(() => sim.close());

const get = async (path: string) => (await ask(sim, 'GET', path)).json;

/** What a unit sends back for these bytes, until it closes the connection. */
function raw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: '127.0.0.1',
      port: sim.units[0]?.port ?? 0,
      rejectUnauthorized: false,
    });
    let received = '';
    socket.on('data', (part: Buffer) => {
      received += part.toString('utf8');
    });
    socket.once('error', reject);
    socket.once('close', () => resolve(received));
    socket.write(text);
  });
}

const basic = () =>
  `Authorization: Basic ${Buffer.from(`admin:${sim.password}`).toString('base64')}`;

describe('what reports and exporters look at beside the members', () => {
  it('has the statistics of all members of all pools under one address, by pool and in it by member', async () => {
    const { entries } = await get('/mgmt/tm/ltm/pool/members/stats');
    const pools = Object.values<{ nestedStats: { entries: Record<string, never> } }>(entries).map(
      ({ nestedStats }) => nestedStats.entries as Record<string, { description?: string }>,
    );
    const ours = pools.find((pool) => pool.tmName?.description === '/Common/test.tianya.cn');
    expect(ours?.['status.availabilityState']).toEqual({ description: 'available' });
    const key = 'https://localhost/mgmt/tm/ltm/pool/members/~Common~test.tianya.cn/members/stats';
    expect(ours?.[key]).toMatchObject({
      nestedStats: {
        entries: {
          'https://localhost/mgmt/tm/ltm/pool/members/~Common~test.tianya.cn/members/~Common~192.168.100.42:80/stats':
            {
              nestedStats: {
                entries: {
                  nodeName: { description: '/Common/192.168.100.42' },
                  port: { value: 80 },
                  'serverside.curConns': { value: 24 },
                },
              },
            },
        },
      },
    });
  });

  it('takes that address for a pool where the version does not have it yet', async () => {
    const old = await startF5Sim({ version: '11.6.0' });
    const { status } = await ask(old, 'GET', '/mgmt/tm/ltm/pool/members/stats');
    await old.close();
    expect(status).toBe(404);
  });

  it.each([
    ['/mgmt/tm/ltm/virtual/stats', { entries: {} }],
    ['/mgmt/tm/ltm/rule/stats', { entries: {} }],
    [
      '/mgmt/tm/ltm/profile/client-ssl',
      { kind: 'tm:ltm:profile:client-ssl:client-sslcollectionstate' },
    ],
    [
      '/mgmt/tm/ltm/data-group/internal',
      { kind: 'tm:ltm:data-group:internal:internalcollectionstate' },
    ],
    ['/mgmt/tm/sys/crypto/cert', { kind: 'tm:sys:crypto:cert:certcollectionstate' }],
    [
      '/mgmt/tm/ltm/monitor/http',
      { items: [{ fullPath: '/Common/http', interval: 5, timeout: 16 }] },
    ],
    ['/mgmt/tm/ltm/', { kind: 'tm:ltm:ltmcollectionstate' }],
    ['/mgmt/tm/ltm/monitor', { kind: 'tm:ltm:monitor:monitorcollectionstate' }],
    [
      '/mgmt/shared/identified-devices/config/device-info',
      { version: '17.1.1', product: 'BIG-IP' },
    ],
  ])('%s answers', async (path, expected) => {
    expect(await get(path)).toMatchObject(expected);
  });

  it('refers to nothing that is not there', async () => {
    for (const path of ['/mgmt/tm/cm', '/mgmt/tm/ltm', '/mgmt/tm/ltm/monitor', '/mgmt/tm/net']) {
      const { items } = await get(path);
      for (const { reference } of items as { reference: { link: string } }[]) {
        const { pathname } = new URL(reference.link);
        if (pathname.endsWith('/tunnels')) continue;
        expect((await ask(sim, 'GET', pathname)).status, pathname).toBe(200);
      }
    }
  });

  it('says the version of the command line where Terraform looks for it', async () => {
    const { entries } = await get('/mgmt/tm/cli/version');
    expect(entries['https://localhost/mgmt/tm/cli/version/0'].nestedStats.entries.active).toEqual({
      description: '17.1.1',
    });
  });
});

describe('the ways in which clients speak HTTP', () => {
  it('by HEAD there is the head alone', async () => {
    const { status, text, headers } = await ask(sim, 'HEAD', MEMBER);
    expect({ status, text }).toEqual({ status: 200, text: '' });
    expect(Number(headers['content-length'])).toBeGreaterThan(100);
  });

  it('a body in chunks, announced by Expect: 100-continue, is taken', async () => {
    const body = '{"session":"user-disabled","state":"user-up"}';
    const answer = await raw(
      `PATCH ${MEMBER} HTTP/1.1\r\nHost: x\r\n${basic()}\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
    expect(answer).toContain('"session":"user-disabled"');
    await ask(sim, 'PATCH', MEMBER, { body: { session: 'user-enabled', state: 'user-up' } });
  });

  it('HTTP/1.0 without a host is answered, and the connection closed', async () => {
    const answer = await raw(`GET ${POOL} HTTP/1.0\r\n${basic()}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.[01] 200 OK\r\n/);
    expect(answer).toContain('"fullPath":"/Common/test.tianya.cn"');
  });

  it('two requests written at once are answered one after the other', async () => {
    const request = (last: string) =>
      `GET ${POOL} HTTP/1.1\r\nHost: x\r\n${basic()}\r\n${last}\r\n`;
    const answer = await raw(request('') + request('Connection: close\r\n'));
    expect(answer.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(2);
  });
});

describe('an active unit that is told to stand by', () => {
  it('does so, and a standby one stays as it is', async () => {
    const body = { command: 'run', standby: true };
    await ask(sim, 'POST', '/mgmt/tm/sys/failover', { unit: 1, body });
    expect(sim.units.map(({ role }) => role)).toEqual(['active', 'standby']);
    await ask(sim, 'POST', '/mgmt/tm/sys/failover', { unit: 0, body });
    expect(sim.units.map(({ role }) => role)).toEqual(['standby', 'active']);
    sim.control.reset();
  });
});
