import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { ServerHostKeyAlgorithm } from 'ssh2';
import type { SshHost } from '../domain/inventory.ts';
import { type KnownKey, knownKeys } from './ssh-known-hosts.ts';
import { WayFault } from './stream-socket.ts';
import { wordsOf } from './system-error.ts';

export interface HostKeyCheck {
  /** Signature algorithms of the keys that are known, to be asked for first. */
  readonly algorithms: readonly ServerHostKeyAlgorithm[];
  /** Why a key, as it came over the wire, is not that of the host; undefined when it is. */
  readonly reject: (key: Buffer) => WayFault | undefined;
}

/** By type of key; what is not listed here is not asked for. */
const ALGORITHMS: Readonly<Record<string, readonly ServerHostKeyAlgorithm[]>> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
};

/** What the inventory or known_hosts says about the key of a host, read now. Rejects with WayFault (HOST_KEY). */
export async function hostKeyCheck(host: SshHost): Promise<HostKeyCheck> {
  const { proof } = host;
  if (proof !== undefined && 'fingerprint' in proof) {
    return {
      algorithms: [],
      reject: (key) =>
        fingerprintOf(key) === proof.fingerprint
          ? undefined
          : refused(
              key,
              `the host key is not the one of the inventory, ${proof.fingerprint}; it has changed, or somebody stands in between`,
            ),
    };
  }
  const files =
    proof === undefined
      ? [join(homedir(), '.ssh', 'known_hosts'), '/etc/ssh/ssh_known_hosts']
      : [proof.knownHostsFile];
  const known = (
    await Promise.all(files.map((file) => keysIn(file, host, proof === undefined)))
  ).flat();
  const types = new Set(known.filter(({ isRevoked }) => !isRevoked).map(({ type }) => type));
  return {
    algorithms: [...types].flatMap((type) => ALGORITHMS[type] ?? []),
    reject: (key) => rejectUnknown(key, host, known, files),
  };
}

async function keysIn(
  file: string,
  host: SshHost,
  mayBeAbsent: boolean,
): Promise<readonly KnownKey[]> {
  try {
    return knownKeys(await readFile(file, 'utf8'), file, host.host, host.port);
  } catch (thrown) {
    if (mayBeAbsent) return [];
    const { words } = wordsOf(thrown, 'file');
    throw new WayFault('HOST_KEY', `the host key cannot be checked: ${file}: ${words}`);
  }
}

function rejectUnknown(
  key: Buffer,
  host: SshHost,
  known: readonly KnownKey[],
  files: readonly string[],
): WayFault | undefined {
  const same = known.filter((entry) => entry.key === key.toString('base64'));
  const revoked = same.find(({ isRevoked }) => isRevoked);
  if (revoked !== undefined) return refused(key, `the host key is revoked by ${revoked.place}`);
  if (same.length > 0) return undefined;
  const [other] = known.filter(({ isRevoked }) => !isRevoked);
  if (other !== undefined) {
    const expected = fingerprintOf(Buffer.from(other.key, 'base64'));
    return refused(
      key,
      `the host key is not the one in ${other.place}, ${expected}; it has changed, or somebody stands in between`,
    );
  }
  const name = host.port === 22 ? host.host : `[${host.host}]:${host.port}`;
  return refused(key, `the host key is not known: ${files.join(' and ')} have none for ${name}`);
}

function refused(key: Buffer, words: string): WayFault {
  const type = typeOf(key);
  const file = `/etc/ssh/ssh_host_${type.replace(/^ssh-|-sha2-.*$/g, '')}_key.pub`;
  return new WayFault(
    'HOST_KEY',
    `${words}. Seen was ${type} ${fingerprintOf(key)}; "ssh-keygen -lf ${file}" on the host shows which is right. Nothing was sent`,
  );
}

/** As ssh prints it: `SHA256:` and 43 characters. */
export function fingerprintOf(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** A key on the wire begins with the length and the name of its type. */
function typeOf(key: Buffer): string {
  const length = key.length >= 4 ? key.readUInt32BE(0) : 0;
  const type = key.subarray(4, 4 + length).toString('latin1');
  return Object.hasOwn(ALGORITHMS, type) ? type : 'another type';
}
