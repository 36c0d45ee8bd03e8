import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { sshHosts } from '../../../src/transports/ssh-hosts.ts';
import { startClients } from '../../lab/clients.ts';
import { KEEPALIVED_CONF } from '../../lab/director-files.ts';
import type { Lab } from '../../lab/lab.ts';
import { until } from '../../lab/until.ts';
import { useLab } from '../../lab/use-lab.ts';
import { itLong } from '../../long.ts';
import { withoutEnd } from '../contract-device.ts';
import { type Bench, benchOn, FILE, flap, MEMBER, POOL } from './keepalived-bench.ts';

vi.setConfig({ hookTimeout: 90_000, testTimeout: 90_000 });

const FOLDER = FILE.slice(0, FILE.lastIndexOf('/'));
const OUT = `-a -t ${POOL} -r ${MEMBER} -g -w 0`;
const IN = `-a -t ${POOL} -r ${MEMBER} -g -w 3`;

describe('a director whose table keepalived keeps', () => {
  let lab: Lab;
  let stop: () => Promise<void> = async () => {};
  let bench: Bench;
  const hosts = sshHosts();
  const director = () => lab.director('lvs-1');
  const keptFile = async () => (await director().run(`cat ${FILE}`)).stdout.trim();
  const sumOf = (file: string) => director().ask(`sha256sum ${file}`);
  const setSick = (isSick: boolean) => lab.setSick('192.168.100.78', isSick);

  beforeAll(async () => {
    ({ lab, stop } = await useLab({ table: 'keepalived', persistSeconds: 0, isPrepared: true }));
    bench = benchOn(director(), 'helper', {}, hosts);
  });
  afterAll(async () => {
    await bench.adapter.close();
    await stop();
  });
  beforeEach(async () => {
    setSick(false);
    await director().ask(
      `rm -rf ${FOLDER}; cp /run/lab/own/keepalived.conf ${KEEPALIVED_CONF}; kill -HUP $(cat /run/keepalived.pid)`,
    );
    await until('five rows', 20_000, async () => {
      const rules = await director().ask('ipvsadm -Sn');
      return rules.split('\n').filter((line) => line.endsWith('-w 3')).length === 5;
    });
  });

  it('disables by a file that keepalived includes, and enables with the weight of the operator', async () => {
    const step = await bench.step('disabled');
    expect(step.commands).toEqual([
      expect.stringMatching(
        new RegExp(
          `^put ${FILE} weight 0 for -t ${POOL} -r ${MEMBER} -w 0 was absent in [0-9a-f]{16}$`,
        ),
      ),
    ]);
    await bench.take(step);
    expect(await bench.row()).toBe(OUT);
    expect(await keptFile()).toBe('weight 0');
    expect(await bench.member()).toMatchObject({
      admin: 'disabled',
      weight: 0,
      configuredWeight: 3,
    });
    // The answer was lost, and it is asked once more.
    await bench.take(step);
    expect(await bench.row()).toBe(OUT);

    const back = await bench.step('enabled', 3);
    await bench.take(back);
    expect(await bench.row()).toBe(IN);
    expect(await keptFile()).toBe('# The weight is the one above.');
  });

  itLong('lets nobody new to a disabled member over a flap, a reload and a restart', async () => {
    const two = benchOn(lab.director('lvs-2'), 'helper', {}, hosts);
    for (const each of [bench, two]) await each.take(await each.step('disabled'));
    const clients = startClients(lab, '/new', 20);
    try {
      await until('clients', 10_000, () => clients.answers.size === 4);
      await flap(bench, setSick);
      await bench.reload();
      await bench.restart();
      const served = [...clients.answers.values()].reduce((sum, each) => sum + each, 0);
      await until('more clients', 20_000, () => {
        return [...clients.answers.values()].reduce((sum, each) => sum + each, 0) > served + 20;
      });
      expect(lab.accessLog('192.168.100.78').filter((line) => line.includes('/new'))).toEqual([]);
      expect(await bench.row()).toBe(OUT);
    } finally {
      clients.stop();
      await two.adapter.close();
    }
  });

  itLong(
    'shows a member that its check took out, disables it all the same, and it stays out',
    async () => {
      setSick(true);
      await until('the row to go', 20_000, async () => (await bench.row()) === 'absent');
      const sick = await bench.member();
      expect(sick).toMatchObject({
        admin: 'enabled',
        health: 'down',
        weight: 3,
        causes: ['health-check'],
      });
      await bench.take(await bench.step('disabled'));
      expect(await bench.member()).toMatchObject({ admin: 'disabled', health: 'down', weight: 0 });
      setSick(false);
      await until('the row to come back', 30_000, async () => (await bench.row()) !== 'absent');
      expect(await bench.row()).toBe(OUT);
    },
  );

  it.each([
    ['the configuration', `echo '# more' >>${KEEPALIVED_CONF}`, KEEPALIVED_CONF],
    ['our file', `mkdir -p /etc/keepalived/lb-chatops && echo 'weight 7' >${FILE}`, FILE],
  ])('leaves %s untouched when it changed since the plan', async (_what, change, file) => {
    const step = await bench.step('disabled');
    await director().ask(change);
    const before = await sumOf(file);
    await expect(bench.take(step)).rejects.toMatchObject({ code: 'STALE' });
    expect(await sumOf(file)).toBe(before);
    expect(await bench.row()).toBe(IN);
  });

  it('puts its file back when keepalived -t refuses the configuration', async () => {
    await director().ask(`echo 'frobnicate 1' >>${KEEPALIVED_CONF}`);
    const step = await bench.step('disabled');
    await expect(bench.take(step)).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining("Unknown keyword 'frobnicate'"),
    });
    expect((await director().run(`test -e ${FILE}`)).code).toBe(1);
    expect(await bench.row()).toBe(IN);
  });

  it.each([
    ['a missing brace', `sed -i '$d' ${KEEPALIVED_CONF}`, /nothing closes it/],
    ['CR LF', `sed -i 's/$/\\r/' ${KEEPALIVED_CONF}`, /CR LF/],
    ['a byte order mark', `sed -i '1s/^/\\xef\\xbb\\xbf/' ${KEEPALIVED_CONF}`, /byte order mark/],
  ])('is read and not changed where keepalived.conf has %s', async (_what, spoil, words) => {
    await director().ask(spoil);
    const before = await sumOf(KEEPALIVED_CONF);
    expect((await bench.member()).heldBy).toMatch(words);
    await expect(bench.step('disabled')).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringMatching(words),
    });
    expect(await sumOf(KEEPALIVED_CONF)).toBe(before);
    expect(await bench.row()).toBe(IN);
  });

  it('never gives out the password, and tells who may not write', async () => {
    const { stdout } = await director().run("printf 'read -t 192.168.100.11:80\\n' | lb-lvs");
    expect(stdout).toContain('auth_pass -');
    expect(stdout).not.toContain('tianya11');
    const asked = await director().run("printf 'keepalived abc\\n' | lb-lvs");
    expect(asked.stdout).toMatch(/^auth [0-9a-f]{16}$/m);
    expect(asked.stdout).not.toContain('tianya11');

    const ops = benchOn(director(), 'ops', {}, hosts);
    await expect(ops.take(await ops.step('disabled'))).rejects.toMatchObject({
      code: 'PERMISSION',
    });
    expect(await bench.row()).toBe(IN);
    await ops.adapter.close();
  });

  itLong(
    'says what would undo a change where it is not prepared, and begins none where that is wanted',
    async () => {
      await director().ask(`sed -i /lb-chatops/d ${KEEPALIVED_CONF}`);
      await bench.reload();
      const { undoneBy } = await bench.member();
      expect(undoneBy).toContain(`no line "include ${FILE}"`);
      await bench.take(await bench.step('disabled'));
      expect(await bench.row()).toBe(OUT);
      await flap(bench, setSick);
      await until('keepalived to undo it', 20_000, async () => (await bench.row()) === IN);
      expect(await bench.member()).toMatchObject({
        admin: 'enabled',
        weight: 3,
        configuredWeight: 3,
      });

      const strict = benchOn(director(), 'helper', { whenUndone: 'refuse' }, hosts);
      await expect(strict.step('disabled')).rejects.toMatchObject({ code: 'UNSUPPORTED' });
      const { members } = await strict.adapter.read(POOL, withoutEnd());
      expect(members).toHaveLength(5);
      await strict.adapter.close();
    },
  );
});
