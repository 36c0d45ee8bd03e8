import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startBlackHole } from '../fakes/black-hole.ts';
import { startSshd } from '../stage/sshd.ts';
import { openGate, reading, sshPlace, writing } from './ssh-place.ts';

describe('logging in', () => {
  it('with a key that is not let in is PERMISSION, without a word of the key', async () => {
    const { socket, sshd, host } = await sshPlace();
    const keyFile = sshd.strangerKeyFile;
    const thrown = await socket(host({ login: { keyFile } }))
      .exchange('show info', reading)
      .catch((error: unknown) => error);
    expect(thrown).toMatchObject({
      code: 'PERMISSION',
      message: `Reading: ssh to ${sshd.user}@127.0.0.1:${sshd.port}: the ssh server refused the key (or knows no such user).`,
    });
    const secret = readFileSync(keyFile, 'utf8').split('\n')[2] ?? '-';
    expect(JSON.stringify(thrown, Object.getOwnPropertyNames(thrown))).not.toContain(secret);
  });

  it('as a user who is not there is PERMISSION', async () => {
    const { socket, host } = await sshPlace();
    await expect(
      socket(host({ user: 'no-such-user' })).exchange('show info', reading),
    ).rejects.toMatchObject({
      code: 'PERMISSION',
      message: expect.stringContaining('ssh to no-such-user@127.0.0.1'),
    });
  });

  it('that was refused is not tried again for a while: hosts lock out who knocks often', async () => {
    const { socket, sshd, host } = await sshPlace({}, { refusedRestMs: 60_000 });
    const there = socket(host({ login: { keyFile: sshd.strangerKeyFile } }));
    for (let attempt = 0; attempt < 5; attempt += 1) {
      await expect(there.exchange('show info', reading)).rejects.toMatchObject({
        code: 'PERMISSION',
      });
    }
    expect(sshd.log().split('Connection from').length - 1).toBe(2); // Ours, and the test's own look.
  });

  it('that was refused is tried again after that while', async () => {
    const { socket, sshd, host } = await sshPlace({}, { refusedRestMs: 0 });
    const there = socket(host({ login: { keyFile: sshd.strangerKeyFile } }));
    await expect(there.exchange('show info', reading)).rejects.toMatchObject({
      code: 'PERMISSION',
    });
    const letIn = readFileSync(`${sshd.strangerKeyFile}.pub`);
    writeFileSync(join(sshd.keyFile, '..', 'authorized_keys'), letIn);
    await expect(there.exchange('show info', reading)).resolves.toContain('Pid');
  });

  it.each([
    ['is not there', () => {}, /^Reading: ssh to \S+: the key \S+: there is no such file\.$/],
    [
      'others may read',
      (file: string) => {
        makeKey(file);
        chmodSync(file, 0o644);
      },
      /others may read this key; type: chmod 600/,
    ],
    ['has a passphrase', (file: string) => makeKey(file, 'correct-horse'), /passphrase/],
    [
      'is no key',
      (file: string) => writeFileSync(file, 'correct-horse', { mode: 0o600 }),
      /Unsupported key format/,
    ],
  ])('with a key that %s is PERMISSION, and nobody knocks', async (_name, make, words) => {
    const { socket, sshd, host, directory } = await sshPlace();
    const keyFile = join(directory, 'special');
    make(keyFile);
    await expect(
      socket(host({ login: { keyFile } })).exchange('show info', reading),
    ).rejects.toMatchObject({
      code: 'PERMISSION',
      message: expect.stringMatching(words),
    });
    expect(sshd.logins()).toBe(0);
  });

  it('by an ssh agent takes its keys; without an agent it is PERMISSION', async () => {
    const { socket, sshd, host, directory } = await sshPlace({}, { refusedRestMs: 0 });
    const agentSocket = join(directory, 'agent');
    const there = socket(host({ login: { agentSocket } }));
    await expect(there.exchange('show info', reading)).rejects.toMatchObject({
      code: 'PERMISSION',
      message: expect.stringContaining('the ssh agent'),
    });
    const agent = spawn('ssh-agent', ['-D', '-a', agentSocket], { stdio: 'ignore' });
    onTestFinished(() => void agent.kill());
    await expect.poll(() => existsSync(agentSocket)).toBe(true);
    const env = { ...process.env, SSH_AUTH_SOCK: agentSocket };
    execFileSync('ssh-add', ['-q', sshd.keyFile], { env, stdio: 'ignore' });
    await expect(there.exchange('show info', reading)).resolves.toContain('Pid');
  });

  it('where nobody listens is UNREACHABLE, and the gate is not asked', async () => {
    const { socket, sshd } = await sshPlace();
    await sshd.kill();
    let asked = 0;
    const gate = () => {
      asked += 1;
      return openGate();
    };
    await expect(
      socket().exchange('disable server web/a', { ...writing, gate }),
    ).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: expect.stringMatching(/port \d+: nobody listens there \(Connection refused\)\.$/),
    });
    expect(asked).toBe(0);
  });

  it('on a host that takes no connection is UNREACHABLE in time', async () => {
    const { socket, host } = await sshPlace({}, { connectMsMax: 100 });
    const hole = await startBlackHole();
    await expect(
      socket(host({ port: hole.port })).exchange('show info', reading),
    ).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: expect.stringMatching(/no answer within 0\.1 s\.$/),
    });
    hole.close();
  });

  it.each([
    ['says nothing', undefined, 'the ssh server did not greet within 0.1 s'],
    ['is no ssh server', 'HTTP/1.1 400 Bad Request\r\n\r\n', /^Reading: ssh to \S+: \S/],
  ])('to something that %s is UNREACHABLE', async (_name, greeting, words) => {
    const { socket, host } = await sshPlace({}, { handshakeMsMax: 100 });
    const server = createServer((client) => {
      client.on('error', () => {});
      if (greeting !== undefined) client.end(greeting);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await expect(socket(host({ port })).exchange('show info', reading)).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: expect.stringMatching(words),
    });
  });
});

describe('a host behind another', () => {
  it('is reached through it; each proves who it is', async () => {
    const { socket, sshd, host, directory } = await sshPlace();
    const jump = await startSshd({ directory: join(directory, 'jump') });
    onTestFinished(() => jump.stop());
    const there = socket(host({ jump: jump.host }));
    await expect(there.exchange('show info', reading)).resolves.toContain('Pid');
    await expect(there.exchange('disable server web/a', writing)).resolves.toBe('\n');
    expect([jump.logins(), sshd.logins()]).toEqual([1, 1]);
  });

  it('is not asked for when the one in front is not the right one', async () => {
    const { socket, sshd, host, directory } = await sshPlace();
    const jump = await startSshd({ directory: join(directory, 'jump') });
    onTestFinished(() => jump.stop());
    const proof = { fingerprint: sshd.fingerprint() };
    const there = socket(host({ jump: { ...jump.host, proof } }));
    await expect(there.exchange('show info', reading)).rejects.toMatchObject({
      code: 'HOST_KEY',
      message: expect.stringMatching(
        new RegExp(`^Reading: ssh to \\S+:${sshd.port}: ssh to \\S+:${jump.port}: the host key`),
      ),
    });
    expect([jump.logins(), sshd.logins()]).toEqual([0, 0]);
  });

  it('is UNREACHABLE when the one in front does not let through, or is lost', async () => {
    const { socket, sshd, host, directory } = await sshPlace();
    const jump = await startSshd({
      directory: join(directory, 'jump'),
      config: ['AllowTcpForwarding no'],
    });
    onTestFinished(() => jump.stop());
    const there = socket(host({ jump: jump.host }));
    await expect(there.exchange('show info', reading)).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: expect.stringMatching(new RegExp(`from \\S+:${jump.port} on: .*open failed`)),
    });
    const open = await startSshd({ directory: join(directory, 'open') });
    onTestFinished(() => open.stop());
    const through = socket(host({ jump: open.host }));
    await through.exchange('show info', reading);
    open.dropConnections();
    await expect(through.exchange('show info', reading)).resolves.toContain('Pid');
    expect(sshd.logins()).toBe(2);
    await open.kill();
    await expect(through.exchange('show info', reading)).rejects.toMatchObject({
      code: 'UNREACHABLE',
    });
  });
});

function makeKey(file: string, passphrase = ''): void {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-f', file]);
}
