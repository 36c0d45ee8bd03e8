import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENVIRONMENT, type EnvironmentEntry } from '../../src/config/environment-table.ts';
import { textOf } from './repository.ts';

const UNIT = 'deploy/lb-chatops@.service';
const unit = textOf(UNIT);

/** Every setting of a section, in order. */
function settings(section: string): readonly (readonly [string, string])[] {
  const [, body = ''] = unit.split(`\n[${section}]\n`);
  const lines = (body.split('\n[')[0] ?? '').split('\n');
  return lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const at = line.indexOf('=');
      return [line.slice(0, at), line.slice(at + 1)] as const;
    });
}

const all = (name: string) =>
  settings('Service')
    .filter(([key]) => key === name)
    .map(([, value]) => value);

describe('the unit', () => {
  it('starts the executable that package.json has, with the role of its instance', () => {
    const { bin } = JSON.parse(textOf('package.json')) as { bin: { lb: string } };
    expect(all('ExecStart')).toEqual([`/usr/bin/node /opt/lb-chatops/${bin.lb} serve --role %i`]);
  });

  it('names the roles that `lb serve` has', () => {
    const named = [...unit.matchAll(/lb-chatops@(\w+)(?= |$)/gm)].map(([, role]) => role);
    const [, list = ''] = /const ROLES: [^=]*= \[([^\]]*)\]/.exec(textOf('src/bin/serve.ts')) ?? [];
    expect(named).toEqual(list.split(', ').map((role) => role.replaceAll("'", '')));
  });

  it('gives secrets as files, and nothing that the product does not read', () => {
    const known = new Map((ENVIRONMENT as readonly EnvironmentEntry[]).map((e) => [e.name, e]));
    const given = all('Environment').map((line) => line.split('=') as [string, string]);
    for (const [name, value] of given.filter(([key]) => key !== 'NODE_ENV')) {
      const entry = known.get(name.replace(/_FILE$/, '') as EnvironmentEntry['name']);
      expect(entry?.secret, name).toBe(true);
      const credential = value.replace('%d/', '');
      expect(all('LoadCredential')).toContain(`${credential}:/etc/lb-chatops/${credential}`);
    }
    expect(given.map(([name]) => name)).toContain('LB_SIGNING_KEY_FILE');
    expect(unit).not.toMatch(/xoxb-|xapp-/);
  });

  it('starts it again unless somebody must mend the configuration, and leaves it time to stop', () => {
    expect([...all('Restart'), ...all('RestartPreventExitStatus')]).toEqual(['always', '2']);
    expect(Number(all('TimeoutStopSec')[0])).toBeGreaterThanOrEqual(30);
    expect(settings('Unit')).toContainEqual(['StartLimitIntervalSec', '0']);
  });
});

const ANALYZE = ['/usr/bin/systemd-analyze', '/bin/systemd-analyze'].find(existsSync);

describe('systemd-analyze, where there is one,', () => {
  let folder: string;
  let instance: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'lb-unit-'));
    instance = join(folder, 'lb-chatops@worker.service');
    // The same unit, with the node of this machine: a program that is not there would be a fault.
    writeFileSync(instance, unit.replace('/usr/bin/node', process.execPath));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const analyze = (...args: readonly string[]) => {
    if (ANALYZE === undefined) return undefined;
    const { status, stdout, stderr } = spawnSync(ANALYZE, args, { encoding: 'utf8' });
    return { status, text: stdout + stderr };
  };

  it('finds no fault in it', () => {
    const found = analyze('verify', '--man=no', '--recursive-errors=no', instance);
    const lines = (found?.text ?? '').split('\n').filter((line) => line.includes('lb-chatops'));
    expect(lines).toEqual([]);
  });

  it('does see a fault when there is one', () => {
    const wrong = join(folder, 'wrong@x.service');
    writeFileSync(wrong, unit.replace('Restart=always', 'Restart=allways'));
    const found = analyze('verify', '--man=no', '--recursive-errors=no', wrong);
    if (found !== undefined) expect(found.text).toContain('allways');
  });

  it('calls it hardly exposed', () => {
    const found = analyze('security', '--offline=true', '--no-pager', instance);
    if (found === undefined) return;
    const exposure = /exposure level for .*: (\d+\.\d+)/.exec(found.text)?.[1];
    expect(Number(exposure)).toBeLessThan(2);
  });
});
