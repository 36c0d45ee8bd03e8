import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { LVS_LIMITS } from '../../../src/adapters/lvs/way.ts';
import { createAdapter } from '../../../src/adapters/registry.ts';
import type { LvsBalancer } from '../../../src/domain/inventory.ts';
import type { DirectorUser } from '../../lab/director.ts';
import { makeKey } from '../../lab/keys.ts';
import type { Lab } from '../../lab/lab.ts';
import { useLab } from '../../lab/use-lab.ts';
import { withoutEnd } from '../contract-device.ts';

vi.setConfig({ hookTimeout: 90_000, testTimeout: 60_000 });

const POOL = '192.168.100.11:80';
const HELPER = '/usr/local/sbin/lb-lvs';
/** A director is a slow machine. */
const LIMITS = { ...LVS_LIMITS, exchangeMsMax: 20_000 };
const HIDE = 'mv /usr/sbin/ipvsadm /usr/sbin/ipvsadm.away';
const SHOW = '[ -e /usr/sbin/ipvsadm ] || mv /usr/sbin/ipvsadm.away /usr/sbin/ipvsadm';
const NO_MODULE = '/etc/modprobe.d/no-ipvs.conf';

describe('a director that cannot do what it is asked', () => {
  let lab: Lab;
  let stop: () => Promise<void> = async () => {};

  beforeAll(async () => {
    ({ lab, stop } = await useLab());
  });
  afterAll(() => stop());
  afterEach(async () => {
    await lab.director('lvs-1').ask(`${SHOW}; rm -f ${NO_MODULE}; modprobe -a ip_vs ip_vs_rr`);
  });

  const balancer = (user: DirectorUser, own: Partial<LvsBalancer> = {}): LvsBalancer => ({
    name: 'lvs-1',
    kind: 'lvs',
    ssh: lab.director('lvs-1').ssh(user),
    ...own,
  });
  const refusalOf = async (of: LvsBalancer) => {
    const adapter = createAdapter(of, { clock: { now: () => Date.now() }, limits: LIMITS });
    try {
      return await adapter.read(POOL, withoutEnd()).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
    } finally {
      await adapter.close();
    }
  };

  it.each<[DirectorUser, Partial<LvsBalancer>]>([
    ['root', {}],
    ['ops', {}],
    ['helper', { helper: HELPER }],
  ])('has no ipvsadm: the package is named to %s', async (user, own) => {
    await lab.director('lvs-1').ask(HIDE);
    expect(await refusalOf(balancer(user, own))).toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('install the package ipvsadm there'),
    });
  });

  it('has a kernel without IPVS: that is said, with the way to load it', async () => {
    await lab
      .director('lvs-1')
      .ask(
        `ipvsadm -C; rmmod $(lsmod | sed -n 's/^\\(ip_vs_[a-z]*\\) .*/\\1/p') ip_vs && echo 'install ip_vs /bin/false' >${NO_MODULE}`,
      );
    expect(await refusalOf(balancer('root'))).toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringMatching(/kernel there (has no|is built without) IPVS/),
    });
  });

  it('does not know our key: that is said, and nobody knocks with another one', async () => {
    const keyFile = join(lab.state.site.directory, 'a-strangers-key');
    makeKey(keyFile);
    const ssh = { ...lab.director('lvs-1').ssh('root'), login: { keyFile } };
    expect(await refusalOf(balancer('root', { ssh }))).toMatchObject({
      code: 'PERMISSION',
      message: expect.stringContaining('refused the key'),
    });
  });

  it('gets words for a shell past every check of ours, and runs nothing of them', async () => {
    await lab.reset();
    const lines = [
      'ipvsadm -d -t 192.168.100.11:80 -r 192.168.100.78; touch /tmp/owned',
      'ipvsadm -d -t 192.168.100.11:80 -r 192.168.100.78; rm -rf /run/lab/own',
      'ipvsadm -d -t 192.168.100.11:80 -r $(touch /tmp/owned)',
      'ipvsadm -d -t 192.168.100.11:80 -r `touch /tmp/owned`',
      'ipvsadm -C',
      'read -t 192.168.100.11:80 && touch /tmp/owned',
    ];
    const director = lab.director('lvs-1');
    const before = await director.ask('ipvsadm -Sn');
    // Past the transport as well, which would not even send some of these.
    const asked = lines.map((line) => {
      const bytes = Buffer.from(`${line}\n`).toString('base64');
      return `echo ${bytes} | base64 -d | ${HELPER}`;
    });
    const said = await director.ask(asked.join('\n'));
    expect(said).toMatch(/^(?:lb-lvs 2\n== refused\n.+\n== exit 64\n== done\n){6}$/);
    expect(await director.ask('ipvsadm -Sn')).toBe(before);
    const left = await director.run('ls /run/lab/own/lb-lvs /tmp/owned');
    expect(left.stdout).toBe('/run/lab/own/lb-lvs\n');
  });
});
