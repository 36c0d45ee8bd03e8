import { afterEach, describe, expect, it } from 'vitest';
import {
  type HealthOptions,
  type HealthServer,
  ListenError,
  startHealthServer,
} from '../../src/telemetry/health.ts';

const servers: HealthServer[] = [];

async function start(options: Partial<HealthOptions> = {}): Promise<string> {
  const server = await startHealthServer({
    host: '127.0.0.1',
    port: 0,
    live: () => true,
    ready: async () => [],
    ...options,
  });
  servers.push(server);
  return `http://127.0.0.1:${server.port}`;
}

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function get(url: string, init?: RequestInit): Promise<{ status: number; body: unknown }> {
  const response = await fetch(url, init);
  const text = await response.text();
  return { status: response.status, body: text === '' ? '' : JSON.parse(text) };
}

describe('the health server', () => {
  it('says live and ready', async () => {
    const url = await start();
    expect(await get(`${url}/healthz`)).toEqual({ status: 200, body: { ok: true, reasons: [] } });
    expect(await get(`${url}/readyz?verbose`)).toMatchObject({ status: 200 });
    expect(await get(`${url}/readyz`, { method: 'HEAD' })).toEqual({ status: 200, body: '' });
  });

  it('says why it is not ready, and stays live', async () => {
    const url = await start({ ready: async () => ['Redis did not answer', 'Slack is away'] });
    expect(await get(`${url}/readyz`)).toEqual({
      status: 503,
      body: { ok: false, reasons: ['Redis did not answer', 'Slack is away'] },
    });
    expect(await get(`${url}/healthz`)).toMatchObject({ status: 200 });
  });

  it('says why it is not live', async () => {
    const url = await start({ live: () => 'the event loop was stuck for 60 s' });
    expect(await get(`${url}/healthz`)).toMatchObject({
      status: 503,
      body: { reasons: ['the event loop was stuck for 60 s'] },
    });
  });

  it('is not ready when the check fails, at once or later, and shows no password', async () => {
    const url = await start({
      ready: () => {
        throw new Error('redis://:hunter22@h refused');
      },
      live: () => {
        throw new Error('broken');
      },
    });
    expect(await get(`${url}/readyz`)).toEqual({
      status: 503,
      body: { ok: false, reasons: ['redis://[secret]@h refused'] },
    });
    expect(await get(`${url}/healthz`)).toMatchObject({
      status: 503,
      body: { reasons: ['broken'] },
    });
  });

  it('is not ready when the check hangs', async () => {
    const url = await start({ ready: () => new Promise(() => {}), readyWithinMs: 50 });
    expect(await get(`${url}/readyz`)).toMatchObject({
      status: 503,
      body: { reasons: ['the check took longer than 0.05 s'] },
    });
  });

  it('asks once for many probes at the same time', async () => {
    let asked = 0;
    let finish: (reasons: string[]) => void = () => {};
    const url = await start({
      ready: () => {
        asked += 1;
        if (asked > 1) return Promise.resolve([]);
        return new Promise((resolve) => {
          finish = resolve;
        });
      },
    });
    const probes = Array.from({ length: 10 }, () => get(`${url}/readyz`));
    await expect.poll(() => asked).toBe(1);
    // Later than the probes on the wire: most of them are waiting by then.
    await get(`${url}/healthz`);
    finish([]);
    for (const probe of await Promise.all(probes)) expect(probe.status).toBe(200);
    expect(asked).toBeLessThan(10);
  });

  it('knows two paths and two methods', async () => {
    const url = await start();
    expect(await get(`${url}/`)).toMatchObject({ status: 404 });
    expect(await get(`${url}/healthz`, { method: 'POST' })).toMatchObject({ status: 405 });
  });

  it('names the port and what to do when the port is taken', async () => {
    const url = await start();
    const port = Number(new URL(url).port);
    const second = startHealthServer({
      host: '127.0.0.1',
      port,
      live: () => true,
      ready: async () => [],
    });
    await expect(second).rejects.toThrow(ListenError);
    await expect(second).rejects.toThrow(
      `Starting the health server on 127.0.0.1 port ${port}: another program has this port. Set LB_HTTP_PORT to a free one; 0 takes any.`,
    );
  });

  it('names the address when this machine does not have it', async () => {
    const elsewhere = startHealthServer({
      host: '192.0.2.1',
      port: 0,
      live: () => true,
      ready: async () => [],
    });
    await expect(elsewhere).rejects.toThrow('Set LB_HTTP_HOST to one it has');
  });

  it('gives the port back on close', async () => {
    const url = await start();
    await servers.splice(0)[0]?.close();
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
  });
});
