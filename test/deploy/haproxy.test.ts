import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { inRepository } from './repository.ts';

/** HAProxy's own opinion of a configuration file; rejects with its words when it refuses. */
async function haproxyCheck(path: string): Promise<string> {
  const env = { ...process.env, PATH: `${process.env.PATH}${delimiter}/usr/sbin` };
  const { stdout, stderr } = await promisify(execFile)('haproxy', ['-c', '-f', path], { env });
  return stdout + stderr;
}

it.each(['deploy/haproxy.cfg', 'deploy/member.cfg'])(
  '%s pleases HAProxy, without a warning',
  async (path) => {
    const said = await haproxyCheck(inRepository(path));
    expect(said).toContain('Configuration file is valid');
    expect(said).not.toMatch(/WARNING|ALERT/);
  },
);

it('a configuration with a mistake does not', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lb-haproxy-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'haproxy.cfg');
  writeFileSync(path, 'backend test\n    nonsense\n');
  await expect(haproxyCheck(path)).rejects.toThrow(/unknown keyword 'nonsense'/);
});
