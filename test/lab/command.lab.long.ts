import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { FOLDER_PREFIX, removeLeftovers } from './leftovers.ts';
import { VIP } from './places.ts';
import { until } from './until.ts';
import { GIVEN_LAB } from './use-lab.ts';

// A lab of its own comes up.
vi.setConfig({ testTimeout: 150_000 });

const ROOT = resolve(import.meta.dirname, '../..');
const exec = promisify(execFile);

/** A place for temporary files that is gone when the test ends. */
function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lb-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const environment = (folder: string) => {
  const { [GIVEN_LAB]: _given, ...rest } = process.env;
  return { ...rest, TMPDIR: folder };
};

const labFolders = (folder: string) =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name.startsWith(FOLDER_PREFIX))
    .map((entry) => join(folder, entry.name));

/** Processes of the whole machine that have this folder among their words. */
function processesOf(folder: string): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      } catch {
        return '';
      }
    })
    .filter((words) => words.includes(folder));
}

/** The lab's folder, as soon as its namespaces and real servers are there. */
async function labIn(folder: string, holder: ChildProcess): Promise<string> {
  let said = '';
  holder.stderr?.on('data', (bytes: Buffer) => {
    said += bytes;
  });
  const found = () => labFolders(folder).find((each) => existsSync(join(each, 'site-ready')));
  await until(`a lab of ${holder.spawnargs.join(' ')}`, 60_000, () => {
    if (holder.exitCode !== null) throw new Error(`It ended: ${said}`);
    return found() !== undefined;
  });
  return found() ?? '';
}

describe('npm run lab', () => {
  const lab = (folder: string, ...words: string[]) =>
    exec('npm', ['run', '--silent', 'lab', '--', ...words], {
      cwd: ROOT,
      env: environment(folder),
    });

  it('up holds a lab that one can log in to, status tells of it, down ends it', async () => {
    const folder = temporary();
    expect((await lab(folder, 'status')).stdout).toBe('The lab is down; up: npm run lab -- up\n');
    const { stdout } = await lab(folder, 'up');
    onTestFinished(async () => void (await lab(folder, 'down')));
    expect(stdout).toMatch(new RegExp(`^The lab is up, held by process \\d+\\. VIP ${VIP}:80 is `));
    expect((await lab(folder, 'status')).stdout).toBe(stdout);
    expect((await lab(folder, 'up')).stdout).toContain(stdout);
    const [, line = ''] = /lvs-1 .* holds the VIP\n {2}(ssh .*)\n/.exec(stdout) ?? [];
    const [program = '', ...args] = line.split(' ');
    const options = ['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null'];
    const asked = await exec(program, [
      ...args.slice(0, -1),
      ...options,
      'root@127.0.0.1',
      'ipvsadm -Sn',
    ]);
    expect(asked.stdout).toContain(`-a -t ${VIP}:80 -r 192.168.100.78:80 -g -w 3`);
    expect((await lab(folder, 'down')).stdout).toBe('The lab is down.\n');
    expect(processesOf(folder)).toEqual([]);
    expect(labFolders(folder)).toEqual([]);
  });

  it('with another word says what it knows', async () => {
    await expect(lab(temporary(), 'sideways')).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Usage: npm run lab -- up|down|status'),
    });
  });
});

it('where nobody may make namespaces, one sentence says so', async () => {
  const words = [
    ...['--user', '--map-root-user', 'sh', '-c'],
    'echo 0 >/proc/sys/user/max_user_namespaces && exec setpriv --bounding-set=-all --inh-caps=-all "$0" "$@"',
    ...[process.execPath, join(ROOT, 'scripts/lab.mjs'), 'keep'],
  ];
  const folder = temporary();
  await expect(exec('unshare', words, { env: environment(folder) })).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(
      /^The lab needs namespaces of its own, and this machine lets neither root nor an ordinary user make them \(unshare: .*\); npm test -- --no-lab leaves the lab out\.\n$/m,
    ),
  });
  expect(labFolders(folder)).toEqual([]);
});

describe('a lab whose holder', () => {
  it('is killed goes with it, and the next one to start removes its folder', async () => {
    const folder = temporary();
    const holder = spawn(process.execPath, [join(ROOT, 'scripts/lab.mjs'), 'keep'], {
      env: environment(folder),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const directory = await labIn(folder, holder);
    expect(processesOf(directory)).not.toEqual([]);
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    await until('the end of its processes', 5_000, () => processesOf(directory).length === 0);
    expect(removeLeftovers(folder)).toEqual([directory]);
    expect(labFolders(folder)).toEqual([]);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'is a run of tests ended by %s leaves nothing',
    async (signal) => {
      const folder = temporary();
      const tests = ['run', '--project', 'lab', 'test/lab/smoke.lab.ts'];
      const holder = spawn(join(ROOT, 'node_modules/.bin/vitest'), tests, {
        cwd: ROOT,
        env: environment(folder),
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      const directory = await labIn(folder, holder);
      holder.kill(signal);
      await once(holder, 'exit');
      await until('the end of its processes', 5_000, () => processesOf(directory).length === 0);
      expect(labFolders(folder)).toEqual([]);
    },
  );
});
