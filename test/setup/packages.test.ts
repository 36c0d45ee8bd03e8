import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { tableOf, textOf } from '../documents/markdown.ts';
import { PROGRAMS } from '../lab/places.ts';
import { program, temporaryFolder, write } from './project.ts';
import { type Surroundings, scriptPath, setup } from './scripts.ts';

let bin: string;
let prefix: string;
let said: string[];
let policy: string;

/** A Debian of tiny programs: no real apt-get, no real policy file is touched. */
beforeEach(() => {
  const folder = temporaryFolder();
  bin = join(folder, 'bin');
  prefix = join(folder, 'system');
  said = [];
  policy = join(prefix, 'usr/sbin/policy-rc.d');
  mkdirSync(join(prefix, 'usr/sbin'), { recursive: true });
  write(join(prefix, 'etc/debian_version'), '12.0');
  write(join(prefix, 'var/lib/apt/lists/deb.example_Packages'), '');
  aptGet('exit 0');
});

const log = () => readFileSync(join(bin, 'log'), 'utf8').trim().split('\n');
const here = (uid: number): Surroundings => ({
  root: '/nowhere',
  env: { PATH: bin },
  uid,
  prefix,
  say: (line) => void said.push(line),
});

/** `lines` run for `apt-get install`; what the policy file says then is noted. */
function aptGet(lines: string): void {
  program(
    bin,
    'apt-get',
    `[ "$1" = --version ] && exit 0
echo "$* $DEBIAN_FRONTEND" >> "$LOG"
[ "$1" = update ] && exit 0
[ -x '${policy}' ] && { '${policy}'; echo "policy $?" >> "$LOG"; }
${lines}`,
  );
}

describe('Debian packages', () => {
  it('are left alone when every program is there', async () => {
    program(bin, 'haproxy', '');
    await setup.installPrograms(['haproxy'], here(0));
    expect(said).toEqual([]);
    expect(existsSync(join(bin, 'log'))).toBe(false);
  });

  it('are named with the one command to type when the user is not root', async () => {
    await expect(setup.installPrograms(['haproxy', 'redis-server'], here(1000))).rejects.toThrow(
      /^Missing: haproxy, redis-server\. Type: sudo apt-get install -y --no-install-recommends haproxy redis-server$/,
    );
    expect(existsSync(join(bin, 'log'))).toBe(false);
  });

  it('are named without a command on another system', async () => {
    const elsewhere = { ...here(0), prefix: join(prefix, 'elsewhere') };
    await expect(setup.installPrograms(['haproxy'], elsewhere)).rejects.toThrow(
      'Missing: haproxy. This is not Debian',
    );
  });

  it('are installed as root after one line, with services told not to start', async () => {
    await setup.installPrograms(['haproxy'], here(0));
    expect(said).toEqual(['Installing haproxy with apt-get (services are not started) ...']);
    expect(log()).toEqual([
      'install -y --no-install-recommends -o DPkg::Lock::Timeout=120 haproxy noninteractive',
      'policy 101',
    ]);
    expect(existsSync(policy)).toBe(false);
  });

  it('of Python are looked for where Python of Debian has them', async () => {
    const wanted = ['python3:suds', 'python3:ansible_collections/f5networks'];
    write(join(prefix, 'usr/lib/python3/dist-packages/suds/__init__.py'), '');
    await setup.installPrograms(wanted, here(0));
    expect(log()[0]).toMatch(/ ansible noninteractive$/);
    write(join(prefix, 'usr/lib/python3/dist-packages/ansible_collections/f5networks/x'), '');
    await setup.installPrograms(wanted, here(0));
    expect(log()).toHaveLength(2);
  });

  it('are looked up anew first when the lists are empty', async () => {
    const fresh = { ...here(0), prefix: temporaryFolder() };
    write(join(fresh.prefix, 'etc/debian_version'), '12.0');
    mkdirSync(join(fresh.prefix, 'usr/sbin'), { recursive: true });
    await setup.installPrograms(['haproxy'], fresh);
    expect(log()[0]).toBe('update noninteractive');
    expect(log()[1]).toMatch(/^install /);
    await expect(setup.installPrograms(['haproxy'], { ...fresh, uid: 1000 })).rejects.toThrow(
      'Type: sudo apt-get update && sudo apt-get install',
    );
  });

  it('are looked up anew once when the first installation fails, then the command is shown', async () => {
    aptGet('echo "E: Unable to fetch"; exit 100');
    await expect(setup.installPrograms(['haproxy'], here(0))).rejects.toThrow(
      /E: Unable to fetch\nType: apt-get install -y --no-install-recommends haproxy$/,
    );
    expect(log().map((line) => line.split(' ')[0])).toEqual([
      'install',
      'policy',
      'update',
      'install',
      'policy',
    ]);
    expect(existsSync(policy)).toBe(false);
  });
});

describe('the programs of the lab', () => {
  it('are those that the lab asks for, from the same packages', () => {
    const ofSetup = setup.LAB.map((name) => [name, setup.PACKAGES[name]]);
    expect(Object.fromEntries(ofSetup)).toEqual(PROGRAMS);
  });

  it('are in its page, and no others', () => {
    const table = tableOf(textOf('docs/lab.md'), ['Program', 'Debian package']);
    const rows = table.map(([program = '', name = '']) => [program.replaceAll('`', ''), name]);
    expect(Object.fromEntries(rows)).toEqual(PROGRAMS);
  });
});

describe("Debian's policy file", () => {
  it('of somebody else is neither changed nor removed', async () => {
    write(policy, '#!/bin/sh\nexit 0\n', 0o750);
    await setup.installPrograms(['haproxy'], here(0));
    expect(readFileSync(policy, 'utf8')).toBe('#!/bin/sh\nexit 0\n');
    expect(statSync(policy).mode & 0o777).toBe(0o750);
  });

  it('that a killed set-up left is used and removed', async () => {
    aptGet(`/bin/cat '${policy}' > '${prefix}/left'`);
    await setup.installPrograms(['haproxy'], here(0));
    write(policy, readFileSync(join(prefix, 'left'), 'utf8'), 0o755);
    await setup.installPrograms(['haproxy'], here(0));
    expect(existsSync(policy)).toBe(false);
  });

  it('is removed when the set-up is ended in the middle, after apt-get has ended', async () => {
    aptGet(`trap '[ -e "${policy}" ] && echo "still there" >> "$LOG"; exit 1' TERM
echo waits >> "$LOG"
n=0; while [ $n -lt 200 ]; do /bin/sleep 0.05; n=$((n + 1)); done`);
    const script = `import { installDebianPackages } from ${JSON.stringify(pathToFileURL(scriptPath('debian.mjs')).href)};
      const [bin, prefix] = process.argv.slice(1);
      await installDebianPackages(['haproxy'], { env: { PATH: bin }, uid: 0, prefix, say: () => {} });`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script, bin, prefix]);
    onTestFinished(() => void child.kill('SIGKILL'));
    await expect.poll(() => existsSync(join(bin, 'log')) && log().at(-1)).toBe('waits');
    expect(existsSync(policy)).toBe(true);
    child.kill('SIGTERM');
    const [code] = await once(child, 'exit');
    expect(code).toBe(143);
    expect(log().at(-1)).toBe('still there');
    expect(existsSync(policy)).toBe(false);
  });
});
