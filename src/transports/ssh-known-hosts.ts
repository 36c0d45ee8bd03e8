import { createHmac, timingSafeEqual } from 'node:crypto';

/** A key that a known_hosts file has for a host. */
export interface KnownKey {
  /** For instance `ssh-ed25519`. */
  readonly type: string;
  /** The key itself, in base64. */
  readonly key: string;
  readonly isRevoked: boolean;
  /** For messages: `~/.ssh/known_hosts line 3`. */
  readonly place: string;
}

const USUAL_PORT = 22;

/**
 * The keys that the text of a known_hosts file (see sshd(8)) has for a host. Certificate authorities are left
 * out: host certificates are not supported. Lines that cannot be read are skipped, as ssh does.
 */
export function knownKeys(
  text: string,
  fileName: string,
  host: string,
  port: number,
): readonly KnownKey[] {
  const name = (port === USUAL_PORT ? host : `[${host}]:${port}`).toLowerCase();
  return text.split('\n').flatMap((line, index) => {
    const words = line.trim().split(/\s+/);
    const marker = words[0]?.startsWith('@') === true ? words.shift() : undefined;
    const [hosts, type, key] = words;
    if (hosts === undefined || type === undefined || key === undefined) return [];
    if (hosts.startsWith('#') || !isFor(hosts, name)) return [];
    if (marker !== undefined && marker !== '@revoked') return [];
    const place = `${fileName} line ${index + 1}`;
    return [{ type, key, isRevoked: marker === '@revoked', place }];
  });
}

/** True when the first field of a line means this host: a hashed name, or patterns of which none is negated. */
function isFor(hosts: string, name: string): boolean {
  if (hosts.startsWith('|')) return isHashOf(hosts, name);
  const patterns = hosts.toLowerCase().split(',');
  const hits = patterns.filter((pattern) => fits(pattern.replace(/^!/, ''), name));
  return hits.length > 0 && hits.every((pattern) => !pattern.startsWith('!'));
}

function isHashOf(hashed: string, name: string): boolean {
  const [, version, salt = '', hash = ''] = hashed.split('|');
  if (version !== '1') return false;
  const expected = Buffer.from(hash, 'base64');
  const found = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest();
  return expected.length === found.length && timingSafeEqual(expected, found);
}

/** `*` stands for any letters, `?` for one. */
function fits(pattern: string, name: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`).test(name);
}
