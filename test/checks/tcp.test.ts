import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { tcpCheck } from '../../src/checks/tcp.ts';
import { freePort } from '../../src/sandbox/free-port.ts';

describe('the TCP check', () => {
  it('reaches a listening port, says how long it took and sends nothing', async () => {
    let received = 0;
    const closed: Promise<void>[] = [];
    const server = createServer((socket) => {
      socket.on('data', (chunk) => {
        received += chunk.length;
      });
      closed.push(new Promise((resolve) => socket.once('close', () => resolve())));
    });
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => {
        const address = server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
    const result = await tcpCheck().reach('127.0.0.1', port);
    expect(result).toMatchObject({ reached: true, ms: expect.any(Number) });
    await expect.poll(() => closed.length).toBe(1);
    await Promise.all(closed);
    expect(received).toBe(0);
    server.close();
  });

  it('says that nobody listens', async () => {
    await expect(tcpCheck().reach('127.0.0.1', await freePort())).resolves.toEqual({
      reached: false,
      reason: 'nobody listens there (Connection refused)',
    });
  });

  it('does not wait longer than its limit for an address that leads nowhere', async () => {
    // RFC 5737 keeps this address for documentation: some networks refuse it, the others swallow it.
    const startedMs = performance.now();
    const result = await tcpCheck({ connectMsMax: 50 }).reach('192.0.2.1', 80);
    expect(result.reached).toBe(false);
    expect(performance.now() - startedMs).toBeLessThan(1_000);
  });

  it.each([0, -1, 70_000, 1.5])('never throws for port %s', async (port) => {
    await expect(tcpCheck().reach('127.0.0.1', port)).resolves.toEqual({
      reached: false,
      reason: `${port} is not a port`,
    });
  });
});
