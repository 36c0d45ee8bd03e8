import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LvsAdapter } from '../../../src/adapters/lvs/adapter.ts';
import { lvsAdapter } from '../../../src/adapters/lvs/adapter.ts';
import type { Remembered } from '../../../src/adapters/lvs/pool-state.ts';
import { lvsSettings } from '../../../src/adapters/lvs/schema.ts';
import { LVS_LIMITS, wayTo } from '../../../src/adapters/lvs/way.ts';
import type { LvsBalancer } from '../../../src/domain/inventory.ts';
import type { AdminState } from '../../../src/domain/member.ts';
import { vrrpRoles } from '../../../src/keepalived/roles.ts';
import { sshHosts } from '../../../src/transports/ssh-hosts.ts';
import type { DirectorUser } from '../../lab/director.ts';
import type { Lab } from '../../lab/lab.ts';
import { DIRECTOR_NAMES, type DirectorName, VIP } from '../../lab/places.ts';
import { useLab } from '../../lab/use-lab.ts';
import { openGate, stepTo, withoutEnd } from '../contract-device.ts';

// A lab comes up first, and its kernels are slow.
vi.setConfig({ hookTimeout: 90_000, testTimeout: 60_000 });

const POOL = '192.168.100.11:80';
const MEMBER = '192.168.100.78:80';
const ARTICLE = [74, 75, 76, 77].map((last) => `-a -t ${POOL} -r 192.168.100.${last}:80 -g -w 3`);

describe('LVS on real directors', () => {
  let lab: Lab;
  let stop: () => Promise<void> = async () => {};
  const hosts = sshHosts();
  /** One for each way to log in, as the product has: each keeps a place on the connection. */
  const opened = new Map<string, LvsAdapter>();

  const adapterFor = (
    name: DirectorName,
    user: DirectorUser,
    own: Partial<LvsBalancer> = {},
    remembered: readonly Remembered[] = [],
  ): LvsAdapter => {
    const key = JSON.stringify([name, user, own]);
    const known = opened.get(key);
    if (known !== undefined) return known;
    const settings = lvsSettings({ name, kind: 'lvs', ssh: lab.director(name).ssh(user), ...own });
    const adapter = lvsAdapter(
      name,
      wayTo(settings, LVS_LIMITS, hosts),
      { now: () => Date.now() },
      {
        ...(settings.disableBy === undefined ? {} : { disableBy: settings.disableBy }),
        remembered: async () => remembered,
      },
    );
    opened.set(key, adapter);
    return adapter;
  };
  /** The second reader: root, by the machine's own ssh. */
  const table = async (options: string, name: DirectorName = 'lvs-1') =>
    (await lab.director(name).ask(`ipvsadm ${options}`)).trimEnd().split('\n');
  const bring = async (
    adapter: LvsAdapter,
    pool: string,
    name: string,
    admin: AdminState,
    weight?: number,
  ) => {
    const { members } = await adapter.read(pool, withoutEnd());
    const member = members.find((each) => each.name === name);
    if (member === undefined) throw new Error(`${name} is not in ${pool}`);
    const step = stepTo(adapter, pool, member, admin, weight);
    await adapter.apply(step, openGate, withoutEnd());
    return step;
  };

  beforeAll(async () => {
    ({ lab, stop } = await useLab());
  });
  afterAll(async () => {
    await Promise.all([...opened.values()].map((adapter) => adapter.close()));
    await stop();
  });
  beforeEach(async () => {
    await lab.director('lvs-1').ask('ipvsadm -C && ipvsadm -R </run/lab/own/ipvs.rules');
  });

  it('leaves the four rows of the article and the fifth at weight 0, and puts it back exactly', async () => {
    const adapter = adapterFor('lvs-1', 'ops');
    const before = await table('-Sn');
    await bring(adapter, POOL, MEMBER, 'disabled');
    const rows = (await table('-Sn')).filter((line) => line.startsWith(`-a -t ${POOL}`));
    expect(rows).toEqual([...ARTICLE, `-a -t ${POOL} -r ${MEMBER} -g -w 0`]);
    await bring(adapter, POOL, MEMBER, 'enabled', 3);
    expect(await table('-Sn')).toEqual(before);
  });

  it('leaves exactly the four rows of the article where disabling deletes', async () => {
    const restore = { admin: 'enabled', weight: 3, forwarding: 'Route' } as const;
    const known = [{ member: MEMBER, restore, want: { admin: 'disabled', weight: 0 } as const }];
    const adapter = adapterFor('lvs-1', 'ops', { disableBy: 'delete' }, known);
    const before = await table('-Sn');
    const step = await bring(adapter, POOL, MEMBER, 'disabled');
    expect(step.commands).toEqual([`ipvsadm -d -t ${POOL} -r ${MEMBER}`]);
    const rows = (await table('-Sn')).filter((line) => line.startsWith(`-a -t ${POOL}`));
    expect(rows).toEqual(ARTICLE);
    // An answer that was lost: the same again is as good as done.
    await adapter.apply(step, openGate, withoutEnd());
    const state = await adapter.read(POOL, withoutEnd());
    expect(state.members.at(-1)).toMatchObject({ name: MEMBER, admin: 'disabled', weight: 0 });
    const back = await bring(adapter, POOL, MEMBER, 'enabled', 3);
    await adapter.apply(back, openGate, withoutEnd());
    expect((await table('-Sn')).sort()).toEqual([...before].sort());
  });

  it.each([
    ['thresholds', '-t 192.168.100.11:8080 -s wlc', '192.168.100.75:8443', '-m -w 2 -x 100 -y 80'],
    ['a tunnel', '-t 192.168.100.11:443 -s sh', '192.168.100.74:443', '-i -w 7'],
    ['UDP', '-u 192.168.100.11:53 -s wrr', '192.168.100.74:53', '-g -w 2'],
    ['SCTP', '--sctp-service 192.168.100.11:3868 -s rr', '192.168.100.74:3868', '-m -w 1'],
    ['IPv6', '-t [fd00:100::11]:80 -s wlc', '[fd00:100::74]:80', '-g -w 9'],
    ['a mark', '-f 7 -s rr', '192.168.100.77:0', '-g -w 5'],
    ['a mark of IPv6', '-f 8 -6 -s sh', '[fd00:100::77]:0', '-g -w 5'],
  ])('disables and enables with %s as it was', async (_kind, service, server, setting) => {
    const words = service.replace(/ -s .*$/, '');
    await lab
      .director('lvs-1')
      .ask(`ipvsadm -A ${service} && ipvsadm -a ${words} -r '${server}' ${setting}`);
    const adapter = adapterFor('lvs-1', 'ops');
    const before = await table('-Sn');
    const limits = await table('-Ln --thresholds');
    const [flag = '', value = '', six] = words.split(' ');
    const pool =
      flag === '-f'
        ? `fwmark${six === '-6' ? '6' : ''}:${value}`
        : `${{ '-u': 'udp://', '--sctp-service': 'sctp://' }[flag] ?? ''}${value}`;
    const name = server.replace(/^\[?([0-9a-f.:]+?)\]?:0$/, '$1');
    const weight = Number(/-w (\d+)/.exec(setting)?.[1]);
    await bring(adapter, pool, name, 'disabled');
    expect(await table('-Sn')).not.toEqual(before);
    await bring(adapter, pool, name, 'enabled', weight);
    expect(await table('-Sn')).toEqual(before);
    expect(await table('-Ln --thresholds')).toEqual(limits);
  });

  it('tells who is connected and who is not any more', async () => {
    const adapter = adapterFor('lvs-1', 'ops');
    for (let turn = 0; turn < 5; turn += 1) {
      await lab.on('client', ['curl', '-s', '-m', '2', `http://${VIP}/`]);
    }
    const served = async () => {
      const { members } = await adapter.read(POOL, withoutEnd());
      return members.find(({ sessionsTotal }) => sessionsTotal > 0);
    };
    // The kernel adds its counters up every two seconds.
    await expect
      .poll(served, { timeout: 15_000 })
      .toMatchObject({ sessionsTotal: 5, stickyNow: 1 });
    const state = await adapter.read(POOL, withoutEnd());
    expect(state.persistence).toBe('persistent 60');
    const member = state.members.find(({ stickyNow }) => stickyNow === 1);
    expect((member?.sessions ?? 0) + (member?.sessionsInactive ?? 0)).toBeGreaterThanOrEqual(5);
  });

  it.each([
    ['a service that is not there', '192.168.100.11:81', 'NO_SUCH_POOL', '192.168.100.11:80'],
    ['a mark of another service', 'fwmark:9', 'NO_SUCH_POOL', 'no such virtual service'],
    ['IPv6 without brackets', 'fd00:100::11:80', 'UNSAFE_NAME', '[fd00::11]:80'],
    ['a shell in the name', '192.168.100.11:80; rm -rf /', 'UNSAFE_NAME', 'is written'],
  ])('%s is refused with a hint', async (_what, pool, code, hint) => {
    await expect(adapterFor('lvs-1', 'ops').read(pool, withoutEnd())).rejects.toMatchObject({
      code,
      message: expect.stringContaining(hint),
    });
  });

  it.each<[string, DirectorUser, Partial<LvsBalancer>, string, string]>([
    ['sudo asks for a password', 'stranger', {}, 'PERMISSION', 'NOPASSWD'],
    [
      'no right to the helper',
      'ops',
      { helper: '/usr/local/sbin/lb-lvs' },
      'PERMISSION',
      'sudoers',
    ],
    [
      'no helper there',
      'root',
      { helper: '/usr/local/sbin/other' },
      'UNREACHABLE',
      'lb lvs helper',
    ],
  ])('%s: one sentence with the fix', async (_what, user, own, code, fix) => {
    await expect(adapterFor('lvs-1', user, own).read(POOL, withoutEnd())).rejects.toMatchObject({
      code,
      message: expect.stringContaining(fix),
    });
  });

  it('a changed host key is refused before anything is sent', async () => {
    const ssh = {
      ...lab.director('lvs-1').ssh('ops'),
      proof: { fingerprint: `SHA256:${'A'.repeat(43)}` },
    };
    await expect(
      adapterFor('lvs-1', 'ops', { ssh }).read(POOL, withoutEnd()),
    ).rejects.toMatchObject({
      code: 'HOST_KEY',
    });
  });

  it.each<[DirectorUser, Partial<LvsBalancer>]>([
    ['helper', { helper: '/usr/local/sbin/lb-lvs' }],
    ['ops', {}],
  ])('roles asked as %s are those of the pair, and the password stays there', async (user, own) => {
    const adapters = new Map(
      DIRECTOR_NAMES.map((name) => [name as string, adapterFor(name, user, own)]),
    );
    const pair = { instance: 'VI_1', vips: [VIP], nodes: [...DIRECTOR_NAMES] };
    const said: unknown[] = [];
    const roles = vrrpRoles(new Map([['edge', pair]]), {
      ask: async (node, signal) => {
        const testimony = await adapters.get(node)?.testimony({ signal });
        if (testimony === undefined) throw new Error(node);
        said.push(testimony);
        return testimony;
      },
    });
    expect(await roles.of('edge')).toEqual(
      new Map([
        ['lvs-1', 'MASTER'],
        ['lvs-2', 'BACKUP'],
      ]),
    );
    expect(said).toHaveLength(2);
    expect(JSON.stringify(said)).not.toContain('tianya11');
  });
});
