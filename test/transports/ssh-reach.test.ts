import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { freePort } from '../../src/sandbox/free-port.ts';
import { sshReach } from '../../src/transports/ssh-reach.ts';
import { sshPlace } from './ssh-place.ts';

async function listener() {
  const sockets = new Set<{ destroy(): void }>();
  const server = createServer((socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, taken: () => sockets.size };
}

describe('a member tried from the host of its balancer', () => {
  it('is reached where it takes connections, and not where nobody listens', async () => {
    const { sshd, hosts } = await sshPlace();
    const { port, taken } = await listener();
    const from = sshReach(sshd.host, hosts, 5_000);
    onTestFinished(() => from.close());
    expect(await from.reach('127.0.0.1', port)).toEqual({ ms: expect.any(Number) });
    await expect.poll(taken).toBe(1);
    const refused = await from.reach('127.0.0.1', await freePort());
    expect(refused).toEqual({ reason: expect.stringContaining('refused') });
    expect(sshd.logins()).toBe(1);
  });

  it('is one of many at once without a warning of Node about listeners', async () => {
    const { sshd, hosts } = await sshPlace();
    const { port } = await listener();
    const from = sshReach(sshd.host, hosts, 5_000);
    onTestFinished(() => from.close());
    const warnings: Error[] = [];
    const note = (warning: Error) => warnings.push(warning);
    process.on('warning', note);
    onTestFinished(() => void process.off('warning', note));
    const tries = Array.from({ length: 30 }, () => from.reach('127.0.0.1', port));
    for (const result of await Promise.all(tries)) expect(result).toHaveProperty('ms');
    // Warnings come a turn later.
    await new Promise((resolve) => setImmediate(resolve));
    expect(warnings).toEqual([]);
  });

  it('is not known where the ssh server may not open connections, and the words say what to do', async () => {
    const { sshd, hosts } = await sshPlace({ config: ['AllowTcpForwarding no'] });
    const { port } = await listener();
    const from = sshReach(sshd.host, hosts, 5_000);
    onTestFinished(() => from.close());
    expect(await from.reach('127.0.0.1', port)).toEqual({
      reason: expect.stringContaining('check_from: worker'),
      blind: true,
    });
  });

  it('is not known where the login fails', async () => {
    const { sshd, hosts, host } = await sshPlace();
    const from = sshReach(host({ login: { keyFile: sshd.strangerKeyFile } }).host, hosts, 5_000);
    onTestFinished(() => from.close());
    expect(await from.reach('127.0.0.1', 80)).toMatchObject({ blind: true });
  });

  it('is given up after the time for it', async () => {
    const { sshd, hosts } = await sshPlace();
    const from = sshReach(sshd.host, hosts, 300);
    onTestFinished(() => from.close());
    await from.reach('127.0.0.1', 1);
    sshd.freeze();
    const result = await from.reach('127.0.0.1', 80);
    sshd.thaw();
    expect(result).toEqual({ reason: 'no answer within 0.3 s' });
  });
});
