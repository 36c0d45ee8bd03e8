import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type F5Sim, startF5Sim } from '../../../src/sandbox/f5/start.ts';
import { endPlays, play, results, type Task } from './ansible-play.ts';
import { type Tampering, type TamperingProxy, tamperingProxy } from './tampering-proxy.ts';

const TIMEOUT_MS = 120_000;

let sims: F5Sim[];
const proxies: TamperingProxy[] = [];

beforeAll(async () => {
  sims = await Promise.all([
    startF5Sim({ pair: true }),
    startF5Sim({ pair: true }),
    startF5Sim(),
    startF5Sim(),
  ]);
});
afterAll(async () => {
  endPlays();
  await Promise.all([...sims, ...proxies].map((each) => each.close()));
});

const member = (state: string, host = '192.168.100.42', pool = 'test.tianya.cn'): Task => [
  'bigip_pool_member',
  { pool, host, port: 80, state },
];

const simAt = (index: number): F5Sim => {
  const sim = sims[index];
  if (sim === undefined) throw new Error(`there is no simulator ${index}`);
  return sim;
};

const portOf = (sim: F5Sim) => sim.units[0]?.port ?? 0;

async function proxied(sim: F5Sim, how: Tampering): Promise<TamperingProxy> {
  const proxy = await tamperingProxy(sim.units[0]?.url ?? '', how);
  proxies.push(proxy);
  return proxy;
}

describe.concurrent('Ansible’s modules for the BIG-IP', () => {
  it(
    'take a member out, force it offline and bring it back; each a second time without a change',
    async () => {
      const sim = simAt(0);
      const states = ['disabled', 'enabled', 'forced_offline'].flatMap((state) => [state, state]);
      const done = await results(
        play('members', sim, portOf(sim), [
          ...states.map((state) => member(state)),
          [
            'bigip_pool_member',
            { pool: 'raw_pool', host: '10.0.1.11', port: 8080, state: 'disabled' },
          ],
          [
            'bigip_pool_member',
            { pool: 'raw_pool', host: '10.0.1.11', port: 8080, state: 'disabled' },
          ],
        ]),
      );
      expect(done.map(({ failed, msg }) => (failed === true ? msg : 'ok'))).toEqual(
        done.map(() => 'ok'),
      );
      expect(done.map(({ changed }) => changed)).toEqual([
        ...[true, false, true, false, true, false],
        ...[true, false],
      ]);
      const [unit] = sim.control.state();
      expect(unit?.pools[1]?.members[0]).toMatchObject({
        session: 'user-disabled',
        state: 'user-down',
      });
      expect(unit?.tokens).toBe(0);
    },
    TIMEOUT_MS,
  );

  it(
    'read everything about the pair, run a command, and synchronize it',
    async () => {
      const sim = simAt(1);
      sim.control.sync({ changedOn: 'bigip-a' });
      const device_group = 'failover_dg';
      const sync: Task = ['bigip_configsync_action', { device_group, sync_device_to_group: true }];
      const gather_subset = [
        ...['ltm-pools', 'nodes', 'devices', 'device-groups', 'sync-status'],
        ...['partitions', 'route-domains', 'traffic-groups', 'provision-info'],
      ];
      const [info, command, first, second] = await results(
        play('info', sim, portOf(sim), [
          ['bigip_device_info', { gather_subset }],
          ['bigip_command', { commands: ['show sys version'] }],
          sync,
          sync,
        ]),
      );
      expect(info).toMatchObject({
        queried: true,
        devices: [
          { hostname: 'bigip-a.example.net', failover_state: 'active', self: 'yes' },
          { hostname: 'bigip-b.example.net', failover_state: 'standby', self: 'no' },
        ],
        sync_status: [
          {
            status: 'Changes Pending',
            recommended_action: 'Synchronize bigip-a.example.net to group failover_dg',
          },
        ],
      });
      expect(info?.ltm_pools).toMatchObject([
        { full_path: '/Common/raw_pool', availability_status: 'unknown' },
        { full_path: '/Common/test.tianya.cn', active_member_count: 5, monitors: ['/Common/http'] },
        { full_path: '/Common/v6_pool', members: [{ address: '2001:db8::10' }] },
      ]);
      expect(command?.stdout).toEqual([expect.stringContaining('17.1.1')]);
      expect([first?.changed, second?.changed]).toEqual([true, false]);
      expect(sim.control.state()[0]).toMatchObject({ sync: 'In Sync' });
    },
    TIMEOUT_MS,
  );

  it(
    'fail on a simulator that is wrong: read-back, version, challenge',
    async () => {
      const sim = simAt(2);
      const wrongReadBack = await proxied(sim, {
        body: (body) => body.replaceAll('"session":"user-disabled"', '"session":"monitor-enabled"'),
      });
      const noVersion = await proxied(sim, {
        body: (body) => body.replaceAll(/\?ver=[\d.]+/g, ''),
      });
      // Without a token the client falls back to Basic, and for that it waits to be asked.
      const noToken = {
        url: (url: string) => url.replace('/authn/login', '/authn/no-login'),
      };
      const asked = await proxied(sim, noToken);
      const notAsked = await proxied(sim, { ...noToken, without: ['www-authenticate'] });
      const [readBack, version, basic, challenge] = await Promise.all([
        results(
          play('read-back', sim, wrongReadBack.port, [member('disabled'), member('disabled')]),
        ),
        results(play('version', sim, noVersion.port, [member('enabled', '192.168.100.43')])),
        results(play('basic', sim, asked.port, [member('enabled', '192.168.100.44')])),
        results(play('challenge', sim, notAsked.port, [member('enabled', '192.168.100.44')])),
      ]);
      expect(readBack.map(({ changed }) => changed)).toEqual([true, true]);
      expect(version[0]?.failed).toBe(true);
      expect(basic[0]).toMatchObject({ changed: false });
      expect(challenge[0]?.failed).toBe(true);
    },
    TIMEOUT_MS,
  );

  it(
    'never come to an end where $skip is not heard',
    async () => {
      const sim = simAt(3);
      const endless = await proxied(sim, { url: (url) => url.replace(/&\$skip=\d+/, '') });
      const started = play('skip', sim, endless.port, [
        ['bigip_device_info', { gather_subset: ['nodes'] }],
      ]);
      const skipping = () => endless.seen.filter((url) => url.includes('$skip=')).length;
      await expect.poll(skipping, { timeout: 60_000 }).toBeGreaterThan(20);
      expect(started.isOver()).toBe(false);
      started.kill();
      await started.ended;
    },
    TIMEOUT_MS,
  );
});
