import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fingerprintOf } from '../../src/transports/ssh-host-key.ts';
import { reading, sshPlace } from './ssh-place.ts';

const OTHER = `SHA256:${'A'.repeat(43)}`;

describe('the key of a host', () => {
  it('with the fingerprint of the inventory is let pass', async () => {
    const { socket, sshd, host } = await sshPlace();
    const there = socket(host({ proof: { fingerprint: sshd.fingerprint() } }));
    await expect(there.exchange('show info', reading)).resolves.toContain('Pid');
  });

  it('with another fingerprint is HOST_KEY: shows both, logs in nowhere, sends nothing', async () => {
    const { socket, sshd, device, host } = await sshPlace();
    const there = socket(host({ proof: { fingerprint: OTHER } }));
    await expect(there.exchange('show info', reading)).rejects.toMatchObject({
      code: 'HOST_KEY',
      message: `Reading: ssh to ${sshd.user}@127.0.0.1:${sshd.port}: the host key is not the one of the inventory, ${OTHER}; it has changed, or somebody stands in between. Seen was ssh-ed25519 ${sshd.fingerprint()}; "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub" on the host shows which is right. Nothing was sent.`,
    });
    expect(sshd.logins()).toBe(0);
    expect(device.received).toEqual([]);
  });

  it('that is not in known_hosts is HOST_KEY with the fingerprint seen', async () => {
    const { socket, sshd, host, directory } = await sshPlace();
    const empty = join(directory, 'empty');
    writeFileSync(empty, '');
    const there = socket(host({ proof: { knownHostsFile: empty } }));
    await expect(there.exchange('show info', reading)).rejects.toMatchObject({
      code: 'HOST_KEY',
      message: expect.stringContaining(
        `the host key is not known: ${empty} have none for [127.0.0.1]:${sshd.port}. Seen was ssh-ed25519 ${sshd.fingerprint()}`,
      ),
    });
    expect(sshd.logins()).toBe(0);
  });

  it('that has changed since known_hosts was written is HOST_KEY, names the line, and both keys', async () => {
    const { socket, sshd } = await sshPlace();
    const there = socket();
    await there.exchange('show info', reading);
    const before = sshd.fingerprint();
    await sshd.changeHostKey();
    await expect(there.exchange('show info', reading)).rejects.toMatchObject({
      code: 'HOST_KEY',
      message: expect.stringMatching(
        new RegExp(
          `the one in ${sshd.knownHostsFile} line 1, ${before.replace(/[+/]/g, '\\$&')}; it has changed.*Seen was ssh-ed25519 ${sshd.fingerprint().replace(/[+/]/g, '\\$&')}`,
        ),
      ),
    });
  });

  it('that is revoked is HOST_KEY, also where another line has it', async () => {
    const { socket, sshd } = await sshPlace();
    const line = readFileSync(sshd.knownHostsFile, 'utf8');
    writeFileSync(sshd.knownHostsFile, `${line}@revoked * ${line.split(' ').slice(1).join(' ')}`);
    await expect(socket().exchange('show info', reading)).rejects.toMatchObject({
      code: 'HOST_KEY',
      message: expect.stringContaining(`is revoked by ${sshd.knownHostsFile} line 2`),
    });
  });

  it('cannot be checked without the file: HOST_KEY', async () => {
    const { socket, host } = await sshPlace();
    const there = socket(host({ proof: { knownHostsFile: '/nonexistent/known_hosts' } }));
    await expect(there.exchange('show info', reading)).rejects.toMatchObject({
      code: 'HOST_KEY',
      message: expect.stringContaining('/nonexistent/known_hosts: there is no such file'),
    });
  });

  it('is asked for in the type that is known, where the host has several', async () => {
    const { socket, sshd } = await sshPlace({ hostKeyTypes: ['rsa', 'ed25519'] });
    expect(readFileSync(sshd.knownHostsFile, 'utf8')).toContain('ssh-rsa');
    await expect(socket().exchange('show info', reading)).resolves.toContain('Pid');
  });

  it('has the fingerprint that ssh-keygen prints', async () => {
    const { sshd } = await sshPlace();
    const [, key = ''] = readFileSync(`${sshd.keyFile}.pub`, 'utf8').split(' ');
    const printed = execFileSync('ssh-keygen', ['-lf', `${sshd.keyFile}.pub`], {
      encoding: 'utf8',
    });
    expect(fingerprintOf(Buffer.from(key, 'base64'))).toBe(printed.split(' ')[1]);
  });
});
