import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const exec = promisify(execFile);
const LAB = resolve(import.meta.dirname, '../../scripts/lab.mjs');

/** A director of the lab, and how root logs in to it. */
export interface LabDirector {
  readonly name: string;
  readonly port: number;
  readonly keyFile: string;
  readonly fingerprint: string;
}

export interface DirectorLab {
  readonly directors: readonly LabDirector[];
  down(): Promise<void>;
}

/** Two real directors, as `npm run lab -- up` starts them; in a folder of their own, beside a lab that is up already. */
export async function directorLab(directory: string): Promise<DirectorLab> {
  const env = { ...process.env, TMPDIR: directory };
  const lab = (verb: string) => exec(process.execPath, [LAB, verb], { env });
  const { stdout } = await lab('up');
  const found = [
    ...stdout.matchAll(/^(lvs-\d) .*\n {2}ssh -i (\S+) -p (\d+) root@127\.0\.0\.1$/gm),
  ];
  return {
    directors: found.map(([, name = '', keyFile = '', port = '']) => {
      const host = join(dirname(keyFile), name, 'ssh_host_ed25519_key.pub');
      const key = Buffer.from(readFileSync(host, 'utf8').split(' ')[1] ?? '', 'base64');
      const digest = createHash('sha256').update(key).digest('base64').replace(/=+$/, '');
      return { name, port: Number(port), keyFile, fingerprint: `SHA256:${digest}` };
    }),
    async down() {
      await lab('down');
    },
  };
}
