import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** An ed25519 key pair without a passphrase, unless the file exists. */
export function makeKey(file: string): void {
  if (existsSync(file)) return;
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'lab', '-f', file]);
}

/** `SHA256:…` of a public key file, as ssh prints it. */
export function fingerprintOf(publicKeyFile: string): string {
  const line = execFileSync('ssh-keygen', ['-lf', publicKeyFile], { encoding: 'utf8' });
  const found = line.split(' ').find((word) => word.startsWith('SHA256:'));
  if (found === undefined) throw new Error(`${publicKeyFile} has no fingerprint: ${line}`);
  return found;
}
