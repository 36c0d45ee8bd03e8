import { existsSync, readFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { program, projectWithScripts, runScript, temporaryFolder, write } from './project.ts';
import { type Surroundings, setup } from './scripts.ts';

let root: string;
let tools: string;
let bin: string;
let said: string[];
let here: Surroundings;

beforeEach(() => {
  ({ root, tools } = projectWithScripts());
  bin = temporaryFolder();
  said = [];
  here = { root, env: { PATH: bin }, uid: 1000, prefix: '', say: (line) => void said.push(line) };
});

const logOf = (folder: string) => readFileSync(join(folder, 'log'), 'utf8').trim().split('\n');
const age = (path: string, seconds: number) => {
  const time = Date.now() / 1000 - seconds;
  utimesSync(path, time, time);
};

describe('the Node.js version', () => {
  it.each(['20.19.0', '20.20.2', '22.0.0', '24.9.0'])('%s will do', (version) => {
    expect(() => setup.requireNode(version)).not.toThrow();
  });

  it.each(['20.18.3', '18.20.0', '9.99.0'])('%s is refused in one sentence', (version) => {
    expect(() => setup.requireNode(version)).toThrow(
      `lb-chatops needs Node.js 20.19 or newer; this is ${version}.`,
    );
  });
});

describe('npm packages', () => {
  it('are installed without their scripts when they are missing', async () => {
    program(bin, 'npm', 'echo "$*" >> "$LOG"');
    await setup.installNpmPackages({ ...here, root: projectWithoutPackages() });
    expect(said).toEqual(['Installing npm packages with npm ci ...']);
    expect(logOf(bin)).toEqual(['ci --ignore-scripts --include=dev --no-audit --no-fund']);
  });

  it('are installed again when package-lock.json is newer', async () => {
    program(bin, 'npm', 'echo "$*" >> "$LOG"');
    age(join(root, 'package-lock.json'), 60);
    await setup.installNpmPackages(here);
    expect(existsSync(join(bin, 'log'))).toBe(false);

    age(join(root, 'node_modules/.package-lock.json'), 120);
    await setup.installNpmPackages(here);
    expect(logOf(bin)).toHaveLength(1);
  });

  it('that cannot be installed are explained by the end of what npm said', async () => {
    program(bin, 'npm', 'echo "npm error network" >&2; exit 1');
    await expect(
      setup.installNpmPackages({ ...here, root: projectWithoutPackages() }),
    ).rejects.toThrow('npm error network\nType: npm ci --ignore-scripts');
  });

  function projectWithoutPackages(): string {
    const folder = temporaryFolder();
    write(join(folder, 'package-lock.json'), '{}');
    return folder;
  }
});

describe('the build', () => {
  const product = { project: 'tsconfig.build.json', outDir: 'dist', sources: ['src'] };

  beforeEach(() => {
    program(tools, 'tsc', `echo "$*" >> "$LOG"; /bin/mkdir -p '${root}/dist/bin'`);
    write(join(root, 'src/sandbox/page.html'), '<p>');
    for (const path of [
      'src/bin/lb.ts',
      'src/bin',
      'src/sandbox',
      'src/sandbox/page.html',
      'src',
    ]) {
      age(join(root, path), 60);
    }
    for (const name of ['package-lock.json', 'tsconfig.json', 'tsconfig.build.json']) {
      age(join(root, name), 60);
    }
  });

  it('runs once, brings along what the compiler leaves behind, and is not repeated', async () => {
    await setup.build(here, product);
    await setup.build(here, product);
    expect(logOf(tools)).toEqual(['-p tsconfig.build.json']);
    expect(readFileSync(join(root, 'dist/sandbox/page.html'), 'utf8')).toBe('<p>');
    expect(existsSync(join(root, 'dist/bin/lb.ts'))).toBe(false);
  });

  it.each(['src/bin/lb.ts', 'src/bin', 'tsconfig.json'])(
    'runs again after a change of %s',
    async (path) => {
      await setup.build(here, product);
      age(join(root, path), -5);
      await setup.build(here, product);
      expect(logOf(tools)).toHaveLength(2);
    },
  );

  it('that fails is repeated the next time', async () => {
    program(tools, 'tsc', 'echo "$*" >> "$LOG"; echo "src/a.ts(1,1): error TS1"; exit 2');
    await expect(setup.build(here, product)).rejects.toThrow('error TS1');
    await expect(setup.build(here, product)).rejects.toThrow('error TS1');
    expect(logOf(tools)).toHaveLength(2);
  });
});

describe('npm run demo', () => {
  it('goes on as lb demo in the same process, with only its own words on stdout', async () => {
    program(tools, 'tsc', `/bin/mkdir -p '${root}/dist/bin'`);
    program(bin, 'haproxy', '');
    write(
      join(root, 'dist/bin/lb.js'),
      'console.log(JSON.stringify({ argv: process.argv.slice(1), ppid: process.ppid })); process.exitCode = 7;',
    );
    const ended = await runScript(join(root, 'scripts/demo.mjs'), ['--json'], { PATH: bin });
    expect(ended.stderr).toBe('Building dist ...\n');
    expect(JSON.parse(ended.stdout)).toEqual({
      argv: [join(root, 'dist/bin/lb.js'), 'demo', '--json'],
      ppid: process.pid,
    });
    expect(ended.code).toBe(7);
  });

  it('builds the lab too, and hands the flag on, when LVS is asked for', async () => {
    program(tools, 'tsc', `/bin/mkdir -p '${root}/dist/bin' '${root}/dist-bench/lab'`);
    for (const name of setup.LAB) program(bin, name, '');
    write(join(root, 'dist/bin/lb.js'), 'console.log(process.argv.slice(2).join());');
    const ended = await runScript(join(root, 'scripts/demo.mjs'), ['--with-lvs'], { PATH: bin });
    expect(ended.stderr).toBe('Building dist ...\nBuilding dist-bench/lab ...\n');
    expect(ended.stdout).toBe('demo,--with-lvs\n');
  });

  it('ends with 1 and the reason when the set-up cannot go on', async () => {
    program(tools, 'tsc', 'echo "error TS1"; exit 2');
    program(bin, 'haproxy', '');
    const ended = await runScript(join(root, 'scripts/demo.mjs'), [], { PATH: bin });
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toContain('Building dist:\nerror TS1');
  });
});
