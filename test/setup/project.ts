import { spawn } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';

/** A folder that is gone when the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lb-setup-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function write(path: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, mode);
}

/** A program made of shell lines; `$LOG` is where it may note what it was asked. */
export function program(folder: string, name: string, lines: string): void {
  write(join(folder, name), `#!/bin/sh\nLOG='${join(folder, 'log')}'\n${lines}\n`, 0o755);
}

/** A project with our scripts, and with stand-ins for the npm packages they run. */
export function projectWithScripts(): { root: string; tools: string } {
  const root = temporaryFolder();
  cpSync(resolve(import.meta.dirname, '../../scripts'), join(root, 'scripts'), { recursive: true });
  for (const name of ['package-lock.json', 'tsconfig.json', 'tsconfig.build.json']) {
    write(join(root, name), '{}');
  }
  write(join(root, 'package.json'), '{ "type": "module" }');
  write(join(root, 'src/bin/lb.ts'), '');
  write(join(root, 'node_modules/.package-lock.json'), '{}');
  return { root, tools: join(root, 'node_modules/.bin') };
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a script of ours with this Node.js to its end. */
export function runScript(
  path: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<Ended> {
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, [path, ...args], { env });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (bytes: Buffer) => {
      stdout += bytes;
    });
    child.stderr.on('data', (bytes: Buffer) => {
      stderr += bytes;
    });
    child.once('error', failed);
    child.once('close', (code) => done({ code, stdout, stderr }));
  });
}
