import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GREETING, HELPER, shellWords } from '../../../src/adapters/lvs/script.ts';

const OURS = '/etc/keepalived/lb-chatops';
const PLACE = '-t 192.168.100.11:80 -r 192.168.100.78:80';
const FILE = `${OURS}/tcp-192.168.100.11-80-192.168.100.78-80.conf`;
const PLAIN = '-A -t 192.168.100.11:80 -s rr\n';
const PERSISTENT = '-A -f 7 -s rr -p 300 -M 255.255.255.0\n';
const SHELLS = ['dash', 'bash'].filter((shell) => existsSync(`/bin/${shell}`));

describe.each(SHELLS)('the program on a director, run by %s', (shell) => {
  let folder = '';
  let log = '';

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lb-'));
    log = join(folder, 'ran');
    // Stands in for ipvsadm to show which words reach it; what ipvsadm does with them is the lab's business.
    writeFileSync(
      join(folder, 'ipvsadm'),
      `#!/bin/sh\nprintf '%s\\n' "$*" >>'${log}'\n[ "$*" != -Sn ] || cat '${folder}/rules'\n`,
    );
    writeFileSync(join(folder, 'rules'), PLAIN);
    chmodSync(join(folder, 'ipvsadm'), 0o755);
    writeFileSync(join(folder, 'helper'), HELPER.replace('PATH=/usr', `PATH=${folder}:/usr`));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const run = (input: string) => {
    const { stdout, stderr } = spawnSync(`/bin/${shell}`, [join(folder, 'helper'), 'touch', 'x'], {
      input,
      encoding: 'utf8',
      cwd: folder,
    });
    const ran = existsSync(log) ? readFileSync(log, 'utf8').split('\n').slice(0, -1) : [];
    return { stdout, stderr, ran };
  };

  it.each([
    '-e -t 192.168.100.11:80 -r 192.168.100.78:80 -g -w 0',
    '-e -t 192.168.100.11:80 -r 192.168.100.78:80 -g -w 3 -x 100 -y 80',
    '-a -u 192.168.100.11:53 -r 192.168.100.78:53 -m -w 3',
    '-d --sctp-service [fd00::11]:80 -r [fd00::78]:80',
    '-e -f 8 -6 -r [fd00::78]:0 -i -w 5',
  ])('ipvsadm %s is run as it is', (words) => {
    const { stdout, ran } = run(`ipvsadm ${words}\n`);
    expect(ran).toEqual([words]);
    expect(stdout).toBe(`${GREETING}\n== ipvsadm\n== exit 0\n== done\n`);
  });

  it.each([
    'ipvsadm -C',
    'ipvsadm -D -t 192.168.100.11:80',
    'ipvsadm -e -t 192.168.100.11:80 -r 192.168.100.78:80 -g -w 0 -C',
    'ipvsadm -e -t 192.168.100.11:80 -r 192.168.100.78:80 -w 0',
    'ipvsadm -e -t 192.168.100.11:80 -r 192.168.100.78:80 -g',
    'ipvsadm -e -t 192.168.100.11:80 -r 192.168.100.78:80 -g -w -1',
    'ipvsadm -d -t 192.168.100.11:80 -r 192.168.100.78:80 -g',
    'ipvsadm -d -t www:80 -r 192.168.100.78:80',
    'ipvsadm -d -t 192.168.100.11:80 -r 192.168.100.78:80; touch x',
    'ipvsadm -d -t 192.168.100.11:80 -r $(touch x)',
    'ipvsadm -d -t 192.168.100.11:80 -r `touch x`',
    'ipvsadm -d -t 192.168.100.11:80 -r 192.168.100.78:80 | touch x',
    'ipvsadm -d -t * -r *',
    'read -t 192.168.100.11:80 -C',
    ...[
      'put /etc/passwd weight 0 for -t 192.168.100.11:80 -r 192.168.100.78:80 -w 0 was absent in 0',
      `put ${OURS}/../x.conf weight 0 for ${PLACE} -w 0 was absent in 0`,
      `put ${OURS}/tcp-192.168.100.11-80-192.168.100.77-80.conf weight 0 for ${PLACE} -w 0 was absent in 0`,
      `put ${FILE} weight x for ${PLACE} -w 0 was absent in 0`,
      `put ${FILE} include /etc/shadow for ${PLACE} -w 0 was absent in 0`,
      `put ${FILE} weight 0 for ${PLACE} -w 0 was - in 0`,
      `put ${FILE} weight 0 for ${PLACE} -w 0 was absent in 0 more`,
      `put ${FILE} weight 0 for ${PLACE} -w 0`,
      'put',
    ],
    'keepalived',
    'keepalived not-hex',
    'read 192.168.100.11:80',
    'table',
    'roles now',
    'touch x',
    '-t',
    'é',
    '',
  ])('%j is refused and runs nothing', (line) => {
    const { stdout, ran } = run(`${line}\n`);
    expect(stdout).toMatch(/^lb-lvs 2\n== refused\n.+\n== exit 64\n== done\n$/);
    expect(ran).toEqual([]);
    expect(existsSync(join(folder, 'x'))).toBe(false);
  });

  it('a line that was cut off is not carried out, nor is a second one', () => {
    const line = 'ipvsadm -e -t 192.168.100.11:80 -r 192.168.100.78:80 -g -w 1';
    expect(run(line)).toMatchObject({ stdout: `${GREETING}\n`, ran: [] });
    expect(run(`${line}0\n${line}\n`).ran).toHaveLength(1);
  });

  it('arguments change nothing: root runs it by sudo for somebody else', () => {
    expect(run('read -t 192.168.100.11:80\n').stderr).toBe('');
    expect(existsSync(join(folder, 'x'))).toBe(false);
  });

  it('one reading runs three listings and nothing that writes', () => {
    const { ran, stdout } = run('read -t 192.168.100.11:80\n');
    expect(ran).toEqual([
      '-Sn',
      '-Ln -t 192.168.100.11:80 --thresholds',
      '-Ln -t 192.168.100.11:80 --stats --exact',
    ]);
    expect(stdout).toContain(`\n== rules\n${PLAIN}== exit 0\n`);
    expect(stdout.endsWith('== done\n')).toBe(true);
  });

  it('a fourth one tells who sticks, where a service is persistent', () => {
    writeFileSync(join(folder, 'rules'), PLAIN + PERSISTENT);
    const { ran, stdout } = run('read -f 7\n');
    expect(ran[2]).toBe('-Ln -f 7 --persistent-conn');
    expect(ran).toHaveLength(4);
    expect(stdout).toContain(`\n== rules\n${PLAIN}${PERSISTENT}== exit 0\n`);
  });

  it('everything is the same listings of all services, and who it is', () => {
    writeFileSync(join(folder, 'rules'), PLAIN + PERSISTENT);
    const { ran, stdout } = run('read\n');
    expect(ran).toEqual([
      '-Sn',
      '-Ln --thresholds',
      '-Ln --persistent-conn',
      '-Ln --stats --exact',
    ]);
    const sections = [...stdout.matchAll(/^== ([a-z]+)$/gm)].map(([, name]) => name);
    const own = ['identity', 'rules', 'thresholds', 'persistent', 'stats', 'settings', 'owner'];
    expect(sections.filter((name) => name !== 'vrrp')).toEqual([...own, 'addresses', 'done']);
    expect(run('roles\n').stdout).toContain('== addresses\n1: lo ');
  });

  it('an empty table, and one that cannot be listed, are told as that', () => {
    writeFileSync(join(folder, 'rules'), '');
    expect(run('read\n').stdout).toContain('\n== rules\n== exit 0\n');
    writeFileSync(
      join(folder, 'ipvsadm'),
      '#!/bin/sh\necho "Protocol not available" >&2\nexit 2\n',
    );
    expect(run('read\n').stdout).toContain('\n== rules\nProtocol not available\n== exit 2\n');
  });

  it('goes through the shell of a login unharmed', () => {
    const { stdout } = spawnSync(`/bin/${shell}`, ['-c', shellWords('')], {
      input: 'nothing\n',
      encoding: 'utf8',
    });
    expect(stdout).toBe(`${GREETING}\n== refused\nnot a verb\n== exit 64\n== done\n`);
  });
});
