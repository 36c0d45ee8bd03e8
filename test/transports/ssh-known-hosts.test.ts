import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { knownKeys } from '../../src/transports/ssh-known-hosts.ts';

const KEY = 'AAAAC3NzaC1lZDI1NTE5AAAAIKd0MCLlbWY7bLWMm2dYHNSeEO2pRkMWFjBBUuuJ9eSL';

/** How many keys a file of this one line has for a host. */
const found = (hosts: string, host = 'ha-2', port = 22) =>
  knownKeys(`${hosts} ssh-ed25519 ${KEY} a comment`, 'known_hosts', host, port).length;

describe('known_hosts', () => {
  it('gives the key with its place', () => {
    const text = `# ours\n\nha-1,ha-2,192.168.1.4 ssh-ed25519 ${KEY}\n`;
    expect(knownKeys(text, '/k', '192.168.1.4', 22)).toEqual([
      { type: 'ssh-ed25519', key: KEY, isRevoked: false, place: '/k line 3' },
    ]);
  });

  it.each<[string, string, number, number]>([
    ['ha-2', 'ha-2', 22, 1],
    ['HA-2', 'ha-2', 22, 1],
    ['ha-2', 'ha-2', 2222, 0],
    ['[ha-2]:2222', 'ha-2', 2222, 1],
    ['[ha-2]:2222', 'ha-2', 22, 0],
    ['ha-*', 'ha-2', 22, 1],
    ['ha-?', 'ha-20', 22, 0],
    ['*.example.org', 'ha-2.example.org', 22, 1],
    ['*.example.org', 'ha-2xexample.org', 22, 0],
    ['*,!ha-2', 'ha-2', 22, 0],
    ['*,!ha-2', 'ha-3', 22, 1],
    ['!ha-3', 'ha-2', 22, 0],
    ['a', 'ha-2', 22, 0],
    ['# ha-2', 'ha-2', 22, 0],
    ['fd00::4', 'fd00::4', 22, 1],
  ])('%s is for %s port %i: %i', (hosts, host, port, count) => {
    expect(found(hosts, host, port)).toBe(count);
  });

  it('reads hashed names, as ssh-keygen writes them', () => {
    const directory = mkdtempSync(join(tmpdir(), 'lb-kh-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const file = join(directory, 'known_hosts');
    writeFileSync(file, `ha-2 ssh-ed25519 ${KEY}\n[ha-2]:2222 ssh-ed25519 ${KEY}\n`);
    execFileSync('ssh-keygen', ['-q', '-H', '-f', file], { stdio: 'ignore' });
    const text = readFileSync(file, 'utf8');
    expect(text).not.toContain('ha-2');
    expect(knownKeys(text, file, 'ha-2', 22).map(({ place }) => place)).toEqual([`${file} line 1`]);
    expect(knownKeys(text, file, 'ha-2', 2222)).toHaveLength(1);
    expect(knownKeys(text, file, 'ha-3', 22)).toEqual([]);
  });

  it('marks what is revoked and leaves certificate authorities out', () => {
    expect(knownKeys(`@revoked * ssh-rsa ${KEY}`, '/k', 'ha-2', 22)).toMatchObject([
      { isRevoked: true },
    ]);
    expect(knownKeys(`@cert-authority * ssh-rsa ${KEY}`, '/k', 'ha-2', 22)).toEqual([]);
  });

  it('skips lines that say nothing', () => {
    for (const line of ['', 'ha-2', 'ha-2 ssh-rsa', '|1|x', '|2|a|b ssh-rsa k', '\u0000']) {
      expect(knownKeys(line, '/k', 'ha-2', 22)).toEqual([]);
    }
  });
});
